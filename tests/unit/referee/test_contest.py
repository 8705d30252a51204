"""Several models beside the built-in network: the same rows, one page, and a test of the best of all."""

import json
import re
from pathlib import Path

import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from tests.support.bars import random_bar_frame

import tailproof
from tailproof.core.errors import ConfigError, RunFolderError
from tailproof.referee.contest import Contest, together
from tailproof.report import SILENT

FRAME = random_bar_frame(900, breaks=tuple(range(30, 900, 30)))


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    out = tmp_path_factory.mktemp("project") / "both"
    judged = tailproof.judge(
        FRAME,
        model=[Ridge(), Ridge(alpha=9.0), DummyRegressor()],
        out=out,
        reporter=SILENT,
        folds=2,
        placebos=1,
        baselines=False,
        features=("original",),
        epochs=1,
        members=1,
        engine="lanes",
        audit="off",
    )
    assert isinstance(judged, Contest)
    return judged


def test_each_has_a_run_on_the_same_rows_and_a_line_in_the_ledger(contest: Contest) -> None:
    assert list(contest.runs) == ["network", "Ridge", "Ridge-2", "DummyRegressor"]
    folder = contest.page.parent
    assert {path.name for path in folder.iterdir()} >= {"both-network", "both-Ridge-2", "both.html", "trials.jsonl"}
    rows = [run.forecasts.select("known_at", "target", "fold") for run in contest.runs.values()]
    assert all(each.equals(rows[0]) for each in rows)
    assert len((folder / "trials.jsonl").read_text().splitlines()) == 4
    assert contest.runs["network"].baselines.columns == ["known_at", "constant", "zero"]


def test_the_page_compares_all_and_says_what_the_best_of_them_is_worth(contest: Contest) -> None:
    page = contest.page.read_text()
    assert "4 runs compared" in page
    assert "picked after seeing them all (SPA, p = " in page
    assert contest.p_constant is not None
    assert contest.p_network is not None
    assert 0.0 <= contest.p_network <= 1.0
    assert repr(contest).startswith("Contest(runs=['network', 'Ridge'")
    assert len(str(contest).splitlines()) == 7


def test_a_finished_contest_is_resumed_to_the_same_figures_and_not_overwritten(contest: Contest) -> None:
    out = contest.page.parent / "both"
    options = json.loads((contest.page.parent / "both-network" / "training_config.json").read_text())["settings"]
    again = tailproof.judge(
        FRAME,
        model=[Ridge(), Ridge(alpha=9.0), DummyRegressor()],
        out=out,
        resume=True,
        reporter=SILENT,
        huber_delta=options["huber-delta"],
    )
    assert isinstance(again, Contest)
    assert (again.p_constant, again.p_network) == (contest.p_constant, contest.p_network)
    with pytest.raises(RunFolderError, match="both-network"):
        tailproof.judge(FRAME, model=[Ridge(), DummyRegressor()], out=out, reporter=SILENT)


@pytest.mark.parametrize(
    ("p_constant", "p_network", "words"),
    [
        (None, None, "too few sessions"),
        (0.01, 0.5, "surely beats the constant, picked .* does not surely beat the network"),
        (0.5, 0.01, "does not surely beat the constant.* surely beats the network"),
    ],
)
def test_the_sentences_follow_the_tests(p_constant: float | None, p_network: float | None, words: str) -> None:
    assert re.search(words, " ".join(together(p_constant, p_network)))


def test_an_empty_list_a_dict_and_a_warm_start_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="got an empty list"):
        tailproof.judge(FRAME, model=[], out=tmp_path / "run")
    with pytest.raises(ConfigError, match=r"a model or a list of models, got a dict\. Give its models as a list"):
        tailproof.judge(FRAME, model={"ridge": Ridge()}, out=tmp_path / "run")
    with pytest.raises(ConfigError, match="warm_start continues from a network's weights"):
        tailproof.judge(FRAME, model=[Ridge(), Ridge()], out=tmp_path / "run", warm_start=True)
