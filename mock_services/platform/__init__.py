"""The LGSP platform, simulated: tokens and shared categories."""
