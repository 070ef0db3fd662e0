"""Audit rows into the chain, one process at a time, and signatures over it."""
