"""Speed and memory, measured side by side in one run; start with ``run.py``."""
