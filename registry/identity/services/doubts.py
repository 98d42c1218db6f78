"""Possible duplicates as people see and decide them: two profiles, what speaks for one child, who
looks into it, what was decided.

Who sees what (handbook B.2): an authority above both children sees both and decides; so does a school
of which both are. Whoever reaches one child alone sees that one, and that another profile exists, but
never whose it is, where it learns or in what the two agree: `of_pair` is the one projection. What such
a school says goes to the authority; it settles nothing.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from registry.identity import alike, policies
from registry.identity.children import CHILDREN
from registry.identity.errors import DoubtSettled, LooksIntoNoDoubts
from registry.identity.events import DoubtSaid, DoubtSettledAs, DoubtTaken
from registry.identity.kind import Kind
from registry.identity.models import PossibleColleague, PossibleDuplicate
from registry.identity.staff import STAFF
from registry.identity.states import PAIR_TRANSITIONS

Pair = PossibleDuplicate | PossibleColleague
PAGE = 50
OPEN = ("NEW", "LOOKED")
_LONGEST = 500
# Why a child being entered is another one than the register has: what a school may answer.
REASONS = {
    "CHECKED": "звірено з документами: дитина інша",
    "TWINS": "близнюки",
    "NAMESAKES": "тезки: однакові імʼя і дата народження",
}
_FEW = "doubts within one reach: tens, counted for the filters anyhow"
ORDERS = {
    # Ids grow with time. Never by a name: the order would tell of a child out of reach.
    "found": Order(("id",), "registry_possibleduplicate_pkey"),
    "state": Order(("state", "id"), _FEW),
}
LATEST = "-found"
# Authorities that work without names see here only what they decide about (policies.MERGES).
_BOTH = ("oblast", "raion")


def within(actor: Actor, kind: Kind = CHILDREN) -> QuerySet[Any]:
    """Doubts within reach: of both, or of one; a profile that was merged away is not asked
    about until it stands again."""
    lookup = kind.doubts.SCOPE.get(actor.scope.level)
    if lookup is None:
        return kind.doubts.objects.none()  # type: ignore[no-any-return]
    one = Q(**{f"{lookup}__in": actor.scope.keys})
    other = Q(**{f"other_{lookup}__in": actor.scope.keys})
    rows: QuerySet[Any] = kind.doubts.objects.filter(
        one & other if actor.scope.level in _BOTH else one | other
    )
    return rows.filter(Q(state="SAME") | Q(one__merged_into=None, other__merged_into=None))


@dataclasses.dataclass(frozen=True)
class Doubt:
    """One doubt as its reader may see it. `one` and `other` are None where out of reach, `evidence`
    is empty unless both are seen; `may_decide`, `may_merge`, `may_say` are the reader's."""

    pair: Pair
    one: Any
    other: Any
    evidence: tuple[str, ...]
    may_decide: bool
    may_merge: bool
    may_say: bool

    @property
    def seen(self) -> list[Any]:
        """Those shown by name, the reader's own first."""
        return [child for child in (self.one, self.other) if child is not None]


def of_pair(actor: Actor, pair: Pair, kind: Kind = CHILDREN) -> Doubt:
    """The projection of a doubt for one reader; `pair` with both profiles and institutions."""
    sides = (pair.institution, pair.other_institution)
    may_merge = all(policies.merge.allows(actor, side) for side in sides)
    sees = [may_merge or kind.see.allows(actor, side) for side in sides]
    both = all(sees)
    keeps = [kind.say.allows(actor, side) for side in sides]
    return Doubt(
        pair,
        pair.one if sees[0] else None,
        pair.other if sees[1] else None,
        tuple(alike.WORDS[code] for code in pair.evidence) if both else (),
        may_decide=may_merge or all(keeps),
        may_merge=may_merge,
        may_say=any(keeps) and not all(keeps),
    )


