"""Pure NumPy statistics that the stages and the report share."""
