"""Reading drafts: the list, one page of the table, what is wrong and where."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import orjson
from django.db import connection
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Collate

from accounts.actors import Actor
from kernel import audit
from kernel.batch import UNDER_WAY
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.tables.layout import Layout
from kernel.text import alphabetically
from registry.drafts.judging import said_of
from registry.drafts.models import JUDGE, Draft, DraftRow, DraftRun, DraftStep, DraftTable
from registry.identity import matches
from registry.institutions.models.institutions import Institution
from registry.process import kind

PAGE = 50
SHOWN_PROBLEMS = 6
FILTERS = {
    "all": ("Усі", ""),
    "fix": ("Виправити", "FIX"),
    "check": ("Перевірити", "CHECK"),
    "ready": ("Готові", "READY"),
    "out": ("Не включено", "EXCLUDED"),
}


def find(actor: Actor, draft_id: Any, process: str) -> Draft:
    """One draft of a process with its institution.

    Raises:
        NotFound: absent, out of reach, or of another process.
        NotAllowed: the actor keeps no pupils there.
    """
    draft: Draft = (
        Draft.objects.visible_to(actor)
        .select_related("institution__unit", "institution__hub", "author__user")
        .find(pk=draft_id, process=process)
    )
    kind(process).keep.require(actor, draft.institution)
    return draft


def run(actor: Actor, run_id: Any) -> DraftRun:
    """Long work on a table or an order of the actor's.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor keeps no such tables there.
    """
    found = (
        DraftRun.objects.filter(
            institution__in=Institution.objects.visible_to(actor).values("pk"), pk=run_id
        )
        .select_related("draft", "order", "institution__unit")
        .first()
    )
    if found is None:
        raise NotFound
    kind(found.process).keep.require(actor, found.institution)
    return found


def run_of_job(run_id: Any) -> DraftRun:
    """What a worker is asked to do: by its id alone, for a job is nobody's.

    Raises:
        NotFound: absent.
    """
    run: DraftRun | None = (
        DraftRun.objects.select_related("draft", "order").filter(pk=run_id).first()
    )
    if run is None:
        raise NotFound
    return run


def unfinished(draft: Draft) -> DraftRun | None:
    """Work on a draft that is under way, or a judging that was stopped: until it is done, the table
    is not shown."""
    last: DraftRun | None = draft.runs.order_by("-id").first()
    if last is None or last.state == "DONE":
        return None
    return last if last.what == JUDGE or last.state in UNDER_WAY else None


def table_of(draft: Draft) -> Layout | None:
    """How the table of a draft is read; None when it has none or no longer keeps it."""
    table = DraftTable.objects.filter(draft=draft).first()
    return None if table is None else msgspec.convert(table.layout, Layout)


def has_table(draft: Draft) -> bool:
    """Whether the columns of the draft's table can be said anew."""
    return DraftTable.objects.filter(draft=draft).exists()


_FEW = "drafts of one institution: some tens, counted for the filters anyhow"
ORDERS = {
    "updated": Order(("updated_at", "id"), _FEW),
    "title": Order(("title_of", "updated_at", "id"), _FEW, {"title_of": alphabetically("title")}),
    "institution": Order(
        ("school_of", "updated_at", "id"),
        _FEW,
        {"school_of": Collate("institution__sort_key", "C")},
    ),
    "rows": Order(("filled", "updated_at", "id"), _FEW),
    "author": Order(
        ("author_of", "updated_at", "id"), _FEW, {"author_of": Collate("author__sort_key", "C")}
    ),
}
LATEST = "-updated"
STANDING = ("OPEN", "ORDERED")


