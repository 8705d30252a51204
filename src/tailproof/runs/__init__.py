"""The life of a run: its folder, its log, what it keeps while it trains."""
