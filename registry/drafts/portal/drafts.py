"""Pages of enrolment drafts: beginning, the grid, one row, columns of an unknown table."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kernel.errors import DomainError, NotFound
from kernel.tables import reading
from kernel.tables.writing import Column, Sheet, workbook
from kernel.text import plural
from kernel.ui.pages import XLSX, file_answer, page, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.drafts.checks import is_answered
from registry.drafts.models import EnrolmentDraft, EnrolmentDraftRow
from registry.drafts.portal.row_fields import fields
from registry.drafts.portal.steps import steps
from registry.movements.enrol import rows as rules
from registry.movements.enrol.headings import EXTRA
from registry.movements.enrol.rows import BY_NAME, COLUMNS, GRID
from registry.people import policies
from registry.people.errors import StaleRow
from registry.people.portal.choice import chosen_institution, first_of
from registry.people.selectors import pupils as pupil_reads

# A little over the limit of a file: the form's own fields travel with it.
MAX_BODY = reading.MAX_BYTES + 256 * 1024

STATES = {
    "READY": ("good", "", "Готово", "is-ok"),
    "FIX": ("bad", "err", "Виправити", "is-bad"),
    "CHECK": ("heed", "", "Перевірити", "is-heed"),
    "EXCLUDED": ("off", "minus", "Не включено", "is-out"),
    "EMPTY": ("plain", "none", "", ""),
}
# Classes of column widths in aikom.css, in the order of GRID.
WIDTHS = ("w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w1", "w8", "w9")
_TWIN_CODES = {"twin", "twin_document", "other_data", "enrolled_here"}


# ── beginning ────────────────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Drafts to continue, and the ways to begin."""
    actor = request.actor  # type: ignore[attr-defined]
    discarded = request.GET.get("show") == "discarded"
    institution = pupil_reads.own_institution(actor)
    if institution is not None:
        policies.keep.require(actor, institution)
    else:
        policies.list_pupils.require(actor)
    return page(
        request,
        "registry/draft_list.html",
        {
            "drafts": reads.listing(actor, "DISCARDED" if discarded else "OPEN"),
            "waiting": [] if discarded else reads.listing(actor, "ORDERED"),
            "discarded": discarded,
            "may_start": institution is not None,
        },
    )


@csrf_exempt
def start(request: HttpRequest) -> HttpResponse:
    """Begin from a file, a paste or blank rows. A huge body is refused before it is read: the
    check of the CSRF token, which reads the body, comes after (`_start`)."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method == "POST" and length.isdigit() and int(length) > MAX_BODY:
        refusal = reading.too_large(int(length))
        return _start_page(request, {"file": refusal.detail}, status=413)
    return _start(request)


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def _start(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _start_page(request, {})
    actor = request.actor  # type: ignore[attr-defined]
    how = request.POST.get("how", "file")
    try:
        institution_id = chosen_institution(request)
        today = timezone.localdate()
        if how == "paste":
            draft = drafts.start_from_paste(
                actor=actor,
                institution_id=institution_id,
                text=request.POST.get("cells", ""),
                today=today,
            )
        elif how == "blank":
            draft = drafts.start(actor=actor, institution_id=institution_id, blank=10, today=today)
        else:
            upload = request.FILES.get("file")
            if upload is None:
                return _start_page(request, {"file": "Виберіть файл XLSX або CSV."})
            if (size := upload.size or 0) > reading.MAX_BYTES:
                refusal = reading.too_large(size)
                return _start_page(request, {"file": refusal.detail}, status=413)
            draft = drafts.start_from_file(
                actor=actor,
                institution_id=institution_id,
                name=upload.name or "",
                content=upload.read(),
                today=today,
            )
    except DomainError as no:
        if no.http_status in {403, 404}:
            raise
        return _start_page(request, {no.field or "file": no.detail})
    return see_other(request, "draft_columns" if draft.waiting else "draft_detail", draft.pk)


def _start_page(
    request: HttpRequest, errors: Mapping[str, str], status: int | None = None
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    institutions = pupil_reads.own_institutions(actor)
    policies.keep.require(actor, first_of(institutions))
    read = status != 413 and request.method == "POST"
    return page(
        request,
        "registry/draft_start.html",
        {
            "errors": errors,
            "institutions": [(i.uid, i.short_name) for i in institutions],
            "chosen": request.POST.get("institution", "") if read else "",
            "cells": request.POST.get("cells", "") if read else "",
            "limit_rows": reading.MAX_ROWS,
            "limit_megabytes": reading.MAX_BYTES // 1024 // 1024,
        },
        status=status or (422 if errors else 200),
    )


@require_GET
def blank_table(request: HttpRequest) -> HttpResponse:
    """An XLSX with the headings we know, text cells (so that Excel keeps noughts) and one example."""
    columns = [
        Column(column.label + (" *" if column.required else ""), width=20, note=column.hint)
        for column in COLUMNS
    ]
    return file_answer(workbook(Sheet("Учні", columns)), "zarakhuvannia-zrazok.xlsx", XLSX)


# ── columns ──────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Say what each column of an unrecognised table is."""
    actor = request.actor  # type: ignore[attr-defined]
    draft = reads.find(actor, draft_id)
    if draft.waiting is None:
        return see_other(request, "draft_detail", draft.pk)
    error = ""
    width = len(draft.waiting["columns"])
    chosen = list(draft.waiting["columns"])
    has_heading = bool(draft.waiting["start"])
    if request.method == "POST":
        chosen = [request.POST.get(f"c{place}") or None for place in range(width)]
        has_heading = request.POST.get("has_heading") == "on"
        try:
            drafts.set_columns(
                actor=actor,
                draft_id=draft_id,
                columns=chosen,
                has_heading=has_heading,
                today=timezone.localdate(),
            )
        except DomainError as no:
            error = no.detail
        else:
            return see_other(request, "draft_detail", draft_id)
    cells = draft.waiting["cells"]
    start_at = draft.waiting["start"] or 0
    heading = cells[start_at - 1] if start_at else []
    sample = cells[start_at : start_at + 3]
    options = [(c.name, c.label) for c in COLUMNS] + list(EXTRA.items())
    return page(
        request,
        "registry/draft_columns.html",
        {
            "draft": draft,
            "error": error,
            "has_heading": has_heading,
            "options": options,
            "columns": [
                {
                    "name": f"c{place}",
                    "heading": heading[place] if place < len(heading) else "",
                    "sample": [line[place] for line in sample if place < len(line) and line[place]],
                    "chosen": chosen[place] or "",
                    "number": place + 1,
                }
                for place in range(width)
            ],
        },
        status=422 if error else 200,
    )


