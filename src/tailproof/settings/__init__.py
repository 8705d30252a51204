"""The settings of a run, in sections."""
