"""The lines before a run trains."""

from __future__ import annotations

from tailproof.core.surface import speaking_of_options
from tailproof.models.spec import robust_financial_net
from tailproof.report.summary import model_summary, rows_lost_warning
from tailproof.settings.train_settings import TrainSettings

UNKNOWN, UNLABELLED = "a feature not yet known", "no label inside the segment"


def test_more_than_a_tenth_of_the_rows_lost_is_a_warning_that_names_the_settings() -> None:
    assert not rows_lost_warning({UNKNOWN: 900, UNLABELLED: 100}, bars=10_000, segments=40)
    (line,) = rows_lost_warning({UNKNOWN: 901, UNLABELLED: 100}, bars=10_000, segments=40)
    assert line.startswith("  Warning: 1,001 of 10,000 bars (10%) give no row, most for this reason: a feature not")
    assert "let the 40 segments run on over breaks with session_gap, or take features" in line
    with speaking_of_options():
        (line,) = rows_lost_warning({UNKNOWN: 901, UNLABELLED: 100}, bars=10_000, segments=40)
    assert "with --session-gap, or take features with a shorter look-back with --features." in line


def test_one_segment_is_not_made_longer_by_a_gap() -> None:
    (line,) = rows_lost_warning({UNKNOWN: 60}, bars=100, segments=1)
    assert "session_gap" not in line
    assert "features" in line


def test_interactions_are_named_in_the_details() -> None:
    settings = TrainSettings()
    spec = robust_financial_net(inputs=2, hidden_dims=(4,), dropout_rate=0.1)

    def lines(**more: str) -> list[str]:
        summary = model_summary(spec, settings.optimisation, settings.population, warmup_steps=10, **more)
        return [line.text for line in summary if line.role == "detail"]

    assert "  Interactions of squashed inputs, in the window shipped: +0.5 return × volume" in lines(
        interactions="+0.5 return × volume"
    )
    assert not any("Interactions" in line for line in lines())
