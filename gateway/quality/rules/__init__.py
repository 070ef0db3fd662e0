"""All rules, by what they look at. Importing this package registers them; their texts are `rules.toml`."""

from gateway.quality.rules import (
    addresses,
    birth,
    codes,
    completeness,
    contract,
    education,
    identity,
    insurance,
    situation,
    special,
    text,
    timeliness,
)

__all__ = [
    "addresses",
    "birth",
    "codes",
    "completeness",
    "contract",
    "education",
    "identity",
    "insurance",
    "situation",
    "special",
    "text",
    "timeliness",
]
