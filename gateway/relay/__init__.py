"""The relay: pending events to the stream, in order per worker, and then a position for each: the order readers see."""
