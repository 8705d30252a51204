"""Other series beside the bars, each value from when it was known."""
