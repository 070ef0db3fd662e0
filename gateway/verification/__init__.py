"""Verification: the population system is asked who a person is, after acceptance, so that it blocks nobody."""
