"""What a user may say about a run, in sections."""
