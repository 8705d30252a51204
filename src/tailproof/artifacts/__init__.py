"""Stage 8, records ↔ disk: the run folder, its manifest, its log."""

from tailproof.artifacts.environment import describe_environment
from tailproof.artifacts.journal import Journal
from tailproof.artifacts.run_folder import RunFolder, amend, refuse_taken, verify, was_stopped

__all__ = ["Journal", "RunFolder", "amend", "describe_environment", "refuse_taken", "verify", "was_stopped"]
