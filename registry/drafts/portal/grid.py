"""The grid: a page of rows, what is wrong in them, what a cell or a pasted block changes."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, NotFound, StaleVersion
from kernel.parameters import asked, matching, one_of, whole
from kernel.text import plural
from kernel.ui.pages import page, pass_on, see_other, wants_fragment
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.drafts.errors import StaleRow
from registry.drafts.judging import is_answered, mark, said_of
from registry.drafts.models import Draft, DraftRow
from registry.drafts.portal.row_fields import typed as typed_fields
from registry.drafts.portal.running import hand_over
from registry.drafts.portal.steps import steps
from registry.process import AnyProcess, Column, kind

STATES = {
    "READY": ("good", "", "Готово", "is-ok"),
    "FIX": ("bad", "err", "Виправити", "is-bad"),
    "CHECK": ("heed", "", "Перевірити", "is-heed"),
    "EXCLUDED": ("off", "minus", "Не включено", "is-out"),
    "EMPTY": ("plain", "none", "", ""),
}
# Keys of the table, as its page tells them: grid.js does what they say.
SHORTCUTS = (
    (("Tab",), "наступна клітинка; з останньої — до нового рядка"),
    (("Enter",), "клітинка нижче, з Shift — вище"),
    (("F8",), "наступна проблема, з Shift — попередня"),
    (("Alt", "Enter"), "прийняти запропоноване під клітинкою"),
    (("Alt", "↓"), "до кнопок під клітинкою, Esc — назад"),
    (("Shift", "↓"), "вибрати кілька клітинок стовпця"),
    (("Ctrl", "D"), "як у клітинці вище"),
    (("Ctrl", "V"), "вставити рядки з Excel"),
    (("Ctrl", "Z"), "скасувати"),
    (("Esc",), "повернути, що було в клітинці"),
    (("←", "→"), "з краю рядка — до його кнопок"),
    (("Ctrl", "Enter"), "із таблиці до кнопки «Далі»"),
)
TWIN_CODES = {"twin", "twin_document", "other_data", "enrolled_here"}


@dataclasses.dataclass(frozen=True)
class Message:
    """What stands under a cell: the words, the value to put, or the doubt to confirm."""

    id: str
    kind: str
    text: str
    fix: str | None
    field: str
    code: str
    mark: str  # of what is doubted: an answer says what it is about


@dataclasses.dataclass(frozen=True)
class Cell:
    """One input of the grid."""

    id: str
    name: str
    label: str
    value: str
    css: str
    fixed: bool
    listed: bool  # its column has choices, offered while typing
    message: Message | None
    stands: str = ""  # what the register says now
    told_by: str = ""  # says whose the row is: the class of its place in a row at rest on a phone


@dataclasses.dataclass(frozen=True)
class Twin:
    """A row set beside the profile it may be, differences marked."""

    pupil_id: str
    level: str
    text: str
    lines: list[tuple[str, str, str, bool]]
    may_be_other: bool
    mark: str  # of what identifies the child of the row


@dataclasses.dataclass(frozen=True)
class RowView:
    """One row of the grid with everything its markup needs."""

    row: DraftRow
    recognised: bool  # it was typed, and is a child whom the register knows
    cells: list[Cell]
    tag: tuple[str, str, str, str]
    twins: list[Twin]
    elsewhere: list[Message]


def row_view(row: DraftRow, process: AnyProcess, profiles: Mapping[str, Any]) -> RowView:
    shown: dict[str, dict[str, Any]] = {}
    twins: list[Twin] = []
    for problem in row.problems:
        if problem["level"] == "warning" and is_answered(row.answers, problem):
            continue
        if problem["code"] in TWIN_CODES and problem.get("pupil"):
            twins.append(_twin(row, problem, profiles.get(problem["pupil"]), process))
            continue
        before = shown.get(problem["field"])
        if before is None or (before["level"] == "warning" and problem["level"] == "error"):
            shown[problem["field"]] = problem
    cells = [_cell(row, column, shown.pop(column.name, None), process) for column in process.grid]
    elsewhere = [_message(row, problem, process) for problem in shown.values()]
    tag = STATES[row.state]
    if twins and row.state == "CHECK":
        tag = ("heed", "twin", "Та сама дитина?", "is-heed")
    recognised = row.pupil_id is not None and process.chosen is None
    return RowView(row, recognised, cells, tag, twins, elsewhere)


def _cell(
    row: DraftRow, column: Column, problem: dict[str, Any] | None, process: AnyProcess
) -> Cell:
    css = ""
    if problem is not None:
        css = "is-bad" if problem["level"] == "error" else "is-heed"
    value = column.words_of(row.values.get(column.name, ""))
    stands = row.stands.get(column.name, "")
    return Cell(
        id=f"r{row.id}-{column.name}",
        name=column.name,
        label=column.label,
        fixed=column.fixed,
        listed=bool(column.choices) or column.offered,
        value=value,
        stands="" if stands == value else stands,  # what is typed already says it
        css=css,
        message=_message(row, problem, process) if problem is not None else None,
        told_by=dict(zip(process.told_by, ("is-key", "is-gn"), strict=False)).get(column.name, ""),
    )


def _message(row: DraftRow, problem: dict[str, Any], process: AnyProcess) -> Message:
    return Message(
        id=f"m{row.id}-{problem['field']}",
        kind=problem["level"],
        text=problem["detail"],
        fix=problem["fix"],
        field=problem["field"],
        code=problem["code"],
        mark=mark([row], said_of(process, problem["field"])),
    )


def _twin(row: DraftRow, problem: dict[str, Any], child: Any, process: AnyProcess) -> Twin:
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
        mark=mark([row], sorted(process.identity)),
    )


_ROW = matching("row", "номер рядка таблиці", "[0-9]{1,18}", nothing="")


def _asked(request: HouseRequest) -> tuple[str, int]:
    """Which rows are shown, and the page of them."""
    given = asked(
        request, one_of("show", reads.FILTERS, nothing="all"), whole("page", 1, 9_999, nothing=1)
    )
    return given["show"], given["page"]


def _address(name: str, draft: Draft, show: str, page: int) -> str:
    """An address of the draft that keeps what is shown."""
    return f"{reverse(name, args=[draft.process, draft.pk])}?show={show}&page={page}"


def _grid(
    request: HouseRequest,
    draft: Draft,
    *,
    stale: Mapping[int, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    actor = request.actor
    show, number = _asked(request)
    shown = reads.rows_page(draft, show, number)
    profiles = reads.profiles(actor, shown.rows, moment().today)
    by_name = kind(draft.process).by_name

    def at(**changes: Any) -> str:
        return _address("draft_detail", draft, show, **{"page": shown.number} | changes)

    return {
        **_summary(draft, show),
        "columns": kind(draft.process).grid,
        "widths": [column.width for column in kind(draft.process).grid],
        "fillable": _fillable(draft),
        "steps": steps(draft, "check"),
        "shortcuts": SHORTCUTS,
        "rows": [row_view(row, kind(draft.process), profiles) for row in shown.rows],
        "shown": shown,
        "show": show,
        "self_url": at(),
        "save_url": _address("draft_cells", draft, show, shown.number),
        "previous_url": at(page=shown.number - 1) if shown.number > 1 else "",
        "next_url": at(page=shown.number + 1) if shown.number < shown.pages else "",
        "first_url": at(page=1),
        "stale": [
            {"row": row_id, "fields": [(by_name[k].label, v) for k, v in values.items()]}
            for row_id, values in (stale or {}).items()
        ],
        "order": reads.waiting_order(draft),
        "mappable": draft.state == "OPEN" and reads.has_table(draft),
    }


def _fillable(draft: Draft) -> list[Column]:
    """Columns in which people type, each with what may be chosen."""
    process = kind(draft.process)
    columns = [column for column in process.grid if not column.fixed]
    if not any(column.offered for column in columns):
        return columns
    try:
        offered = process.options(draft.institution_id, draft.terms, moment())
    except DomainError:  # no school year of that day: told with the rows
        return columns
    return [
        dataclasses.replace(column, choices=tuple(offered[column.name]))
        if column.offered
        else column
        for column in columns
    ]


def _summary(draft: Draft, show: str) -> dict[str, Any]:
    """Counts, problems and the bar: what changes with every cell."""
    counts = reads.counts(draft)
    by_name = kind(draft.process).by_name
    url = reverse("draft_detail", args=[draft.process, draft.pk])
    icons = {"fix": "err", "check": "warn", "ready": "check", "out": "minus"}

    def line(trouble: reads.Trouble, state: str) -> dict[str, Any]:
        label = by_name[trouble.field].label.lower()
        brief = trouble.detail.split(". ")[0].rstrip(".")
        anchor = f"r{trouble.row_id}-{trouble.field}"
        if not by_name[trouble.field].in_grid:
            target = reverse("draft_row", args=[draft.process, draft.pk, trouble.row_id])
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
        "process": kind(draft.process),
        "counts": counts,
        "headline": ", ".join(words),
        "errors": [line(t, "fix") for t in reads.troubles(draft, "FIX")] if fix else [],
        "doubts": [line(t, "check") for t in reads.troubles(draft, "CHECK")] if check else [],
        "kinds": [
            {"kind": kind, "label": by_name[kind.field].label}
            for kind in reads.repeated_kinds(draft)
        ]
        if fix or check
        else [],
        "pills": [
            {
                "label": label,
                "count": counts["all"] + counts["EMPTY"] if not state else counts[state],
                "url": f"{url}?show={key}",
                "current": key == show,
                "icon": icons.get(key, ""),
            }
            for key, (label, state) in reads.FILTERS.items()
        ],
        "ready": counts["READY"],
        "rest": counts["all"] - counts["READY"],
        "chosen": kind(draft.process).chosen is not None,
        "typed": kind(draft.process).typed is not None,
        "remarks": kind(draft.process).remarks(draft, moment()),
        "undo": reads.last_step(draft),
        "saved_at": draft.updated_at,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """The grid. A post saves the page of rows and does one act on it; works without scripts."""
    actor = request.actor
    draft = reads.find(actor, draft_id, process)
    if draft.waiting:
        return see_other(request, "draft_columns", process, draft.pk)
    if request.method != "POST" and (run := reads.unfinished(draft)) is not None:
        return see_other(request, "draft_run", run.pk)
    stale: Mapping[int, Mapping[str, str]] = {}
    unseen = False
    if request.method == "POST":
        typed = _typed_rows(request, process)
        if typed:
            _, stale = drafts.save_rows(actor=actor, draft_id=draft_id, rows=typed, moment=moment())
        try:
            if not stale:  # what the act is about is not what was looked at
                act(request, actor, draft_id, request.POST.get("do", ""))
        except DomainError as no:
            pass_on(no)
            messages.warning(request, no.detail)
            unseen = isinstance(no, StaleVersion)
        if request.POST.get("do") == "next" and not stale:
            return see_other(request, kind(process).finish or "order_prepare", process, draft_id)
        draft = reads.find(actor, draft_id, process)
        if wants_fragment(request):
            return _changed(request, draft, status=409 if unseen else 200)
        if not (stale or unseen):
            return see_other(request, request.get_full_path())
    return page(
        request,
        "registry/draft_detail.html",
        _grid(request, draft, stale=stale),
        status=409 if stale or unseen else 200,
    )


def _changed(request: HouseRequest, draft: Draft, status: int = 200) -> HttpResponse:
    """The rows of the page and all around them, after an act that may have touched any."""
    shown = _grid(request, draft)
    return render(request, "registry/_draft_changed.html", shown, status=status)


def _typed_rows(request: HouseRequest, process: str) -> dict[int, tuple[int, dict[str, str]]]:
    """Rows of a plain form: every row posts every column, so the lists stand in the same order."""
    post = request.POST
    ids, versions = post.getlist("row"), post.getlist("version")
    lists = {column.name: post.getlist(column.name) for column in kind(process).grid}
    if not ids or any(len(values) != len(ids) for values in (versions, *lists.values())):
        return {}
    return {
        int(row_id): (int(version), {name: values[place] for name, values in lists.items()})
        for place, (row_id, version) in enumerate(zip(ids, versions, strict=True))
        if row_id.isdigit() and version.isdigit()
    }


def act(request: HouseRequest, actor: Any, draft_id: uuid.UUID, do: str) -> None:
    """One act on the draft: «fix|row|field|code» and the like; «*» for every row. An answer ends with
    the mark of what was looked at."""
    verb, *words = do.split("|")
    now = moment()
    common = {"actor": actor, "draft_id": draft_id, "moment": now}
    row_id = int(words[0]) if words and words[0].isdigit() else None
    if verb == "fix" and len(words) == 3:
        drafts.apply_fix(**common, row_id=row_id, field=words[1], code=words[2])
    elif verb == "ok" and len(words) == 4:
        drafts.answer(**common, row_id=row_id, key=f"{words[1]}:{words[2]}", seen=words[3])
    elif verb in {"same", "other"} and len(words) in {3, 4} and row_id is not None:
        pupil_id, seen, why = _uuid(words[1]), words[2], "".join(words[3:])
        drafts.decide_twin(
            **common, row_id=row_id, pupil_id=pupil_id, same=verb == "same", seen=seen, why=why
        )
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
        hand_over(drafts.check_again(**common).draft)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


@require_POST
def cells(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Save what the grid sends: one row, or a pasted block; answers with rows and what else changed."""
    actor = request.actor
    post = request.POST
    now = moment()
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
            moment=now,
        )
        return _changed(request, reads.find(actor, draft_id, process))
    row_id = post.get("row") or asked(request, _ROW)["row"]  # in the address: the page of one row
    version = post.get("version", "")
    if not (row_id.isascii() and row_id.isdigit() and version.isascii() and version.isdigit()):
        raise NotFound
    typed = typed_fields(kind(process), post.dict())
    status = 200
    try:
        saved = drafts.save_row(
            actor=actor,
            draft_id=draft_id,
            row_id=int(row_id),
            version=int(version),
            values=typed,
            moment=now,
        )
        rows, changed = saved.rows, saved.changed_ids
    except StaleRow as stale:
        rows, changed, status = [stale.context["row"]], set(), 409
    draft = reads.find(actor, draft_id, process)
    show, _ = _asked(request)
    rows = [*rows, *reads.rows_by_id(draft, changed - {row.id for row in rows})]
    profiles = reads.profiles(actor, rows, now.today)
    answer = render(
        request,
        "registry/_draft_saved.html",
        {
            **_summary(draft, show),
            "rows": [row_view(row, kind(draft.process), profiles) for row in rows],
        },
        status=status,
    )
    answer["X-Version"] = str(rows[0].version)
    return answer
