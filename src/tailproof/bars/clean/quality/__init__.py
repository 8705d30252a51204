"""Checks of bars that are each possible but together suspicious: warnings, never a reason to change a row."""
