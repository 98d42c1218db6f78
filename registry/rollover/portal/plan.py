"""The plan of a school: what becomes of each class and child, the decisions, the order."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound, StaleVersion
from kernel.parameters import asked, one_of, whole
from kernel.text import plural, years
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Act, Address, Column, Listing, Name, Tag
from registry.classes.services import ClassSpec
from registry.classes.written import read_labels
from registry.fields.forms import FORMS
from registry.institutions import selectors as institution_reads
from registry.movements.grounds import GROUNDS
from registry.orders.portal.forms import OrderForm
from registry.orders.selectors import orders as order_reads
from registry.rollover import policies, selectors, services
from registry.rollover.models import RolloverPlan
from registry.rollover.plan import Class, Coming, Line, Outcome, Plan, carried, compute, in_order
from registry.rollover.portal.forms import ChildrenForm, ClassDecisionForm, NewClassesForm
from registry.rollover.process import CODE, PROCESS
from registry.rollover.services import ForChildren
from registry.rollover.states import STATES, TAGS, state_of
from registry.staff import selectors as staff

PAGE = 100
SHOWN_PROBLEMS = 12
_SHOW = {
    "": "Усі",
    "promote": "Переходять",
    "repeat": "Повторний курс",
    "leave": "Вибувають",
    "stay": "Не переводяться",
}
_LEVELS = {"error": "bad", "warning": "heed", "note": "note"}


# ── beginning ────────────────────────────────────────────────────────────────
@require_GET
def own(request: HouseRequest) -> HttpResponse:
    """The actor's school and its branches, each with its plan or the button that begins it; an
    authority goes on to its schools."""
    actor = request.actor
    homes = institution_reads.own_with_branches(actor)
    if not homes:
        policies.see_schools.require(actor)
        return pages.see_other(request, "rollover_schools")
    for home in homes:
        if home.unit_id == actor.unit_id:
            policies.keep.require(actor, home)
    today = clock.today()
    year = selectors.coming_year(today)
    shown = []
    for home in homes:
        plan = selectors.of_institution(actor, home, year)
        shown.append((home, plan, Tag(STATES[state_of(plan, today)], TAGS[state_of(plan, today)])))
    if len(shown) == 1 and shown[0][1] is not None:
        return pages.see_other(request, "rollover_plan", shown[0][1].pk)
    return pages.page(request, "registry/rollover/own.html", {"homes": shown, "year": year})


@require_POST
def begin(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Compute the plan of a school for the coming year."""
    now = moment()
    year = selectors.coming_year(now.today)
    plan = services.begin_plan(actor=request.actor, institution=uid, to_year=year.code, moment=now)
    return pages.see_other(request, "rollover_plan", plan.pk)


# ── the plan ─────────────────────────────────────────────────────────────────
def _fate(line: Line) -> str | Tag:
    if line.act in ("CARRY", "JOIN"):
        name = line.target.label if line.target else "немає"
        return f"→ {name}" if line.act == "CARRY" else f"приєднується до {name}"
    return {
        "CLOSE": Tag("не переноситься", "off"),
        "GRADUATE": Tag("випуск", "good"),
        "STAY": Tag("закінчує навчання в закладі", "note"),
    }[line.act]


def _troubles(said: Sequence[Any]) -> tuple[Tag, ...]:
    return tuple(Tag(one.text, _LEVELS[one.level]) for one in said)


def _line_columns(plan: RolloverPlan) -> list[Column[Line]]:
    def name(line: Line) -> Name:
        url = reverse("rollover_class", args=[plan.pk, line.source.uid]) if line.source.uid else ""
        return Name(line.source.label, url, note="змінено вами" if line.is_decided else "")

    return [
        Column("class", "Клас зараз", name),
        Column("before", "Дітей", lambda line: line.before, kind="num"),
        Column("fate", "Що станеться", _fate, width=30),
        Column(
            "teacher",
            "Керівник далі",
            lambda line: line.target.teacher_name if line.target and line.act == "CARRY" else "",
            width=30,
        ),
        Column("stays", "Не переводяться", lambda line: line.stays or None, kind="num"),
        Column("problems", "На що зважити", lambda line: _troubles(line.problems), width=50),
    ]


_COMING: list[Column[Coming]] = [
    Column("class", "Клас", lambda one: Name(one.target.label)),
    Column("of", "З класів", lambda one: ", ".join(one.sources)),
    Column("after", "Дітей буде", lambda one: one.after, kind="num"),
    Column("teacher", "Класний керівник", lambda one: one.target.teacher_name, width=30),
    Column(
        "opened",
        "Утворюється",
        lambda one: Tag("наказом", "good") if one.is_new else Tag("уже відкрито", "off"),
    ),
    Column(
        "hint", "На що зважити", lambda one: Tag(one.hint, "heed") if one.hint else "", width=50
    ),
]


