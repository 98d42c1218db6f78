"""What a merge is of: children, or members of staff. One mechanism (`registry.identity.merge`), and what
differs is said here, in one object a kind (`children.CHILDREN`, `staff.STAFF`).

`Kind.plan` speaks of every relation to the model; a relation nobody has thought of stops the merge
(tests/registry/identity/test_plan.py lists them, and the command asks the database itself).
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model

from accounts.actors import Actor
from kernel.audit.events import Event
from kernel.policy import Policy

Say = Callable[[str, str], None]  # (code, detail): one more reason why not


@dataclasses.dataclass(frozen=True, kw_only=True)
class Keep:
    """The rows stay with the merged profile; `why` says the reason."""

    why: str
    words: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Move:
    """The rows go to the retained profile.

    `only`: which of them, SQL over the row `r`; the others stay. `also`: columns set on the way,
    SQL over `r`. `loose`: rows that people may change or delete meanwhile; what is left of them
    goes back when the merge is undone, and nothing is refused because of the others. `says`: what a
    row is called when it stands in the way back, SQL over `r`.
    """

    words: str
    says: str = "''"
    only: str = "TRUE"
    also: Mapping[str, str] = dataclasses.field(default_factory=dict)
    loose: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Union(Move):
    """The rows go, unless the retained profile has one alike: SQL over the two rows `r` and `k`."""

    alike: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Events:
    """What happens to the one merged, and to the one retained."""

    asked: type[Event]
    rejected: type[Event]
    merged: type[Event]
    took_over: type[Event]
    undo_asked: type[Event]
    undo_refused: type[Event]
    undone: type[Event]
    gave_back: type[Event]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Words:
    """How people of this kind are spoken of."""

    service: str  # «Обʼєднання профілів дитини»
    one: str  # «одна дитина»
    same: str  # «та сама дитина»
    differ: str  # «різні діти»
    person: str  # «дитина»: the heading of a column
    now: str  # «за яким дитина навчається зараз»
    as_when: str  # an example of why two are two
    named_by: str  # by what one is named when a merge is asked for
    alike: str  # «Два профілі, можливо, однієї дитини»
    queue: str  # «Можливі дублікати»
    whose: str  # «дитини»
    of_same: str  # «цієї самої дитини»


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of what is merged.

    SQL speaks of `r`, the row of the retained or of a relation, and `m`, the merged one;
    `%(retained)s`, `%(merged)s`, `%(today)s` are given everywhere.
    """

    address: str  # what names of its addresses begin with: '' and «staff_»
    model: type[Model]
    merges: Any  # the models of merges, of doubts, of what the night is to compare
    doubts: Any
    due: Any
    due_column: str
    plan: Mapping[str, Move | Keep]
    # Exact numbers by their names: two that differ are not one. `rules` are what the database keeps.
    numbers: Mapping[str, str]
    rules: tuple[str, ...]
    chain: str
    asked_once: str
    # Numbers that two profiles of one may have different, and that nobody else may have.
    also_unique: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # What of the profile itself the retained one takes: SQL of the new value; the words of it.
    takes: Mapping[str, str]
    taken: Mapping[str, str]
    closed: str  # what else is written to the merged profile, and how it is taken back
    opened: str
    holds: Sequence[str]  # statements over `%(ids)s`, in the order everybody takes their locks in
    # Keys of periods of the retained one; those begun since the merge, and the words for one.
    periods: str
    since: str
    begun_since: str
    waiting: str  # orders that name one and wait for a signature: number, institution
    why_closed: Callable[[Any], str]
    against: Callable[[Any, Mapping[str, Any], Say], None]
    place: str  # SQL: the institution through which `p` is reached
    standing: str  # SQL: pairs alike of `%(own)s` (registry.identity.alike, colleagues)
    reached: Callable[[Actor, Any], tuple[Any, Any]]
    looked: Callable[[Actor, Iterable[uuid.UUID], str], None]
    looks_into: Policy  # whether an actor sees doubts about such at all
    see: Policy  # one of an institution, by name
    say: Policy  # of one of an institution, why another is not the same
    events: Events
    words: Words

    def url(self, name: str) -> str:
        """The name of one of its addresses."""
        return f"{self.address}{name}"
