"""Records ↔ disk: the run folder, its manifest, its ledger, atomic writes, arrays in mapped files."""

from tailproof.storage.environment import describe_environment
from tailproof.storage.manifest import verify
from tailproof.storage.run_folder import RunFolder, refuse_taken, stopped_run

__all__ = ["RunFolder", "describe_environment", "refuse_taken", "stopped_run", "verify"]
