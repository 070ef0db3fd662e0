"""All rules, by what they look at. Importing this package registers them; their texts are `rules.toml`."""

from gateway.quality.rules import birth, identity

__all__ = ["birth", "identity"]