def _whole(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("one", "other", "institution__unit", "other_institution__unit")


def listing(
    actor: Actor,
    state: str,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "можливі дублікати",
    kind: Kind = CHILDREN,
) -> Page[Doubt]:
    """A page of doubts, the latest found first unless told otherwise; `state` '' is all of them. The
    look at the children shown is noted.

    Raises:
        NotAllowed: the actor's role looks after no children by name.
    """
    kind.looks_into.require(actor)
    rows = _whole(within(actor, kind))
    if state:
        rows = rows.filter(state=state)
    rows, fields = ordered(rows, ORDERS, order, LATEST)
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    shown = [of_pair(actor, pair, kind) for pair in page.rows]
    ids = {child.pk for doubt in shown for child in doubt.seen}
    kind.looked(actor, ids, what)
    return dataclasses.replace(page, rows=shown)


def counts(actor: Actor, kind: Kind = CHILDREN) -> dict[str, int]:
    """How many doubts within reach are in each state."""
    return dict(within(actor, kind).order_by().values_list("state").annotate(Count("pk")))


_NEW = Kept[PossibleDuplicate](lambda actor: within(actor).filter(state="NEW"))
_NEW_OF_STAFF = Kept[PossibleColleague](lambda actor: within(actor, STAFF).filter(state="NEW"))


def waiting(actor: Actor, kind: Kind = CHILDREN) -> int:
    """How many doubts within reach nobody looks into yet."""
    new = _NEW if kind is CHILDREN else _NEW_OF_STAFF
    return new.count(actor) if kind.looks_into.allows(actor) else 0


def find(actor: Actor, pair_id: Any, kind: Kind = CHILDREN) -> Doubt:
    """One doubt; the look at those shown is noted.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor's role looks after no children by name.
    """
    kind.looks_into.require(actor)
    pair = (
        _whole(within(actor, kind))
        .select_related("said_by__user", "taken_by__user", "taken_by__unit", "decided_by__user")
        .select_related("said_by__unit", "decided_by__unit", "merge")
        .find(pk=pair_id)  # type: ignore[attr-defined]
    )
    doubt = of_pair(actor, pair, kind)
    kind.looked(actor, [one.pk for one in doubt.seen], "можливі дублікати")
    return doubt


def told_apart(pairs: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> set[frozenset[uuid.UUID]]:
    """Those of the pairs that people have said to be two children."""
    wanted = {frozenset(pair) for pair in pairs}
    ids = {child for pair in wanted for child in pair}
    known = PossibleDuplicate.objects.filter(state="DIFFERENT", one__in=ids, other__in=ids)
    return {frozenset(pair) for pair in known.values_list("one_id", "other_id")} & wanted


# ── deciding ─────────────────────────────────────────────────────────────────
def _held(kind: Kind, actor: Actor, pair_id: Any) -> Doubt:
    kind.looks_into.require(actor)
    rows = _whole(within(actor, kind)).select_for_update(of=("self",), no_key=True)
    return of_pair(actor, rows.find(pk=pair_id), kind)  # type: ignore[attr-defined]


def _decided_by_reader(doubt: Doubt) -> None:
    if not doubt.may_decide:
        raise LooksIntoNoDoubts


def _step(pair: Pair, step: str) -> str:
    to = PAIR_TRANSITIONS[pair.state].get(step)
    if to is None:
        raise DoubtSettled
    return to


@command
def take_up(*, actor: Actor, pair_id: Any, moment: Moment, kind: Kind = CHILDREN) -> Pair:
    """Say that one looks into a doubt: from then on it is asked of nobody else; another may take over.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both children.
        DoubtSettled: the two are one child already.
    """
    doubt = _held(kind, actor, pair_id)
    _decided_by_reader(doubt)
    pair = doubt.pair
    pair.state = _step(pair, "take")
    pair.taken_by_id, pair.taken_at = grant_of(actor), moment.now
    pair.decided_by = pair.decided_at = pair.merge = None
    pair.reason = ""
    pair.save(
        update_fields=[
            "state",
            "taken_by",
            "taken_at",
            "decided_by",
            "decided_at",
            "merge",
            "reason",
        ]
    )
    audit.record(DoubtTaken(subject=str(pair.pk), unit=pair.institution_id))
    return pair


@command
def differ(
    *, actor: Actor, pair_id: Any, reason: str, moment: Moment, kind: Kind = CHILDREN
) -> Pair:
    """Say why the two are two. Whoever decides about both settles it, and the night asks no
    more; a school that reaches one of them says it to the authority.

    Raises:
        NotFound, NotAllowed: the actor keeps neither child and decides about neither.
        DoubtSettled: the two are one child already, or were told apart.
        Invalid: no reason.
    """
    doubt = _held(kind, actor, pair_id)
    reason = storable(reason)
    if not reason:
        raise Invalid([Problem("reason", "required", f"Напишіть, чому це {kind.words.differ}.")])
    if len(reason) > _LONGEST:
        raise Invalid([Problem("reason", "too_long", f"До {_LONGEST} знаків.")])
    pair = doubt.pair
    if doubt.may_say and not doubt.may_decide:
        _step(pair, "differ")
        pair.said, pair.said_by_id = reason, grant_of(actor)
        pair.save(update_fields=["said", "said_by"])
        audit.record(DoubtSaid(subject=str(pair.pk), unit=pair.institution_id))
        return pair
    _decided_by_reader(doubt)
    pair.state = _step(pair, "differ")
    pair.decided_by_id, pair.decided_at, pair.reason = grant_of(actor), moment.now, reason
    pair.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    audit.record(DoubtSettledAs(subject=str(pair.pk), unit=pair.institution_id, state=pair.state))
    return pair


@part_of_command
def settled(kind: Kind, merge: Any, state: str, actor: Actor, moment: Moment, reason: str) -> None:
    """What was decided about a merge is what is known of the doubt about the two."""
    pair = sorted((merge.retained_id, merge.merged_id))
    kind.doubts.objects.filter(one=pair[0], other=pair[1]).update(
        state=state,
        merge=merge,
        decided_by=grant_of(actor),
        decided_at=moment.now,
        reason=reason,
    )


_ENTERED = """
INSERT INTO registry_possibleduplicate AS d (one_id, other_id, institution_id, other_institution_id,
    points, evidence, found_at, state, said, said_by_id, reason, decided_by_id, decided_at)
SELECT least(x.child, x.twin), greatest(x.child, x.twin),
    CASE WHEN x.child < x.twin THEN %(here)s ELSE t.place END,
    CASE WHEN x.child < x.twin THEN t.place ELSE %(here)s END,
    0, '{}', %(now)s, CASE WHEN t.mine THEN 'DIFFERENT' ELSE 'NEW' END,
    x.reason, %(grant)s, CASE WHEN t.mine THEN x.reason ELSE '' END,
    CASE WHEN t.mine THEN %(grant)s END, CASE WHEN t.mine THEN %(now)s END
FROM unnest(%(children)s::uuid[], %(twins)s::uuid[], %(reasons)s::text[]) AS x(child, twin, reason)
JOIN LATERAL (
    SELECT coalesce(p.institution_id, max(e.institution_id)) AS place,
           bool_or(e.institution_id = %(here)s) AS mine
    FROM registry_pupil p JOIN registry_enrolment e ON e.pupil_id = p.id AND e.kind = 'MAIN'
    WHERE p.id = x.twin AND p.merged_into_id IS NULL
    GROUP BY p.institution_id
) t ON t.place IS NOT NULL
ON CONFLICT (one_id, other_id) DO UPDATE SET said = excluded.said, said_by_id = excluded.said_by_id
WHERE d.state IN ('NEW', 'LOOKED')
"""


@part_of_command
def entered(
    said: Iterable[tuple[uuid.UUID, uuid.UUID, str]],
    *,
    institution_id: int,
    grant_id: int,
    now: datetime.datetime,
) -> None:
    """Remember what a school answered when it entered a child beside another profile: child, profile,
    code of `REASONS`. Where the school knew both it settles the doubt; of a child elsewhere it is a
    word to the authority."""
    rows = sorted((child, twin, REASONS.get(why, REASONS["CHECKED"])) for child, twin, why in said)
    if not rows:
        return
    children, twins, reasons = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTERED,
            {
                "here": institution_id,
                "now": now,
                "grant": grant_id,
                "children": children,
                "twins": twins,
                "reasons": reasons,
            },
        )
