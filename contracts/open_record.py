"""The record as events carry it: what identifies a person is left out (it travels sealed), the rest is in clear."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, create_model

from contracts.worker import GROUP_MODELS, IDENTIFYING, Address, GroupName

_OPEN: Final = ConfigDict(extra="ignore", frozen=True)


def open_groups() -> type[BaseModel]:
    """A model with one optional member per group; readers ignore members that they do not know."""
    groups: dict[str, Any] = {name: (_open_group(name, model) | None, None) for name, model in GROUP_MODELS.items()}
    return _model("OpenGroups", "The groups of the record. An absent group, or field, was not asked.", groups)


def _open_group(name: GroupName, model: type[BaseModel]) -> type[BaseModel]:
    secret = IDENTIFYING.get(name, frozenset())
    place = _open_address() if name == "residence" else Address
    fields: dict[str, Any] = {
        field: ((place | None) if info.annotation == Address | None else info.annotation, info)
        for field, info in model.model_fields.items()
        if field not in secret
    }
    return _model(model.__name__, model.__doc__ or "", fields)


def _open_address() -> type[BaseModel]:
    """An address without the house: that is sealed, as `contracts.worker.split_group` does it."""
    fields = {name: (info.annotation, info) for name, info in Address.model_fields.items() if name != "detail"}
    return _model("Area", "A commune, with the date on which its code was valid. House and hamlet are sealed.", fields)


def _model(name: str, doc: str, fields: dict[str, Any]) -> type[BaseModel]:
    made: type[BaseModel] = create_model(name, __config__=_OPEN, __doc__=doc, **fields)
    return made
