"""Reading merges: what was asked, the two profiles side by side, what would go where."""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Collate

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.errors import Invalid, NotFound, Problem
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import clean
from registry.enrolments.models import Enrolment
from registry.fields import documents
from registry.identity import merge as mechanism
from registry.identity import policies
from registry.identity.models import PupilMerge
from registry.people.models.pupils import Pupil, PupilDocument

PAGE = 50
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def within(actor: Actor) -> QuerySet[PupilMerge]:
    """Merges of which both profiles are within reach."""
    rows: QuerySet[PupilMerge] = PupilMerge.objects.visible_to(actor)
    lookup = PupilMerge.SCOPE.get(actor.scope.level)
    if lookup is None:
        return rows
    return rows.filter(**{f"merged_{lookup}__in": actor.scope.keys})


_FEW = "merges within one reach: tens a year, counted for the filters anyhow"
ORDERS = {
    # Ids grow with time.
    "asked": Order(("id",), "registry_pupilmerge_pkey"),
    "retained": Order(("retained_of", "id"), _FEW, {"retained_of": F("retained__sort_key")}),
    "merged": Order(("merged_of", "id"), _FEW, {"merged_of": F("merged__sort_key")}),
    "institution": Order(
        ("school_of", "id"), _FEW, {"school_of": Collate("institution__sort_key", "C")}
    ),
    "merged_institution": Order(
        ("other_of", "id"), _FEW, {"other_of": Collate("merged_institution__sort_key", "C")}
    ),
    "state": Order(("state", "id"), _FEW),
}
LATEST = "-asked"


def listing(
    actor: Actor,
    state: str,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "обʼєднання профілів",
) -> Page[Any]:
    """A page of merges, the latest asked first unless told otherwise; `state` '' is all of them. The
    look at the children is noted as `what`.

    Raises:
        NotAllowed: the actor decides about no merges.
    """
    policies.see_merges.require(actor)
    rows = within(actor).select_related("retained", "merged", "institution", "merged_institution")
    if state:
        rows = rows.filter(state=state)
    rows, fields = ordered(rows, ORDERS, order, LATEST)
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    ids = {pk for row in page.rows for pk in (row.retained_id, row.merged_id)}
    audit.looked_at(actor, "registry.pupil", sorted(ids), what)
    return page


def counts(actor: Actor) -> dict[str, int]:
    """How many merges within reach are in each state."""
    return dict(within(actor).order_by().values_list("state").annotate(Count("pk")))


def waiting(actor: Actor) -> int:
    """How many merges wait for the actor's decision: asked by somebody else."""
    if not policies.see_merges.allows(actor):
        return 0
    return _WAITING.count(actor, actor.user_id or 0)


_WAITING = Kept[PupilMerge](
    lambda actor, user: within(actor).filter(
        Q(~Q(asked_by__user_id=user), state="ASKED")
        | Q(~Q(undo_asked_by__user_id=user), state="UNDOING")
    )
)


@dataclasses.dataclass(frozen=True)
class Profile:
    """One of the two as it stands now."""

    pupil: Pupil
    documents: list[PupilDocument]
    enrolments: list[Enrolment]


@dataclasses.dataclass(frozen=True)
class View:
    """One merge as its page shows it.

    `plan` is what would go where, or what went; `against` says why the next step is impossible.
    """

    merge: PupilMerge
    retained: Profile
    merged: Profile
    plan: list[mechanism.Step]
    against: list[Problem]
    is_mine: bool  # the reader asked for what now waits for a decision


def view(actor: Actor, merge_id: Any, moment: Moment) -> View:
    """One merge with both profiles; the look is noted.

    Raises:
        NotFound: absent, or one of the profiles is out of reach.
        NotAllowed: the actor decides about no merges.
    """
    policies.see_merges.require(actor)
    found: PupilMerge = (
        within(actor)
        .select_related(
            "institution__unit",
            "merged_institution__unit",
            "retained",
            "merged",
            "asked_by__user",
            "asked_by__unit",
            "decided_by__user",
            "decided_by__unit",
            "undo_asked_by__user",
            "undo_asked_by__unit",
            "undone_by__user",
            "undone_by__unit",
        )
        .find(pk=merge_id)  # type: ignore[attr-defined]
    )
    retained, merged = found.retained, found.merged
    plan: list[mechanism.Step] = []
    against: list[Problem] = []
    if found.state == "ASKED":
        plan = mechanism.plan(retained.pk, merged.pk)
        against = mechanism.against(retained, merged, moment.today)
    elif found.moved is not None:
        moved = msgspec.convert(found.moved, mechanism.Moved, strict=False)
        plan = mechanism.told(moved, merged.pk)
        if found.state in {"MERGED", "UNDOING"}:
            against = mechanism.against_undoing(retained, merged, moved)
    asked_by = found.undo_asked_by if found.state == "UNDOING" else found.asked_by
    assert asked_by is not None  # noqa: S101 - pupil_unmerge_asked
    audit.looked_at(actor, "registry.pupil", [retained.pk, merged.pk], "обʼєднання профілів")
    one, other = profiles([retained, merged])
    return View(
        found,
        one,
        other,
        plan=plan,
        against=against,
        is_mine=asked_by.user_id == actor.user_id,
    )


def profiles(pupils: Sequence[Pupil]) -> list[Profile]:
    """These children with their documents and study, to be set side by side; whoever asks may see
    them."""
    ids = [one.pk for one in pupils]
    papers = PupilDocument.objects.filter(pupil_id__in=ids).order_by("-is_primary", "-id")
    periods = (
        Enrolment.objects.filter(pupil_id__in=ids, voided_by=None)
        .select_related("institution")
        .order_by("-starts_on")
    )
    return [
        Profile(
            one,
            [row for row in papers if row.pupil_id == one.pk],
            [row for row in periods if row.pupil_id == one.pk],
        )
        for one in pupils
    ]


def sought(text: str, field: str) -> uuid.UUID:
    """The profile somebody names: by the address of its card, РНОКПП, УНЗР or a document.

    Whether the actor may know of it is for the command that gets the id.

    Raises:
        Invalid: nothing is named so, or several are.
    """
    text = clean(text.replace("\x00", ""))[:200]
    if match := _UUID.search(text):
        return uuid.UUID(match[0])
    standing = Pupil.objects.filter(merged_into=None)
    digits = text.replace(" ", "")
    if re.fullmatch(r"[0-9]{10}", digits):
        found = standing.filter(rnokpp=digits)
    elif re.fullmatch(r"[0-9]{8}-[0-9]{5}", digits):
        found = standing.filter(unzr=digits)
    else:
        paper = documents.check("q", text, kind=None).value
        if paper is None:
            raise _unread(field)
        found = standing.filter(
            pk__in=PupilDocument.objects.filter(series=paper.series, number=paper.number).values(
                "pupil_id"
            )
        )
    ids = list(found.values_list("pk", flat=True)[:2])
    if not ids:
        raise NotFound
    if len(ids) > 1:
        raise Invalid(
            [Problem(field, "several", "Такий документ мають кілька дітей: вкажіть РНОКПП.")]
        )
    return ids[0]


def _unread(field: str) -> Invalid:
    return Invalid(
        [
            Problem(
                field,
                "unread",
                "Вкажіть документ (серія і номер), РНОКПП, УНЗР або адресу картки дитини.",
            )
        ]
    )
