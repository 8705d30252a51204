"""Parsed bars kept between readings, and frames kept between two passes."""
