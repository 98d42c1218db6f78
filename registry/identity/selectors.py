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
from kernel.clock import Moment
from kernel.errors import Invalid, NotFound, Problem
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import clean
from registry.enrolments.models import Enrolment
from registry.fields import documents
from registry.fields.reader import Reader
from registry.identity import merge as mechanism
from registry.identity import policies
from registry.identity.children import CHILDREN
from registry.identity.kind import Kind
from registry.identity.models import EmployeeMerge, PupilMerge
from registry.identity.staff import STAFF
from registry.people.models.pupils import Pupil, PupilDocument
from registry.staff import reading
from registry.staff.models.posts import Employee, Post

PAGE = 50
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def within(actor: Actor, kind: Kind = CHILDREN) -> QuerySet[Any]:
    """Merges of which both profiles are within reach."""
    rows: QuerySet[Any] = kind.merges.objects.visible_to(actor)
    lookup = kind.merges.SCOPE.get(actor.scope.level)
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
    kind: Kind = CHILDREN,
) -> Page[Any]:
    """A page of merges, the latest asked first unless told otherwise; `state` '' is all of them. The
    look at those named is noted as `what`.

    Raises:
        NotAllowed: the actor decides about no merges.
    """
    policies.see_merges.require(actor)
    rows = within(actor, kind).select_related(
        "retained", "merged", "institution", "merged_institution"
    )
    if state:
        rows = rows.filter(state=state)
    rows, fields = ordered(rows, ORDERS, order, LATEST)
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    ids = {pk for row in page.rows for pk in (row.retained_id, row.merged_id)}
    kind.looked(actor, ids, what)
    return page


def counts(actor: Actor, kind: Kind = CHILDREN) -> dict[str, int]:
    """How many merges within reach are in each state."""
    return dict(within(actor, kind).order_by().values_list("state").annotate(Count("pk")))


def waiting(actor: Actor, kind: Kind = CHILDREN) -> int:
    """How many merges wait for the actor's decision: asked by somebody else."""
    if not policies.see_merges.allows(actor):
        return 0
    kept = _WAITING if kind is CHILDREN else _WAITING_OF_STAFF
    return kept.count(actor, actor.user_id or 0)


def _of_another(user: int) -> Q:
    return Q(~Q(asked_by__user_id=user), state="ASKED") | Q(
        ~Q(undo_asked_by__user_id=user), state="UNDOING"
    )


_WAITING = Kept[PupilMerge](lambda actor, user: within(actor).filter(_of_another(user)))
_WAITING_OF_STAFF = Kept[EmployeeMerge](
    lambda actor, user: within(actor, STAFF).filter(_of_another(user))
)


@dataclasses.dataclass(frozen=True)
class Profile:
    """One of the two as it stands now: a child with documents and study, or somebody with posts."""

    pupil: Any
    documents: list[PupilDocument]
    enrolments: list[Enrolment]
    posts: list[Post] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class View:
    """One merge as its page shows it.

    `plan` is what would go where, or what went; `against` says why the next step is impossible.
    """

    merge: PupilMerge | EmployeeMerge
    retained: Profile
    merged: Profile
    plan: list[mechanism.Step]
    against: list[Problem]
    is_mine: bool  # the reader asked for what now waits for a decision


def view(actor: Actor, merge_id: Any, moment: Moment, kind: Kind = CHILDREN) -> View:
    """One merge with both profiles; the look is noted.

    Raises:
        NotFound: absent, or one of the profiles is out of reach.
        NotAllowed: the actor decides about no merges.
    """
    policies.see_merges.require(actor)
    found: Any = (
        within(actor, kind)
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
        plan = mechanism.plan(kind, retained.pk, merged.pk)
        against = mechanism.against(kind, retained, merged, moment.today)
    elif found.moved is not None:
        moved = msgspec.convert(found.moved, mechanism.Moved, strict=False)
        plan = mechanism.told(kind, moved, merged.pk)
        if found.state in {"MERGED", "UNDOING"}:
            against = mechanism.against_undoing(kind, retained, merged, moved)
    asked_by = found.undo_asked_by if found.state == "UNDOING" else found.asked_by
    assert asked_by is not None  # noqa: S101 - pupil_unmerge_asked
    kind.looked(actor, [retained.pk, merged.pk], "обʼєднання профілів")
    one, other = profiles([retained, merged], kind)
    return View(
        found,
        one,
        other,
        plan=plan,
        against=against,
        is_mine=asked_by.user_id == actor.user_id,
    )


def profiles(those: Sequence[Any], kind: Kind = CHILDREN) -> list[Profile]:
    """These children with their documents and study, or these people with their posts, to be set side
    by side; whoever asks may see them."""
    ids = [one.pk for one in those]
    if kind is STAFF:
        posts = Post.objects.filter(employee_id__in=ids, voided_by=None)
        rows = list(posts.select_related("institution").order_by("-starts_on"))
        return [
            Profile(one, [], [], [row for row in rows if row.employee_id == one.pk])
            for one in those
        ]
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
        for one in those
    ]


def sought(text: str, field: str, kind: Kind = CHILDREN) -> uuid.UUID:
    """The profile somebody names: by the address of its card, РНОКПП, УНЗР or a document.

    Whether the actor may know of it is for the command that gets the id.

    Raises:
        Invalid: nothing is named so, or several are.
    """
    text = clean(text.replace("\x00", ""))[:200]
    if kind is STAFF:
        return _sought_of_staff(text, field)
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


def _sought_of_staff(text: str, field: str) -> uuid.UUID:
    """By the card of any of the posts, or by a number that one profile alone has."""
    if match := _UUID.search(text):
        pk = uuid.UUID(match[0])
        post = Post.objects.filter(pk=pk).values_list("employee_id", flat=True).first()
        return post or pk
    digits = text.replace(" ", "")
    standing = Employee.objects.filter(merged_into=None)
    if re.fullmatch(r"[0-9]{10}", digits):
        found = standing.filter(rnokpp=digits)
    elif re.fullmatch(r"[0-9]{8}-[0-9]{5}", digits):
        found = standing.filter(unzr=digits)
    else:
        passport = reading.passport(Reader({"passport": text}))
        if not passport:
            raise _unread(field, "Вкажіть РНОКПП, УНЗР, паспорт або адресу картки працівника.")
        found = standing.filter(passport=passport)
    one = found.values_list("pk", flat=True).first()
    if one is None:
        raise NotFound
    return one


def _unread(
    field: str,
    words: str = "Вкажіть документ (серія і номер), РНОКПП, УНЗР або адресу картки дитини.",
) -> Invalid:
    return Invalid([Problem(field, "unread", words)])
