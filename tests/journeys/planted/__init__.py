"""Faults planted on purpose, to see that the torture run finds them."""
