"""The original project's training command, word for word; the work is done by ``tailproof.pipeline``.

PYTHONPATH=. python src/ml/train_robust.py --data DATA/MERGED/merged_es_vix_test.csv --output_dir TRAINING_ROBUST \
  --epochs 3 --batch_size 16 --learning_rate 1e-4 --hidden_dims 16 8 --dropout_rate 0.1 --verbose

It keeps the original's five features, its LayerNorm on the inputs and its 80/20 split by time, in which the best epoch
is chosen on the very rows that are reported; ``tailproof train`` keeps a test part that nothing is chosen on.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Train as the original did; exit code 2 for what the user can fix, 1 for training that was stopped."""
    options = _parser().parse_args(arguments)
    from tailproof.engines.distributed.torchrun_rank import rank

    if rank() > 0:  # of several processes of torchrun the first runs the command, and the others train for it
        from tailproof.engines.distributed.torchrun import serve

        serve()
        return 0
    from tailproof import pipeline
    from tailproof.core.errors import InputError, TailproofError
    from tailproof.engines.distributed import open_workers
    from tailproof.settings.train_settings import load_settings

    values = {
        "features": ("original",),
        "split": "holdout",
        "placebos": 0,
        "baselines": False,
        "train_fraction": 0.8,
        "validation_fraction": 0.2,
        "input_norm": "layer",
        "embedding": "none",
        "linear_path": False,
        "interactions": False,
        "shrink": False,
        "schedule": "constant",
        "warmup_steps": 1000,
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "hidden_dims": tuple(options.hidden_dims),
        "dropout_rate": options.dropout_rate,
        "verbose": options.verbose,
        "seed": options.seed,
        "members": 1,
        "engine": options.engine,
        "device": options.device,
    }
    try:
        settings = load_settings(overrides=values)
        _keep_earlier_run(options.output_dir)
        # What may still be replaced is a run that was stopped: the command begins anew, as it always did.
        with open_workers(ray=None, threads=settings.running.threads) as workers:
            pipeline.train(
                options.data,
                settings=settings,
                out=options.output_dir,
                vix=options.vix,
                overwrite=True,
                workers=workers,
            )
    except TailproofError as error:
        print(f"train_robust: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Train RobustFinancialNet as the original project did.")
    parser.add_argument("--data", type=Path, required=True, help="CSV or Parquet file of bars")
    parser.add_argument("--output_dir", type=Path, default=Path("TRAINING_ROBUST"), help="run folder")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--learning_rate", type=float, default=1e-4)
    parser.add_argument("--hidden_dims", type=int, nargs="+", default=[16, 8])
    parser.add_argument("--dropout_rate", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=["auto", "lanes", "torch"], default="lanes")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--vix", type=Path, default=None, help="VIX closes to merge")
    parser.add_argument("--verbose", action="store_true", help="one line every 1000 steps")
    return parser


def _keep_earlier_run(folder: Path) -> None:
    """Move a finished run in ``folder`` aside, so that the same command can be given again and nothing is
    overwritten."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return
    ended = datetime.fromtimestamp(manifest.stat().st_mtime, UTC)
    aside = folder.with_name(f"{folder.name}_{ended:%Y%m%d_%H%M%S}")
    folder.rename(aside)
    print(f"The earlier run in {folder} was moved to {aside}")


def _enter_environment() -> None:
    """Start again under the project's .venv where this Python has no tailproof but .venv has been made.

    The original command names ``python``, which outside an activated environment is the system's.
    """
    python = ROOT / ".venv" / "bin" / "python"
    if python.exists() and Path(sys.prefix) != ROOT / ".venv":
        os.execv(python, [str(python), *sys.argv])
    sys.exit("train_robust: tailproof is not installed in this Python. Run 'make setup', or 'pip install .'.")


if __name__ == "__main__":
    try:
        import tailproof  # noqa: F401
    except ModuleNotFoundError:
        _enter_environment()
    sys.exit(main())