# ── the grid ─────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Message:
    """What stands under a cell: the words, the value to put, or the doubt to confirm."""

    id: str
    kind: str
    text: str
    fix: str | None
    field: str
    code: str


@dataclasses.dataclass(frozen=True)
class Cell:
    """One input of the grid."""

    id: str
    name: str
    label: str
    value: str
    css: str
    message: Message | None


@dataclasses.dataclass(frozen=True)
class Twin:
    """A row set beside the profile it may be, differences marked."""

    pupil_id: str
    level: str
    text: str
    lines: list[tuple[str, str, str, bool]]
    may_be_other: bool


@dataclasses.dataclass(frozen=True)
class RowView:
    """One row of the grid with everything its markup needs."""

    row: EnrolmentDraftRow
    cells: list[Cell]
    tag: tuple[str, str, str, str]
    twins: list[Twin]
    elsewhere: list[Message]


def _row_view(row: EnrolmentDraftRow, profiles: Mapping[str, Any]) -> RowView:
    shown: dict[str, dict[str, Any]] = {}
    twins: list[Twin] = []
    for problem in row.problems:
        if problem["level"] == "warning" and is_answered(row.answers, problem):
            continue
        if problem["code"] in _TWIN_CODES and problem.get("pupil"):
            twins.append(_twin(row, problem, profiles.get(problem["pupil"])))
            continue
        before = shown.get(problem["field"])
        if before is None or (before["level"] == "warning" and problem["level"] == "error"):
            shown[problem["field"]] = problem
    cells = [_cell(row, column, shown.pop(column.name, None)) for column in GRID]
    elsewhere = [_message(row, problem) for problem in shown.values()]
    tag = STATES[row.state]
    if twins and row.state == "CHECK":
        tag = ("heed", "twin", "Та сама дитина?", "is-heed")
    return RowView(row, cells, tag, twins, elsewhere)


def _cell(row: EnrolmentDraftRow, column: rules.Column, problem: dict[str, Any] | None) -> Cell:
    css = ""
    if problem is not None:
        css = "is-bad" if problem["level"] == "error" else "is-heed"
    return Cell(
        id=f"r{row.id}-{column.name}",
        name=column.name,
        label=column.label,
        value=row.values.get(column.name, ""),
        css=css,
        message=_message(row, problem) if problem is not None else None,
    )


