"""Speed and size, as ratios taken in one run (`make bench`; docs/performance.md)."""
