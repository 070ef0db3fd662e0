"""What runs, measures and watches the house from outside. Nothing in the house imports it."""
