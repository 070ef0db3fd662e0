"""Propagation: every target comes to hold the view of each record as it stands, whatever stood still in between."""
