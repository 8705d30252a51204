"""The command line: argv → one call into the pipeline."""

from tailproof.cli.main import main

__all__ = ["main"]
