"""Bytes of a file → typed chunks: what each cell means, and nothing judged yet."""
