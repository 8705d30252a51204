from __future__ import annotations

import subprocess
import sys

import pytest
from tests.support.lanes_jobs import SUPPORTED, make_job

from tailproof.core.errors import ConfigError
from tailproof.engines.lanes import Population, instruction_sets


def test_the_best_supported_set_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAILPROOF_ISA", raising=False)
    assert [each.name for each in instruction_sets() if each.chosen] == [SUPPORTED[-1]]


@pytest.mark.parametrize("name", SUPPORTED)
def test_the_variable_forces_a_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", name)
    assert [each.name for each in instruction_sets() if each.chosen] == [name]
    assert Population(make_job()).instruction_set == name


def test_an_unknown_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", "mmx")
    with pytest.raises(ConfigError, match=r"TAILPROOF_ISA must be one of .* got mmx"):
        instruction_sets()


def test_importing_the_engine_does_not_import_torch() -> None:
    code = "import sys, tailproof.engines.lanes, tailproof.models.lower; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
