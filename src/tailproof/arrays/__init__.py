"""Long arrays in mapped files: the lowest layer, on which the records rest."""