def _message(row: EnrolmentDraftRow, problem: dict[str, Any]) -> Message:
    return Message(
        id=f"m{row.id}-{problem['field']}",
        kind=problem["level"],
        text=problem["detail"],
        fix=problem["fix"],
        field=problem["field"],
        code=problem["code"],
    )


def _twin(row: EnrolmentDraftRow, problem: dict[str, Any], child: Any) -> Twin:
    lines: list[tuple[str, str, str, bool]] = []
    if child is not None:
        values = row.values
        mine = " ".join(values.get(k, "") for k in ("surname", "given_name", "patronymic")).strip()
        theirs = " ".join(p for p in (child.surname, child.given_name, child.patronymic) if p)
        born = f"{child.born_on:%d.%m.%Y}"
        learns = f"ваш заклад, {child.class_label}" if child.class_label else "ніде не навчається"
        lines = [
            ("ПІБ", mine, theirs, mine != theirs),
            ("Народження", values.get("born_on", ""), born, values.get("born_on", "") != born),
            ("Навчається", f"зараховується до {values.get('class', '…')}", learns, True),
        ]
    return Twin(
        problem["pupil"],
        problem["level"],
        problem["detail"],
        lines,
        may_be_other=problem["code"] == "twin",
    )


def _asked(request: HttpRequest) -> tuple[str, int]:
    """Which rows are shown, and the page of them."""
    show, page = request.GET.get("show", ""), request.GET.get("page", "")
    return (
        show if show in reads.FILTERS else "all",
        int(page) if page.isascii() and page.isdigit() else 1,
    )


def _address(name: str, draft: EnrolmentDraft, show: str, page: int) -> str:
    """An address of the draft that keeps what is shown."""
    return f"{reverse(name, args=[draft.pk])}?show={show}&page={page}"


