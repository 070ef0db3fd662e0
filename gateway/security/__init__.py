"""Keys, sealing and keyed look-up, under every room; no room is called from here."""
