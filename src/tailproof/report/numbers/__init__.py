"""What a run stored, as arrays, and fewer points of it to draw."""
