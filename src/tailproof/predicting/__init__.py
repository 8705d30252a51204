"""Stage 10, run folder and new bars → forecasts."""
