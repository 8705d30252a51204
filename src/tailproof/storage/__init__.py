"""Records ↔ disk: the run folder, its manifest, its ledger, atomic writes, arrays in mapped files."""

from tailproof.storage.environment import describe_environment
from tailproof.storage.run_folder import RunFolder, amend, refuse_taken, verify, was_stopped

__all__ = ["RunFolder", "amend", "describe_environment", "refuse_taken", "verify", "was_stopped"]
