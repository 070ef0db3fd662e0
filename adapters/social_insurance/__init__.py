"""Social insurance: JSON through the platform, under `/apiBHXH/`."""
