"""Capture, a door: asks the other systems what changed there, and hands it to intake like any other door."""
