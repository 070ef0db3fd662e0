"""The two form versions: what they ask, whether a payload is built like them, and how they map to the record."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from contracts.entry import FormName
from contracts.forms import nd318, tt11_mau03
from contracts.forms.projection import Question, to_nd318
from contracts.forms.schemas import example, schema
from contracts.forms.shape import ShapeFault, check
from contracts.forms.specification import FORMS, Condition, FieldSpec, FormSpec, spec
from contracts.worker import Groups

_Reader: TypeAlias = Callable[[Mapping[str, object], str], Groups]
_READERS: Final[Mapping[FormName, _Reader]] = {"tt11_mau03": tt11_mau03.to_groups, "nd318": nd318.to_groups}

__all__ = [
    "FORMS",
    "Condition",
    "FieldSpec",
    "FormSpec",
    "Question",
    "ShapeFault",
    "check",
    "example",
    "schema",
    "spec",
    "to_groups",
    "to_nd318",
]


def to_groups(form: FormName, fields: Mapping[str, object], declared_on: str) -> Groups:
    """What a payload says of a person, in the record's groups. Asked but empty = None; not asked = absent.

    Pure and tolerant: whatever passed `check` can be mapped, and values that make no sense stay as given.
    """
    return _READERS[form](fields, declared_on)
