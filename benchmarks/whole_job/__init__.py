"""From a CSV file to a finished run folder, as a process of its own."""
