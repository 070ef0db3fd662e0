"""Journeys: one story each through the doors, with everything real and in processes of its own."""
