"""The house: doors translate, rooms decide, the store remembers, the stream carries, adapters speak."""
