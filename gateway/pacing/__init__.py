"""How fast to ask another system again: pure arithmetic over time that is passed in; and resting between two looks."""
