"""Callers: who they are, how they prove it, and who decides what they may."""
