"""The signed rows of movements within an institution."""

from __future__ import annotations

import msgspec

from registry.movements.targets import ClassOf
from registry.process import SignedRow


class PlacedRow(SignedRow, frozen=True, kw_only=True, tag="registry.placed/1"):
    """One child: from which class and form of education, to which, and what shows it."""

    from_class: str
    from_form: str
    class_: ClassOf = msgspec.field(name="class")
    form: str
    document: str = ""


class MoveRow(PlacedRow, frozen=True, kw_only=True, tag="registry.move/1"):
    """To another class of the parallel."""


class PromoteRow(PlacedRow, frozen=True, kw_only=True, tag="registry.promote/1"):
    """To the next grade."""


class RepeatRow(PlacedRow, frozen=True, kw_only=True, tag="registry.repeat/1"):
    """The same grade once more."""


class IndividualRow(PlacedRow, frozen=True, kw_only=True, tag="registry.individual/1"):
    """To an individual form of education."""


class InstitutionalRow(PlacedRow, frozen=True, kw_only=True, tag="registry.institutional/1"):
    """Back from an individual form of education."""
