"""Synthetic people of the province: person i of a seed can be made without the others."""
