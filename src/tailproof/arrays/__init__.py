"""Long arrays in mapped files: the lowest room, which the records stand on."""
