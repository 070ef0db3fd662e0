"""Submitting a file: rows in order, several requests under way, a journal that an interruption cannot spoil."""
