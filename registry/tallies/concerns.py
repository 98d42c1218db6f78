"""What is counted of institutions: figures, and concerns that an authority looks after.

Packages above say theirs when Django starts (`registry/cards/concerns.py`, `integrations/eis/
concerns.py`): the words, who sees it, where it leads, and the SQL that counts it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

from accounts.actors import Actor
from registry.institutions.models.institutions import Institution

CHECKED = "checked"  # institutions whose data were checked, now and a year ago
FINDING = "finding."  # before a rule's code
INDICATOR = "indicator."  # before an indicator's: children that break any of its rules
AGO = ":ago"  # the end of a figure's code as of the same day a year ago


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figure:
    """A size that is compared with the same day a year ago («Здобувачів»)."""

    code: str
    label: str
    url_name: str
    query: str = ""
    visible: Callable[[Actor], bool] = lambda actor: True


@dataclasses.dataclass(frozen=True, kw_only=True)
class Concern:
    """Something that is not as it should be in an institution.

    `things` are the forms of what is counted («учень, учні, учнів»); none where it is the
    institution itself. `at` is where the institution's own part is mended or seen; '' leads to its
    card.
    """

    code: str
    title: str
    text: str
    weight: Literal["bad", "heed"]
    things: tuple[str, str, str] | None = None
    group: str = ""
    visible: Callable[[Actor], bool] = lambda actor: True
    at: Callable[[Actor, Institution], str] = lambda actor, institution: ""


figures: dict[str, Figure] = {}
concerns: dict[str, Concern] = {}
# SQL by name: rows (institution_id, code, n) of the institutions %(ids)s as of %(today)s. Of those
# in `PAST`, as of %(ago)s.
relations: dict[str, str] = {}
past: dict[str, str] = {}


def count(name: str, relation: str, *, ago: str = "") -> None:
    """Say how something is counted now and, where periods tell, a year ago."""
    relations[name] = relation
    if ago:
        past[name] = ago


def show(*those: Figure | Concern) -> None:
    """Say what of the counted is shown, in this order."""
    for one in those:
        if isinstance(one, Figure):
            figures[one.code] = one
        else:
            concerns[one.code] = one
