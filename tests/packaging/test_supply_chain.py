"""The lock file names every package with its hashes, and what is said of them is what was found."""

import json
import re
import runpy
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements-dev.lock").read_text()
AUDIT = runpy.run_path(str(ROOT / "packaging" / "audit.py"))
SBOM = runpy.run_path(str(ROOT / "packaging" / "sbom.py"))


def _locked() -> dict[str, int]:
    """The number of hashes of each package."""
    entries = re.split(r"(?m)^(?=[a-z0-9])", LOCK)[1:]
    return {re.match(r"[a-z0-9-]+(?===)", entry)[0]: entry.count("--hash=sha256:") for entry in entries}


def test_every_package_of_the_lock_has_a_hash() -> None:
    assert min(_locked().values()) >= 1


def test_the_lock_has_every_package_that_is_asked_for_but_torch() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *extras["dev"], *extras["calendars"], *extras["onnx"], *extras["mlflow"]]
    names = {SBOM["normal"](each) for each in requirements} - {"tailproof"}
    assert names - set(_locked()) == set()
    assert "torch" not in _locked()


def test_setup_installs_the_lock_with_its_hashes() -> None:
    assert "--require-hashes --requirement requirements-dev.lock" in (ROOT / "Makefile").read_text()


PACKAGE = {"name": "a", "version": "1", "vulns": []}
BROKEN = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
SKIPPED = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "printed"),
    [
        ([PACKAGE], 0, "1 packages audited, 0 known"),
        ([PACKAGE, BROKEN], 1, "b 2: CVE-1, fixed in 3"),
        ([SKIPPED], 3, "Nothing was audited"),
        ([PACKAGE, SKIPPED], 3, "Not audited, since the index does not answer for them: c."),
        ([BROKEN, SKIPPED], 1, "CVE-1"),
    ],
)
def test_an_audit_that_could_not_ask_is_no_clean_one(
    packages: list[dict], code: int, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert AUDIT["judged"](packages) == code
    assert printed in capsys.readouterr().out


def test_the_bill_lists_every_package_once_and_refers_to_none_that_it_lacks() -> None:
    bill = json.loads(json.dumps(SBOM["bill"](list(distributions()))))
    references = [component["bom-ref"] for component in [*bill["components"], bill["metadata"]["component"]]]
    assert len(references) == len(set(references))
    assert {"pkg:pypi/numpy", "pkg:pypi/tailproof"} <= {reference.split("@")[0] for reference in references}
    needed = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert set(needed) == set(references)
    assert set().union(*needed.values()) <= set(references)
    own = next(depends for reference, depends in needed.items() if reference.startswith("pkg:pypi/tailproof@"))
    assert any(reference.startswith("pkg:pypi/numpy@") for reference in own)
