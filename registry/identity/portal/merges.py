"""«Обʼєднання профілів дитини» and «… працівника»: the list, asking, the two profiles side by side, the
decision; `kind` says whose, by the address."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of, words
from kernel.tables import dates
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    narrowable,
    order_of,
    pills,
)
from registry.classifiers.selectors import classifiers
from registry.fields.contacts import SEX_WORDS
from registry.identity import policies, selectors, services
from registry.identity.children import CHILDREN
from registry.identity.kind import Kind
from registry.identity.portal.forms import AskForm, RejectForm, UndoForm
from registry.identity.staff import STAFF
from registry.identity.states import STATES

WORDS = {
    "ASKED": "Чекають на рішення",
    "MERGED": "Обʼєднано",
    "UNDOING": "Просять скасувати",
    "REJECTED": "Відхилено",
    "UNDONE": "Скасовано",
}
_TAGS = {"ASKED": "heed", "MERGED": "good", "UNDOING": "heed", "REJECTED": "off", "UNDONE": "off"}
_ONE = {"ASKED": "Чекає на рішення", "UNDOING": "Просять скасувати"}
_ABSENT = "Такого профілю у вашому підпорядкуванні немає."


def _tag(state: str) -> dict[str, str]:
    return {"kind": _TAGS[state], "label": _ONE.get(state, WORDS[state])}


def _child(pupil: Any, url: str = "") -> Name:
    return Name(f"{pupil.surname} {pupil.given_name}", url, pupil.patronymic)


def _state(merge: Any) -> Tag:
    tag = _tag(merge.state)
    return Tag(tag["label"], tag["kind"])


def _columns(kind: Kind) -> list[Column[Any]]:
    def detail(merge: Any) -> str:
        return reverse(kind.url("merge_detail"), args=[merge.pk])

    return [
        Column(
            "retained",
            "Основний профіль",
            lambda merge: _child(merge.retained, detail(merge)),
            width=40,
        ),
        Column("institution", "Його заклад", lambda merge: merge.institution.short_name, width=30),
        Column("merged", "Другий профіль", lambda merge: _child(merge.merged), width=40),
        Column(
            "merged_institution",
            "Заклад другого",
            lambda merge: merge.merged_institution.short_name,
            width=30,
        ),
        Column("state", "Стан", _state, width=20),
        Column("asked", "Попросили", lambda merge: clock.day_of(merge.asked_at), kind="nw"),
    ]


@narrowable
@require_GET
def merge_list(request: HouseRequest, kind: Kind = CHILDREN) -> HttpResponseBase:
    """Merges within reach, the latest asked first unless told otherwise."""
    actor = request.actor
    given = asked(
        request, one_of("state", STATES), order_of(selectors.ORDERS, selectors.LATEST), FILE
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))

    def read(mark: str | None = None, **how: Any) -> Page[Any]:
        return selectors.listing(
            actor, state, **{"after": mark, "order": order, "kind": kind, **how}
        )

    shown = Listing(
        address,
        kind.words.service,
        _columns(kind),
        (),
        orders=selectors.ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(WORDS.items()))]),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK, what="файл зі списком"))
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = read(**asked(request, *MARKS))
    counts = selectors.counts(actor, kind)
    return pages.page(
        request,
        "registry/merges/list.html",
        {
            "kind": kind,
            "list": shown.at(found),
            "pills": pills(address, "state", {"": "Усі", **WORDS}, state, counts),
        },
    )


def merge_new(request: HouseRequest, kind: Kind = CHILDREN) -> HttpResponse:
    """Say that two profiles are one."""
    policies.see_merges.require(request.actor)
    form = AskForm(
        request.POST or None,
        initial={"merged": asked(request, words("merged"))["merged"]},
        kind=kind,
    )
    if request.method == "POST" and form.is_valid():
        ids = {name: _sought(form, name, kind) for name in ("retained", "merged")}
        if all(ids.values()):
            try:
                merge = services.ask_merge(
                    actor=request.actor,
                    retained_id=ids["retained"],
                    merged_id=ids["merged"],
                    ground=form.cleaned_data["ground"],
                    moment=moment(),
                    kind=kind,
                )
            except NotFound:
                form.add_error(None, _ABSENT)
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, "Прохання записано. Рішення ухвалює інша особа.")
                return pages.see_other(request, kind.url("merge_detail"), merge.pk)
    return pages.form_page(request, "registry/merges/new.html", form, {"kind": kind})


def _sought(form: AskForm, name: str, kind: Kind) -> uuid.UUID | None:
    try:
        return selectors.sought(form.cleaned_data[name], name, kind)
    except NotFound:
        form.add_error(name, _ABSENT)
    except DomainError as refusal:
        form.refuse(refusal)
    return None


@require_GET
def merge_detail(request: HouseRequest, merge_id: uuid.UUID, kind: Kind = CHILDREN) -> HttpResponse:
    """The two profiles side by side, what goes where, and what may be decided."""
    return _detail(request, merge_id, kind)


def _detail(
    request: HouseRequest,
    merge_id: uuid.UUID,
    kind: Kind,
    form: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = selectors.view(request.actor, merge_id, moment(), kind)
    merge = shown.merge
    asked_for = RejectForm if merge.state == "ASKED" else UndoForm
    return pages.page(
        request,
        "registry/merges/detail.html",
        {
            "kind": kind,
            "shown": shown,
            "merge": merge,
            "tag": _tag(merge.state),
            "rows": side_by_side(kind, shown.retained, shown.merged),
            "history": _history(merge),
            "form": form if isinstance(form, asked_for) else asked_for(),
            "may_decide": merge.state in {"ASKED", "UNDOING"} and not shown.is_mine,
        },
        status=status,
    )


@require_POST
def merge_confirm(
    request: HouseRequest, merge_id: uuid.UUID, kind: Kind = CHILDREN
) -> HttpResponse:
    """«Обʼєднати»."""
    return _decided(
        request,
        merge_id,
        kind,
        lambda: services.confirm_merge(
            actor=request.actor, merge_id=merge_id, moment=moment(), kind=kind
        ),
        "Профілі обʼєднано.",
    )


@require_POST
def merge_reject(request: HouseRequest, merge_id: uuid.UUID, kind: Kind = CHILDREN) -> HttpResponse:
    """«Відхилити»."""
    return _decide(
        request,
        merge_id,
        kind,
        RejectForm(request.POST),
        lambda form: services.reject_merge(
            actor=request.actor,
            merge_id=merge_id,
            reason=form.cleaned_data["reason"],
            moment=moment(),
            kind=kind,
        ),
        "Обʼєднання відхилено: профілі лишаються окремими.",
    )


@require_POST
def merge_undo(request: HouseRequest, merge_id: uuid.UUID, kind: Kind = CHILDREN) -> HttpResponse:
    """«Попросити скасувати»: another person takes the merge back."""
    return _decide(
        request,
        merge_id,
        kind,
        UndoForm(request.POST),
        lambda form: services.ask_unmerge(
            actor=request.actor,
            merge_id=merge_id,
            ground=form.cleaned_data["ground"],
            moment=moment(),
            kind=kind,
        ),
        "Прохання скасувати записано. Рішення ухвалює інша особа.",
    )


@require_POST
def merge_undone(request: HouseRequest, merge_id: uuid.UUID, kind: Kind = CHILDREN) -> HttpResponse:
    """«Скасувати обʼєднання», by the second person."""
    return _decided(
        request,
        merge_id,
        kind,
        lambda: services.unmerge(
            actor=request.actor, merge_id=merge_id, moment=moment(), kind=kind
        ),
        "Обʼєднання скасовано: обидва профілі такі, як були.",
    )


@require_POST
def merge_keep(request: HouseRequest, merge_id: uuid.UUID, kind: Kind = CHILDREN) -> HttpResponse:
    """«Лишити обʼєднаними»."""
    return _decided(
        request,
        merge_id,
        kind,
        lambda: services.keep_merge(actor=request.actor, merge_id=merge_id, kind=kind),
        "Профілі лишаються обʼєднаними.",
    )


def _decided(
    request: HouseRequest,
    merge_id: uuid.UUID,
    kind: Kind,
    act: Callable[[], object],
    done: str,
) -> HttpResponse:
    """A button without a form: why it is impossible stands on the page it leads back to."""
    try:
        act()
    except DomainError as refusal:
        pages.pass_on(refusal)
        messages.error(request, refusal.title)
    else:
        messages.success(request, done)
    return pages.see_other(request, kind.url("merge_detail"), merge_id)


def _decide(
    request: HouseRequest,
    merge_id: uuid.UUID,
    kind: Kind,
    form: Any,
    act: Callable[[Any], object],
    done: str,
) -> HttpResponse:
    selectors.view(request.actor, merge_id, moment(), kind)
    if form.is_valid():
        with pages.refusable(form):
            act(form)
            messages.success(request, done)
            return pages.see_other(request, kind.url("merge_detail"), merge_id)
    return _detail(request, merge_id, kind, form, 422)


def side_by_side(
    kind: Kind, one: selectors.Profile, other: selectors.Profile
) -> list[dict[str, Any]]:
    """Rows of the comparison: the name of what is compared, both values, whether they differ."""
    return [
        {"label": label, "one": told(one), "other": told(other), "differ": told(one) != told(other)}
        for label, told in (_COMPARED_STAFF if kind is STAFF else _COMPARED)
    ]


def _study(profile: selectors.Profile) -> str:
    return "; ".join(
        f"{row.institution.short_name}, {_period(row.starts_on, row.ends_on)}"
        for row in profile.enrolments
    )


def _period(starts_on: datetime.date, ends_on: datetime.date | None) -> str:
    return f"з {dates.show(starts_on)}" + (f" до {dates.show(ends_on)}" if ends_on else "")


def _papers(profile: selectors.Profile) -> str:
    return "; ".join(
        f"{classifiers.label('document_type', row.type)} {row.series} {row.number}".replace(
            "  ", " "
        )
        for row in profile.documents
    )


def _posts(profile: selectors.Profile) -> str:
    return "; ".join(
        f"{classifiers.label('position', row.position)}, {row.institution.short_name}, "
        f"{_period(row.starts_on, row.ends_on)}"
        for row in profile.posts
    )


_Compared = tuple[tuple[str, Callable[[selectors.Profile], str]], ...]
_PERSON: _Compared = (
    ("Прізвище, імʼя", lambda p: f"{p.pupil.surname} {p.pupil.given_name}"),
    ("По батькові", lambda p: p.pupil.patronymic),
    ("Дата народження", lambda p: dates.show(p.pupil.born_on)),
    ("Стать", lambda p: SEX_WORDS.get(p.pupil.sex, "")),
    ("РНОКПП", lambda p: p.pupil.rnokpp or ""),
    ("УНЗР", lambda p: p.pupil.unzr or ""),
)
_COMPARED: _Compared = (
    *_PERSON,
    ("Громадянство", lambda p: classifiers.label("country", p.pupil.citizenship)),
    ("Документи", _papers),
    ("Навчання", _study),
)
_COMPARED_STAFF: _Compared = (
    *_PERSON,
    ("Паспорт", lambda p: p.pupil.passport or ""),
    ("Посади", _posts),
)


def _history(merge: Any) -> list[tuple[str, str]]:
    """Who asked, decided and took back, when and why."""

    def by(grant: Any, at: Any) -> str:
        return f"{grant.user.short_name}, {grant.unit.name}, {dates.show(clock.day_of(at))}"

    found = [("Попросили", by(merge.asked_by, merge.asked_at)), ("Підстава", merge.ground)]
    if merge.decided_by:
        found.append(("Вирішили", by(merge.decided_by, merge.decided_at)))
    if merge.reason:
        found.append(("Чому відхилено", merge.reason))
    if merge.undo_asked_by:
        found.append(("Попросили скасувати", by(merge.undo_asked_by, merge.undo_asked_at)))
    if merge.undone_by:
        found.append(("Скасували", by(merge.undone_by, merge.undone_at)))
    if merge.undone_ground:
        found.append(("Чому помилкове", merge.undone_ground))
    return found
