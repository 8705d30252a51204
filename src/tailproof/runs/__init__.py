"""The life of a run: its folder, its log, and its checkpoints."""
