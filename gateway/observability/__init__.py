"""Logs under every room; no room is called from here."""
