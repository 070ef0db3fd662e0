"""The tongues: one folder per external system, each speaking that system's words."""
