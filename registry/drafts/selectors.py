"""Reading drafts: the list, one page of the table, what is wrong and where."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.actors import Actor
from kernel import audit
from kernel.errors import NotFound
from registry.classes.frames import frame_for
from registry.drafts.models import EnrolmentDraft, EnrolmentDraftChange, EnrolmentDraftRow
from registry.fields.labels import ClassRef
from registry.identity import matches
from registry.orders.models import Order
from registry.people import policies

PAGE = 50
SHOWN_PROBLEMS = 6
FILTERS = {
    "all": ("Усі", ""),
    "fix": ("Виправити", "FIX"),
    "check": ("Перевірити", "CHECK"),
    "ready": ("Готові", "READY"),
    "out": ("Не включено", "EXCLUDED"),
}


def find(actor: Actor, draft_id: Any) -> EnrolmentDraft:
    """One draft with its institution.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor keeps no pupils there.
    """
    draft: EnrolmentDraft = (
        EnrolmentDraft.objects.visible_to(actor)
        .select_related("institution__unit", "institution__hub", "author__user")
        .find(pk=draft_id)
    )
    policies.keep.require(actor, draft.institution)
    return draft


def listing(actor: Actor, state: str = "OPEN", limit: int = 100) -> QuerySet[EnrolmentDraft]:
    """Drafts of the actor's institutions in a state, latest first, with counts of rows.

    Empty for whoever keeps no pupils.
    """
    rows: QuerySet[EnrolmentDraft] = EnrolmentDraft.objects.visible_to(actor)
    if actor.scope.level != "institution":
        return rows.none()
    return (
        rows.filter(state=state)
        .select_related("institution", "author__user")
        .annotate(
            filled=Count("rows", filter=~Q(rows__state="EMPTY")),
            ready=Count("rows", filter=Q(rows__state="READY")),
            wrong=Count("rows", filter=Q(rows__state="FIX")),
        )
        .order_by("-updated_at")[:limit]
    )


def counts(draft: EnrolmentDraft) -> dict[str, int]:
    """How many rows are in each state, and `all` of those filled."""
    found = dict.fromkeys(("FIX", "CHECK", "READY", "EXCLUDED", "EMPTY"), 0)
    found.update(draft.rows.values_list("state").annotate(n=Count("id")).order_by())
    found["all"] = sum(found.values()) - found["EMPTY"]
    return found


@dataclasses.dataclass(frozen=True)
class RowsPage:
    """One page of rows under a filter."""

    rows: list[EnrolmentDraftRow]
    number: int
    pages: int
    total: int


def rows_page(draft: EnrolmentDraft, show: str, number: int) -> RowsPage:
    """A page of 50 rows in the order of the table."""
    rows = draft.rows.all()
    if state := FILTERS.get(show, ("", ""))[1]:
        rows = rows.filter(state=state)
    total = rows.count()
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    start = (number - 1) * PAGE
    return RowsPage(list(rows.order_by("position")[start : start + PAGE]), number, pages, total)


@dataclasses.dataclass(frozen=True)
class Trouble:
    """One line of the summary: which row, which column, what is wrong."""

    row_id: int
    position: int
    field: str
    detail: str


def troubles(draft: EnrolmentDraft, state: str) -> list[Trouble]:
    """The first problems of rows in a state, one per row."""
    level = "error" if state == "FIX" else "warning"
    found = []
    for row in draft.rows.filter(state=state).order_by("position")[:SHOWN_PROBLEMS]:
        problem = next((p for p in row.problems if p["level"] == level), None)
        if problem is not None:
            found.append(Trouble(row.id, row.position, problem["field"], problem["detail"]))
    return found


@dataclasses.dataclass(frozen=True)
class Kind:
    """The same problem in several rows, with one act for all of them."""

    field: str
    code: str
    level: str
    rows: int
    fixable: int


def repeated_kinds(draft: EnrolmentDraft) -> list[Kind]:
    """Problems that two rows or more share: mended or confirmed in one step."""
    seen: dict[tuple[str, str, str], list[int]] = {}
    for problems, answers in draft.rows.filter(state__in=["FIX", "CHECK"]).values_list(
        "problems", "answers"
    ):
        for p in problems:
            if "pupil" in p or f"{p['field']}:{p['code']}" in answers:
                continue
            tally = seen.setdefault((p["field"], p["code"], p["level"]), [0, 0])
            tally[0] += 1
            tally[1] += p["fix"] is not None
    kinds = [
        Kind(*key, *tally)
        for key, tally in seen.items()
        if tally[1] > 1 or (tally[0] > 1 and key[2] == "warning")
    ]
    return sorted(kinds, key=lambda kind: -kind.rows)[:5]


def last_step(draft: EnrolmentDraft) -> EnrolmentDraftChange | None:
    """The step that «Скасувати» would take back."""
    return draft.changes.order_by("-id").first()


def classes(draft: EnrolmentDraft, today: datetime.date) -> list[ClassRef]:
    """Classes a row may name.

    Raises:
        NoSchoolYear: no school year covers the first day of study.
    """
    frame, _ = frame_for(draft.institution_id, draft.order_fields.get("effective_on"), today)
    return list(frame.classes.refs)


def profiles(
    actor: Actor, rows: list[EnrolmentDraftRow], today: datetime.date
) -> dict[str, matches.Found]:
    """Profiles to set beside rows that may be the same child: only such as the actor may see."""
    wanted = {
        uuid.UUID(p["pupil"])
        for row in rows
        for p in row.problems
        if p.get("pupil") and p["code"] in {"twin", "twin_document", "enrolled_here"}
    }
    found = {
        pupil_id: child
        for pupil_id, child in matches.by_id(wanted, today).items()
        if {*child.ever_at, child.institution_id} & set(actor.scope.keys)
    }
    if found:
        audit.looked_at(actor, "registry.pupil", found, "порівняння з чернеткою")
    return {str(pupil_id): child for pupil_id, child in found.items()}


def waiting_order(draft: EnrolmentDraft) -> Order | None:
    """The order made of this draft that waits for the signature."""
    return draft.orders.filter(state="PREPARED").order_by("-created_at").first()


def problem_rows(draft: EnrolmentDraft) -> QuerySet[EnrolmentDraftRow]:
    """Rows that cannot enter the order yet."""
    rows: QuerySet[EnrolmentDraftRow] = draft.rows.filter(state__in=["FIX", "CHECK"])
    return rows.order_by("position")


def row(draft: EnrolmentDraft, row_id: int) -> EnrolmentDraftRow:
    """One row of a draft.

    Raises:
        NotFound: no such row.
    """
    found = draft.rows.filter(id=row_id).first()
    if found is None:
        raise NotFound
    return found


def rows_by_id(draft: EnrolmentDraft, ids: set[int]) -> list[EnrolmentDraftRow]:
    """Some rows in the order of the table, one page of them at most."""
    return list(draft.rows.filter(id__in=ids).order_by("position")[:PAGE])


def is_alone(draft: EnrolmentDraft) -> bool:
    """Whether at most one row is filled."""
    return draft.rows.exclude(state="EMPTY").count() <= 1