@require_GET
def detail(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Classes of this year, classes of the coming one, counts before and after, every problem."""
    actor, today = request.actor, clock.today()
    plan = selectors.find(actor, plan_id)
    state = state_of(plan, today)
    found = selectors.plan_of(plan, today)
    editable = state == "draft"
    address = Address(request, ())
    named = {one.about for one in found.problems}  # children whom a problem names
    selectors.looked(actor, (one.child for one in found.children if one.child.named in named))
    return pages.page(
        request,
        "registry/rollover/plan.html",
        {
            **_frame(plan, state, "plan"),
            "found": found,
            "editable": editable,
            "classes": Listing(
                address,
                f"Класи {years(plan.from_year_id)} навчального року",
                _line_columns(plan),
                found.lines,
            ),
            "coming": Listing(
                address, f"Класи {years(plan.to_year_id)} навчального року", _COMING, found.coming
            ),
            "removable": [one for one in found.coming if one.key is not None] if editable else [],
            "errors": found.errors[:SHOWN_PROBLEMS],
            "more_errors": max(0, len(found.errors) - SHOWN_PROBLEMS),
            "warnings": [one for one in found.problems if one.level == "warning"],
            "show": _SHOW,
        },
    )


def _frame(plan: RolloverPlan, state: str, now: str) -> dict[str, Any]:
    """What stands on every page of a plan."""
    names = [("plan", "План"), ("order", "Наказ"), ("sign", "Підпис")]
    at = [key for key, _ in names].index(now)
    url = reverse("rollover_plan", args=[plan.pk])
    return {
        "plan": plan,
        "card": plan.institution,
        "state": Tag(STATES[state], TAGS[state]),
        "is_over": state in ("signed", "in_effect"),
        "steps": [
            {
                "label": label,
                "state": "done" if place < at else "now" if place == at else "later",
                "url": url if key == "plan" and now != "plan" else "",
            }
            for place, (key, label) in enumerate(names)
        ],
    }


# ── children ─────────────────────────────────────────────────────────────────
def _becomes(one: Outcome) -> str:
    if one.act == "leave":
        return f"вибуває: {GROUNDS[one.reason][0].lower()}"
    if one.target is None:
        return f"не переводиться: {one.why}"
    what = "повторний курс, " if one.act == "repeat" else ""
    return f"{what}{one.target.label}"


_CHILDREN: list[Column[Outcome]] = [
    Column(
        "name",
        "Прізвище, імʼя, по батькові",
        lambda one: Name(
            one.child.full_name,
            reverse("pupil_detail", args=[one.child.id]),
            note="вирішено окремо" if one.is_own else "",
        ),
        width=40,
    ),
    Column("born", "Народження", lambda one: one.child.born_on, kind="nw"),
    Column("class", "Клас зараз", lambda one: one.child.class_label),
    Column("becomes", "Що станеться", _becomes, width=40),
    Column(
        "form", "Форма далі", lambda one: FORMS.get(one.form, "") if one.target else "", width=24
    ),
    Column("document", "Документ", lambda one: one.document, width=30),
]


def _list_of_children(
    request: HouseRequest, plan: RolloverPlan, outcomes: Sequence[Outcome], *, editable: bool
) -> Listing[Outcome]:
    decide = Act("Вирішити окремо…", reverse("rollover_decide", args=[plan.pk]), icon="pen")
    return Listing(
        Address(request, ("show",)),
        f"Учні, {years(plan.from_year_id)} → {years(plan.to_year_id)}",
        _CHILDREN,
        outcomes,
        key=lambda one: str(one.child.id),
        acts=(decide,) if editable else (),
        most=MOST,
    )


@require_GET
def children(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponseBase:
    """Everybody with what becomes of them and, of whom nothing does, why: the preview row by row."""
    actor, now = request.actor, moment()
    plan = selectors.find(actor, plan_id)
    given = asked(request, one_of("show", _SHOW), FILE, whole("page", 1, 1_000, nothing=1))
    state = state_of(plan, now.today)
    found = selectors.plan_of(plan, now.today)
    shown = [one for one in found.children if given["show"] in ("", one.act or "stay")]
    listing = _list_of_children(request, plan, shown, editable=state == "draft")
    if given["file"]:
        selectors.looked(actor, (one.child for one in shown), "файл плану переведення")
        return files.answer(
            given["file"], listing, shown, actor=actor, now=now.now, of=plan.institution.short_name
        )
    last = max(1, -(-len(shown) // PAGE))
    page = min(given["page"], last)
    rows = shown[(page - 1) * PAGE : page * PAGE]
    selectors.looked(actor, (one.child for one in rows))
    at = listing.address.with_
    pager = {
        "first": at() if page > 1 else "",
        "previous": at(page=str(page - 1)) if page > 1 else "",
        "next": at(page=str(page + 1)) if page < last else "",
    }
    counts = found.counts
    return pages.page(
        request,
        "registry/rollover/children.html",
        {
            **_frame(plan, state, "plan"),
            "list": dataclasses.replace(listing, rows=rows, pager=pager if last > 1 else {}),
            "pills": [
                {
                    "label": label,
                    "url": listing.address.with_(show=key),
                    "current": key == given["show"],
                    "count": counts[key or "pupils"],
                }
                for key, label in _SHOW.items()
            ],
        },
    )


@require_POST
def decide(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponse:
    """What becomes of the chosen children: first the form, then the decision."""
    actor, now = request.actor, moment()
    plan = selectors.find(actor, plan_id)
    ids = {one for one in request.POST.getlist("pick") if _uuid(one)}
    found = selectors.plan_of(plan, now.today)
    chosen = [one for one in found.children if str(one.child.id) in ids]
    if not chosen:
        messages.warning(request, "Нічого не вибрано: позначте дітей у списку.")
        return pages.see_other(request, "rollover_children", plan_id)
    sent = request.POST.get("decided") == "1"
    form = ChildrenForm(request.POST if sent else None)
    if sent and form.is_valid():
        data = form.cleaned_data
        wanted = ForChildren(data["act"], data["letter"].strip(), data["reason"], data["document"])
        with pages.refusable(form):
            count = services.decide_children(
                wanted,
                actor=actor,
                plan_id=plan_id,
                pupils=[one.child.id for one in chosen],
                moment=now,
            )
            words = plural(count, "дитину", "дитини", "дітей")
            messages.success(request, f"Вирішено про {count} {words}.")
            return pages.see_other(request, "rollover_plan", plan_id)
    selectors.looked(actor, (one.child for one in chosen))
    return pages.form_page(
        request,
        "registry/rollover/decide.html",
        form,
        {
            **_frame(plan, state_of(plan, now.today), "plan"),
            "chosen": chosen,
            "letters": sorted({f"{one.target.label}" for one in found.coming}),
        },
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


# ── classes ──────────────────────────────────────────────────────────────────
def _line_of(found: Plan, uid: uuid.UUID) -> Line:
    line = next((one for one in found.lines if one.source.uid == uid), None)
    if line is None:
        raise NotFound
    return line


def group(request: HouseRequest, plan_id: uuid.UUID, uid: uuid.UUID) -> HttpResponse:
    """A class of this year: what becomes of it, and of each of its children."""
    actor, now = request.actor, moment()
    plan = selectors.find(actor, plan_id)
    state = state_of(plan, now.today)
    facts = selectors.facts_of(plan, now.today)
    found = compute(facts)
    line = _line_of(found, uid)
    rows = found.of_class(line.source.id)
    initial = _as_typed(line, facts)
    teachers = (
        staff.teachers(actor, plan.institution, now.today)
        if policies.sees_teachers(actor, plan.institution)
        else _only(line.target)
    )
    form = ClassDecisionForm(request.POST or None, teachers=teachers, initial=initial)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        version = data.pop("version")
        data["teacher"] = uuid.UUID(data["teacher"]) if data["teacher"] else None
        try:
            services.decide_class(
                data, actor=actor, plan_id=plan_id, group=uid, version=version, moment=now
            )
        except StaleVersion as refusal:
            fresh = _line_of(selectors.plan_of(plan, now.today), uid)
            context["meanwhile"] = pages.meanwhile(form, refusal, _as_typed(fresh, facts))
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Клас {line.source.label}: рішення збережено.")
            return pages.see_other(request, "rollover_plan", plan_id)
    selectors.looked(actor, (one.child for one in rows))
    return pages.form_page(
        request,
        "registry/rollover/class.html",
        form,
        {
            **_frame(plan, state, "plan"),
            **context,
            "line": line,
            "list": _list_of_children(request, plan, rows, editable=state == "draft"),
            "editable": state == "draft",
        },
    )


def _only(target: Class | None) -> list[tuple[str, str]]:
    """The teacher alone, for who may not choose among the staff."""
    if target is None or target.teacher is None:
        return []
    return [(str(target.teacher), target.teacher_name)]


def _as_typed(line: Line, facts: Any) -> dict[str, Any]:
    """A decision as its form has it."""
    to = line.target or carried(line.source, facts)
    return {
        "act": line.act,
        "letter": to.letter,
        "teacher": str(to.teacher or ""),
        "type": to.type,
        "language": to.language,
        "shift": to.shift,
        "version": line.version,
    }


def new(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Add classes that the order opens: the first grade, a new class of a parallel."""
    actor, now = request.actor, moment()
    plan = selectors.find(actor, plan_id)
    teachers = (
        staff.teachers(actor, plan.institution, now.today)
        if policies.sees_teachers(actor, plan.institution)
        else []
    )
    form = NewClassesForm(request.POST or None, teachers=teachers)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        names, problems = read_labels(data["labels"])
        for problem in problems:
            form.add_error("labels", problem.detail)
        if data["teacher"] and len(names) > 1:
            form.add_error(
                "teacher", "Одного керівника призначають одному класу: додайте класи по одному."
            )
        if form.is_valid():
            teacher = uuid.UUID(data["teacher"]) if data["teacher"] else None
            specs = [
                ClassSpec(
                    grade,
                    letter,
                    form=data["form"],
                    type=data["type"],
                    language=data["language"],
                    shift=data["shift"],
                    teacher=teacher,
                )
                for grade, letter in names
            ]
            with pages.refusable(form):
                services.open_classes(specs, actor=actor, plan_id=plan_id, moment=now)
                told = ", ".join(spec.label for spec in specs)
                messages.success(request, f"Додано до плану: {told}.")
                return pages.see_other(request, "rollover_plan", plan_id)
    return pages.form_page(
        request,
        "registry/rollover/new.html",
        form,
        _frame(plan, state_of(plan, now.today), "plan"),
    )


@require_POST
def take_out(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Take a class that was added out of the plan."""
    selectors.find(request.actor, plan_id)
    key = request.POST.get("class", "")
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        raise NotFound
    services.take_out(actor=request.actor, plan_id=plan_id, key=int(key), moment=moment())
    messages.success(request, "Клас вилучено з плану.")
    return pages.see_other(request, "rollover_plan", plan_id)


@require_http_methods(["GET", "HEAD", "POST"])
def anew(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Compute the plan anew: what was decided is forgotten."""
    plan = selectors.find(request.actor, plan_id)
    if request.method == "POST":
        services.start_anew(actor=request.actor, plan_id=plan_id, moment=moment())
        messages.success(request, "План складено заново за чинними класами.")
        return pages.see_other(request, "rollover_plan", plan_id)
    return pages.page(
        request, "registry/rollover/anew.html", {"plan": plan, "card": plan.institution}
    )


# ── the order ────────────────────────────────────────────────────────────────
def order(request: HouseRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Number, dates, ground and protocol; then the order is formed and shown for its signature."""
    actor, now = request.actor, moment()
    plan = selectors.find(actor, plan_id)
    state = state_of(plan, now.today)
    if state != "draft" and plan.order is not None:
        return pages.see_other(request, "order_detail", plan.order.pk)
    found = selectors.plan_of(plan, now.today)
    ready = len(in_order(found.children))
    if request.method == "POST":
        form = OrderForm(request.POST, process=PROCESS)
        form.is_valid()
        expected = request.POST.get("expected", "")
        with pages.refusable(form):
            made = services.prepare(
                actor=actor,
                plan_id=plan_id,
                fields={name: request.POST.get(name, "") for name in form.fields},
                expected=int(expected) if expected.isascii() and expected.isdigit() else None,
                moment=now,
            )
            return pages.see_other(request, "order_detail", made.pk)
    else:
        suggested = order_reads.suggested_fields(plan.institution, CODE, plan.terms, now.today)
        first = max(plan.to_year.starts_on, now.today)
        leaves = max(now.today, min(plan.from_year.ends_on, first))
        form = OrderForm(
            initial={
                "leaves_on": f"{leaves:%d.%m.%Y}",
                **suggested,
                **({} if plan.terms.get("effective_on") else {"effective_on": f"{first:%d.%m.%Y}"}),
            },
            process=PROCESS,
        )
    return pages.form_page(
        request,
        "registry/rollover/order.html",
        form,
        {
            **_frame(plan, state, "order"),
            "ready": ready,
            "found": found,
            "errors": found.errors[:SHOWN_PROBLEMS],
            "more_errors": max(0, len(found.errors) - SHOWN_PROBLEMS),
            "may_sign": policies.sign.allows(actor, plan.institution),
        },
    )