def listing(
    actor: Actor,
    process: str,
    states: Sequence[str] = STANDING,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Draft]:
    """Drafts of a process at the actor's institutions in some states, with counts of rows; nothing
    for whoever keeps no pupils.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = _counted(_own(actor).filter(process=process, state__in=states))
    rows, fields = ordered(rows, ORDERS, order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def numbers(actor: Actor, process: str) -> dict[str, int]:
    """How many drafts of a process are in each state."""
    rows = _own(actor).filter(process=process).order_by()
    return dict(rows.values_list("state").annotate(Count("pk")))


def _own(actor: Actor) -> QuerySet[Draft]:
    rows: QuerySet[Draft] = Draft.objects.visible_to(actor)
    return rows if actor.scope.level == "institution" else rows.none()


def _counted(rows: QuerySet[Draft]) -> QuerySet[Draft]:
    return rows.select_related("institution", "author__user").annotate(
        filled=Count("rows", filter=~Q(rows__state="EMPTY")),
        ready=Count("rows", filter=Q(rows__state="READY")),
        wrong=Count("rows", filter=Q(rows__state="FIX")),
    )


MOST_WAITING = 3
_WAITING = Kept[Any](
    lambda actor: _counted(Draft.objects.visible_to(actor).filter(state="OPEN")).order_by(
        "-updated_at"
    )[:MOST_WAITING]
)


def waiting(actor: Actor) -> list[Any]:
    """The latest drafts that can be continued, with counts of rows; a few."""
    return _WAITING.rows(actor) if actor.scope.level == "institution" else []


def counts(draft: Draft) -> dict[str, int]:
    """How many rows are in each state, and `all` of those filled."""
    found = dict.fromkeys(("FIX", "CHECK", "READY", "EXCLUDED", "EMPTY"), 0)
    found.update(draft.rows.values_list("state").annotate(n=Count("id")).order_by())
    found["all"] = sum(found.values()) - found["EMPTY"]
    return found


@dataclasses.dataclass(frozen=True)
class RowsPage:
    """One page of rows under a filter."""

    rows: list[DraftRow]
    number: int
    pages: int
    total: int


def rows_page(draft: Draft, show: str, number: int) -> RowsPage:
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


def troubles(draft: Draft, state: str) -> list[Trouble]:
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
    mark: str  # of the values doubted, as `judging.mark`


def repeated_kinds(draft: Draft) -> list[Kind]:
    """Problems that two rows or more share: mended or confirmed in one step."""
    process = kind(draft.process)
    about = {name: said_of(process, name) for name in {*process.judged_with.values()}}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH said AS (
                SELECT p->>'field' AS field, p->>'code' AS code, p->>'level' AS level,
                    p->>'fix' AS fix, r.id || (
                        SELECT string_agg(chr(31) || coalesce(r.values->>name, ''), '' ORDER BY n)
                        FROM jsonb_array_elements_text(
                            coalesce(%s::jsonb->(p->>'field'), jsonb_build_array(p->'field'))
                        ) WITH ORDINALITY AS about(name, n)
                    ) COLLATE "C" AS told
                FROM registry_draftrow r, jsonb_array_elements(r.problems) p
                WHERE r.draft_id = %s AND r.state IN ('FIX', 'CHECK') AND NOT p ? 'pupil'
                  AND NOT r.answers ? ((p->>'field') || ':' || (p->>'code'))
            )
            SELECT field, code, level, count(*), count(fix), left(encode(sha256(convert_to(
                string_agg(DISTINCT told, chr(30) ORDER BY told), 'UTF8')), 'hex'), 16)
            FROM said GROUP BY 1, 2, 3
            """,
            [orjson.dumps(about).decode(), draft.pk],
        )
        found = cursor.fetchall()
    kinds = [Kind(*one) for one in found if one[4] > 1 or (one[3] > 1 and one[2] == "warning")]
    return sorted(kinds, key=lambda kind: (-kind.rows, kind.field, kind.code))[:5]


def last_step(draft: Draft) -> DraftStep | None:
    """The step that «Скасувати» would take back."""
    return draft.steps.order_by("-id").first()


def profiles(actor: Actor, rows: list[DraftRow], today: datetime.date) -> dict[str, matches.Found]:
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


def waiting_order(draft: Draft) -> Any:
    """The order made of this draft that waits for the signature."""
    return draft.orders.filter(state="PREPARED").order_by("-created_at").first()


def problem_rows(draft: Draft) -> QuerySet[DraftRow]:
    """Rows that cannot enter the order yet."""
    rows: QuerySet[DraftRow] = draft.rows.filter(state__in=["FIX", "CHECK"])
    return rows.order_by("position")


def row(draft: Draft, row_id: int) -> DraftRow:
    """One row of a draft.

    Raises:
        NotFound: no such row.
    """
    found = draft.rows.filter(id=row_id).first()
    if found is None:
        raise NotFound
    return found


def rows_by_id(draft: Draft, ids: set[int]) -> list[DraftRow]:
    """Some rows in the order of the table, one page of them at most."""
    return list(draft.rows.filter(id__in=ids).order_by("position")[:PAGE])


def is_alone(draft: Draft) -> bool:
    """Whether at most one row is filled."""
    return draft.rows.exclude(state="EMPTY").count() <= 1


def chosen_lines(draft: Draft) -> set[str]:
    """Keys of the lines that are in the draft already: of pupils, or of what its kind chooses by."""
    source = kind(draft.process).chosen
    column = source.key if source is not None else ""
    rows = draft.rows.values_list("pupil_id", f"values__{column}" if column else Value(""))
    return {str(pupil or key) for pupil, key in rows if pupil or key}
