"""Real services on a bare machine, started from wheels, without an installed server and without Docker."""