def _grid(
    request: HttpRequest,
    draft: EnrolmentDraft,
    *,
    stale: Mapping[int, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    show, number = _asked(request)
    shown = reads.rows_page(draft, show, number)
    profiles = reads.profiles(actor, shown.rows, timezone.localdate())

    def at(**changes: Any) -> str:
        return _address("draft_detail", draft, show, **{"page": shown.number} | changes)

    return {
        **_summary(draft, show),
        "draft": draft,
        "columns": GRID,
        "widths": WIDTHS,
        "steps": steps(draft.pk, "check"),
        "rows": [_row_view(row, profiles) for row in shown.rows],
        "shown": shown,
        "show": show,
        "self_url": at(),
        "save_url": _address("draft_cells", draft, show, shown.number),
        "previous_url": at(page=shown.number - 1) if shown.number > 1 else "",
        "next_url": at(page=shown.number + 1) if shown.number < shown.pages else "",
        "first_url": at(page=1),
        "stale": [
            {"row": row_id, "fields": [(BY_NAME[k].label, v) for k, v in values.items()]}
            for row_id, values in (stale or {}).items()
        ],
        "order": reads.waiting_order(draft),
    }


def _summary(draft: EnrolmentDraft, show: str) -> dict[str, Any]:
    """Counts, problems and the bar: what changes with every cell."""
    counts = reads.counts(draft)
    url = reverse("draft_detail", args=[draft.pk])
    icons = {"fix": "err", "check": "warn", "ready": "check", "out": "minus"}

    def line(trouble: reads.Trouble, state: str) -> dict[str, Any]:
        label = BY_NAME[trouble.field].label.lower()
        brief = trouble.detail.split(". ")[0].rstrip(".")
        anchor = f"r{trouble.row_id}-{trouble.field}"
        if not BY_NAME[trouble.field].in_grid:
            target = reverse("draft_row", args=[draft.pk, trouble.row_id])
        else:
            target = f"{url}?show={state}#{anchor}"
        return {"url": target, "text": f"Рядок {trouble.position}, {label}: {brief}"}

    fix, check = counts["FIX"], counts["CHECK"]
    rows_word = ("рядок", "рядки", "рядків")
    words = []
    if fix:
        words.append(f"{fix} {plural(fix, *rows_word)} треба виправити")
    if check:
        told = f"ще {check}" if fix else f"{check} {plural(check, *rows_word)} треба"
        words.append(f"{told} перевірити")
    return {
        "draft": draft,
        "counts": counts,
        "headline": ", ".join(words),
        "errors": [line(t, "fix") for t in reads.troubles(draft, "FIX")] if fix else [],
        "doubts": [line(t, "check") for t in reads.troubles(draft, "CHECK")] if check else [],
        "kinds": [
            {"kind": kind, "label": BY_NAME[kind.field].label}
            for kind in reads.repeated_kinds(draft)
        ]
        if fix or check
        else [],
        "pills": [
            {
                "label": label,
                "count": counts["all"] if not state else counts[state],
                "url": f"{url}?show={key}",
                "current": key == show,
                "icon": icons.get(key, ""),
            }
            for key, (label, state) in reads.FILTERS.items()
        ],
        "ready": counts["READY"],
        "rest": counts["all"] - counts["READY"],
        "undo": reads.last_step(draft),
        "saved_at": draft.updated_at,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """The grid. A post saves the page of rows and does one act on it; works without scripts."""
    actor = request.actor  # type: ignore[attr-defined]
    draft = reads.find(actor, draft_id)
    if draft.waiting is not None:
        return see_other(request, "draft_columns", draft.pk)
    stale: Mapping[int, Mapping[str, str]] = {}
    if request.method == "POST":
        typed = _typed_rows(request)
        if typed:
            _, stale = drafts.save_rows(
                actor=actor, draft_id=draft_id, rows=typed, today=timezone.localdate()
            )
        try:
            _act(request, actor, draft_id, request.POST.get("do", ""))
        except DomainError as no:
            if no.http_status in {403, 404}:
                raise
            messages.warning(request, no.detail)
        if request.POST.get("do") == "next" and not stale:
            return see_other(request, "order_prepare", draft_id)
        if not request.headers.get("HX-Request") and not stale:
            return see_other(request, request.get_full_path())
        draft = reads.find(actor, draft_id)
    context = _grid(request, draft, stale=stale)
    return page(
        request,
        "registry/draft_detail.html",
        context,
        partial="grid",
        status=409 if stale else 200,
    )


def _typed_rows(request: HttpRequest) -> dict[int, tuple[int, dict[str, str]]]:
    """Rows of a plain form: every row posts every column, so the lists stand in the same order."""
    post = request.POST
    ids, versions = post.getlist("row"), post.getlist("version")
    lists = {column.name: post.getlist(column.name) for column in GRID}
    if not ids or any(len(values) != len(ids) for values in (versions, *lists.values())):
        return {}
    return {
        int(row_id): (int(version), {name: values[place] for name, values in lists.items()})
        for place, (row_id, version) in enumerate(zip(ids, versions, strict=True))
        if row_id.isdigit() and version.isdigit()
    }


def _act(request: HttpRequest, actor: Any, draft_id: uuid.UUID, do: str) -> None:
    """One act on the draft: «fix|row|field|code» and the like; «*» for every row."""
    verb, *words = do.split("|")
    today = timezone.localdate()
    common = {"actor": actor, "draft_id": draft_id, "today": today}
    row_id = int(words[0]) if words and words[0].isdigit() else None
    if verb == "fix" and len(words) == 3:
        drafts.apply_fix(**common, row_id=row_id, field=words[1], code=words[2])
    elif verb == "ok" and len(words) == 3:
        drafts.answer(**common, row_id=row_id, key=f"{words[1]}:{words[2]}")
    elif verb in {"same", "other"} and len(words) == 2 and row_id is not None:
        drafts.decide_twin(**common, row_id=row_id, pupil_id=_uuid(words[1]), same=verb == "same")
    elif verb == "reconsider" and row_id is not None:
        drafts.reconsider(**common, row_id=row_id)
    elif verb in {"out", "in"} and row_id is not None:
        drafts.include(**common, row_ids=[row_id], included=verb == "in")
    elif verb == "undo":
        drafts.undo(**common)
    elif verb == "add":
        count = int(words[0]) if words and words[0] in {"1", "10", "30"} else 10
        drafts.add_rows(**common, rows=[{}] * count)
    elif verb == "fill":
        drafts.fill_column(
            **common,
            column=request.POST.get("fill_column", ""),
            value=request.POST.get("fill_value", ""),
        )
    elif verb == "check":
        drafts.check_again(**common)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


@require_POST
def cells(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Save what the grid sends: one row, or a pasted block; answers with rows and what else changed."""
    actor = request.actor  # type: ignore[attr-defined]
    post = request.POST
    today = timezone.localdate()
    if post.get("paste"):
        drafts.paste(
            actor=actor,
            draft_id=draft_id,
            start_row=int(post["start_row"]) if post.get("start_row", "").isdigit() else 0,
            start_column=post.get("start_column", ""),
            cells=post.get("cells", ""),
            rows=[
                int(one)
                for one in post.get("rows", "").split(",")
                if one.isascii() and one.isdigit()
            ],
            filtered=_asked(request)[0] != "all",
            today=today,
        )
        context = _grid(request, reads.find(actor, draft_id))
        return render(request, "registry/draft_detail.html#pasted", context)
    if not post.get("row", "").isdigit() or not post.get("version", "").isdigit():
        raise NotFound
    typed = {name: post[name] for name in BY_NAME if name in post}
    status = 200
    try:
        saved = drafts.save_row(
            actor=actor,
            draft_id=draft_id,
            row_id=int(post["row"]),
            version=int(post["version"]),
            values=typed,
            today=today,
        )
        rows, changed = saved.rows, saved.changed_ids
    except StaleRow as stale:
        rows, changed, status = [stale.context["row"]], set(), 409
    draft = reads.find(actor, draft_id)
    show, number = _asked(request)
    others = reads.rows_by_id(draft, changed - {row.id for row in rows})
    profiles = reads.profiles(actor, [*rows, *others], today)
    return render(
        request,
        "registry/draft_detail.html#saved",
        {
            **_summary(draft, show),
            "rows": [_row_view(row, profiles) for row in rows],
            "others": [_row_view(row, profiles) for row in others],
            "self_url": _address("draft_detail", draft, show, number),
        },
        status=status,
    )


# ── one row ──────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest, draft_id: uuid.UUID, row_id: int) -> HttpResponse:
    """All fields of one row, with what the grid has no room for."""
    actor = request.actor  # type: ignore[attr-defined]
    draft = reads.find(actor, draft_id)
    today = timezone.localdate()
    status = 200
    note = ""
    typed: dict[str, str] = {}
    if request.method == "POST":
        do = request.POST.get("do", "")
        typed = {name: request.POST[name] for name in BY_NAME if name in request.POST}
        version = request.POST.get("version", "")
        try:
            drafts.save_row(
                actor=actor,
                draft_id=draft_id,
                row_id=row_id,
                version=int(version) if version.isdigit() else -1,
                values=typed,
                today=today,
            )
            typed = {}
            if do not in {"", "next"}:
                _act(request, actor, draft_id, do)
        except StaleRow as stale:
            status, note = 409, stale.detail
    found = reads.row(draft, row_id)
    if request.method == "POST" and status == 200:
        if found.state == "READY" and do in {"", "next"}:
            to = "order_prepare" if reads.is_alone(draft) else "draft_detail"
            return see_other(request, to, draft_id)
        status = 422 if found.state == "FIX" else 200
    profiles = reads.profiles(actor, [found], today)
    shown = _row_view(found, profiles)
    return page(
        request,
        "registry/draft_row.html",
        {
            "draft": draft,
            "row": found,
            "view": shown,
            "note": note,
            "theirs": {
                BY_NAME[name].label: found.values.get(name, "")
                for name, value in typed.items()
                if found.values.get(name, "") != value
            },
            "groups": fields(
                found.values | typed,
                found.problems,
                found.answers,
                [ref.label for ref in reads.classes(draft, today)],
            ),
            "wrong": [
                p for p in found.problems if p["level"] == "error" and p["code"] not in _TWIN_CODES
            ],
            "invalid": status == 422,
            "has_twins": bool(shown.twins),
            "is_alone": reads.is_alone(draft),
        },
        status=status,
    )


# ── the draft as a whole ─────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Put a draft away, after a page that says what follows."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        drafts.discard(actor=actor, draft_id=draft_id)
        messages.success(request, "Чернетку вилучено. Її можна відновити.")
        return see_other(request, "draft_list")
    draft = reads.find(actor, draft_id)
    return page(
        request,
        "registry/draft_discard.html",
        {"draft": draft, "filled": reads.counts(draft)["all"]},
    )


@require_POST
def restore(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Take a discarded draft out again."""
    drafts.restore(actor=request.actor, draft_id=draft_id)  # type: ignore[attr-defined]
    messages.success(request, "Чернетку відновлено.")
    return see_other(request, "draft_detail", draft_id)


@require_GET
def problem_rows(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Rows that did not get through, as XLSX with the reasons beside: to ask parents with."""
    draft = reads.find(request.actor, draft_id)  # type: ignore[attr-defined]
    columns = [
        Column("Рядок"),
        *(Column(column.label) for column in GRID),
        Column("Що виправити", width=70, wrap=True),
    ]
    rows = [
        [
            str(found.position),
            *(found.values.get(column.name, "") for column in GRID),
            "\n".join(f"{BY_NAME[p['field']].label}: {p['detail']}" for p in found.problems),
        ]
        for found in reads.problem_rows(draft)
    ]
    return file_answer(workbook(Sheet("Виправити", columns, rows)), "vypravyty.xlsx", XLSX)
