"""The platform that stands before all three systems: tokens, calls, envelopes, and what their words have in common."""
