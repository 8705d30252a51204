"""The lanes engine against itself: what its time depends on. Each file prints one line of JSON."""
