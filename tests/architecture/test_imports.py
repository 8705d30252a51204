import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "module", ["tailproof", "tailproof.cli", "tailproof.bars", "tailproof.features", "tailproof.evaluation"]
)
def test_importing_does_not_import_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_import_contract_is_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_layers_contract_lists_every_stage() -> None:
    contracts = (ROOT / ".importlinter").read_text()
    stages = [path.name for path in (ROOT / "src/tailproof").iterdir() if (path / "__init__.py").is_file()]
    assert [stage for stage in stages if f"tailproof.{stage}" not in contracts] == []


def test_a_report_made_again_waits_for_nothing_that_only_training_needs() -> None:
    heavy = ["torch", "scipy.stats", "lightgbm", "arch", "plotly", "pandas", "pyarrow"]
    code = (
        "import sys, tailproof.report.reporting, tailproof.report.compare_page, tailproof.report.run_page, "
        "tailproof.report.run_markdown, tailproof.runs.compare_runs; "
        f"sys.exit(', '.join(name for name in {heavy} if name in sys.modules) or None)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_pipeline_waits_for_no_import_that_the_original_command_has_no_use_for() -> None:
    heavy = ["torch", "scipy.stats", "lightgbm", "arch", "plotly", "pandas"]
    code = (
        f"import sys, tailproof.pipeline; sys.exit(', '.join(name for name in {heavy} if name in sys.modules) or None)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
