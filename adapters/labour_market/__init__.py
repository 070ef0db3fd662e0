"""Labour supply and demand: JSON through the platform, under `/cungcau/v1/`."""
