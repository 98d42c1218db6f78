"""«Оновлення класів»: the year's classes, many opened at once, last year's one grade up, closing."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.actors import Actor
from accounts.http import HouseRequest
from kernel import audit, clock
from kernel.errors import DomainError, NotFound, StaleVersion
from kernel.parameters import asked, matching
from kernel.text import plural, years
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Act, Address, Column, Listing, Name, Tag, order_of
from registry.classes import ports, selectors
from registry.classes import services as classes
from registry.classes.frames import year_for
from registry.classes.models import ClassGroup
from registry.classes.services import ClassSpec
from registry.classes.written import read_labels
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.institutions import policies
from registry.institutions import selectors as institution_selectors
from registry.institutions.models.institutions import Institution
from registry.institutions.portal.forms import ClassesForm, ClassForm, CopyForm
from registry.staff import selectors as staff

_FIELDS = (
    "grade",
    "letter",
    "form",
    "type",
    "language",
    "shift",
    "profile",
    "capacity",
)


def classes_own(request: HouseRequest) -> HttpResponseBase:
    """«Класи» of the institution the actor heads or serves."""
    return _year_page(request, institution_selectors.own(request.actor))


def class_list(request: HouseRequest, uid: uuid.UUID) -> HttpResponseBase:
    """Classes of one school year at an institution, with numbers of pupils and the norms' hints."""
    return _year_page(request, institution_selectors.find(request.actor, uid))


def _columns(*, sees_teachers: bool) -> list[Column[selectors.ClassRow]]:
    def teacher(row: selectors.ClassRow) -> str:
        post = row.group.teacher
        if post is None:
            return ""
        return (
            f"{post.employee.surname} {post.employee.given_name}" if sees_teachers else "призначено"
        )

    def name(row: selectors.ClassRow) -> Name:
        return Name(row.label, reverse("class_detail", args=[row.group.uid]))

    return [
        Column("class", "Клас", name, width=8),
        Column("type", "Тип", lambda row: classifiers.label("class_type", row.group.type)),
        Column(
            "form",
            "Форма здобуття освіти",
            lambda row: classifiers.label("education_form", row.group.form),
            width=24,
        ),
        Column("teacher", "Класний керівник", teacher, width=30, empty="не призначено"),
        Column("pupils", "Учнів", lambda row: row.pupils, kind="num"),
        Column(
            "hint", "Зауваження", lambda row: Tag(row.hint, "heed") if row.hint else "", width=40
        ),
    ]


def _year_page(request: HouseRequest, institution: Institution) -> HttpResponseBase:
    actor = request.actor
    year = _year(request)
    given = asked(request, order_of(selectors.ORDERS, "class"), FILE)
    rows = selectors.in_order(selectors.of_year(actor, institution, year), given["order"])
    can_keep = policies.keep_classes.allows(actor, institution)
    sees_teachers = policies.see_class_teacher.allows(actor, institution)
    address = Address(request, ("year", "order"))
    shown = Listing(
        address,
        f"Класи {year.code.replace('-', '/')} навчального року",
        _columns(sees_teachers=sees_teachers),
        rows,
        orders=selectors.ORDERS,
        order=given["order"],
        key=lambda row: str(row.group.uid),
        acts=_acts(actor, institution, year) if can_keep else (),
        most=MOST,
    )
    if request.method != "POST" and given["file"]:
        if sees_teachers:
            teachers = {row.group.teacher_id for row in rows if row.group.teacher_id}
            audit.looked_at(actor, "registry.staff", teachers, "файл зі списком класів")
        return files.answer(
            given["file"],
            shown,
            rows,
            actor=actor,
            now=clock.moment().now,
            of=institution.short_name,
        )
    return pages.page(
        request,
        "registry/classes/list.html",
        {
            "list": shown,
            "card": institution,
            "year": year,
            "rows": rows,
            "pupils": sum(row.pupils for row in rows),
            "years": [
                {"label": years(one.code), "url": f"?year={one.code}", "current": one == year}
                for one in classifiers.years()
            ],
            "closed": selectors.of_year(actor, institution, year, closed=True),
            "can_keep": can_keep,
            "refusal": policies.keep_classes.refusal(actor, institution),
            "previous": _previous(year),
        },
    )


def _acts(actor: Actor, institution: Institution, year: SchoolYear) -> list[Act]:
    closing = Act("Закрити вибрані…", reverse("class_close", args=[institution.uid]), kind="bad")
    if year.ends_on <= clock.today() or not ports.may_order(actor, institution):
        return [closing]
    table = f"{reverse('classes_chosen', args=[institution.uid])}?year={year.code}"
    return [Act("Змінити вибрані наказом…", table, icon="grid"), closing]


def class_new(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Open one class or many: names as a list, everything else the same for all."""
    actor = request.actor
    institution = institution_selectors.find(actor, uid)
    policies.keep_classes.require(actor, institution)
    year = _year(request)
    form = ClassesForm(request.POST or None, initial={"opened_on": year.starts_on})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        names, problems = read_labels(data["labels"])
        for problem in problems:
            form.add_error("labels", problem.detail)
        if not problems:
            specs = [
                ClassSpec(
                    grade,
                    letter,
                    form=data["form"],
                    type=data["type"],
                    language=data["language"],
                    shift=data["shift"],
                )
                for grade, letter in names
            ]
            try:
                opened = classes.open_many(
                    specs,
                    actor=actor,
                    institution=uid,
                    year=year.code,
                    opened_on=data["opened_on"],
                )
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                _tell_opened(request, opened)
                return _to_year(request, uid, year)
    return pages.form_page(
        request, "registry/classes/new.html", form, {"card": institution, "year": year}
    )


def class_copy(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Open the year's classes from those of the year before, one grade up."""
    actor = request.actor
    institution = institution_selectors.find(actor, uid)
    policies.keep_classes.require(actor, institution)
    year = _year(request)
    source = _previous(year)
    if source is None:
        raise NotFound
    proposals = [
        one for one in selectors.one_grade_up(actor, institution, source, year) if not one.exists
    ]
    form = CopyForm(
        request.POST or None,
        proposals=[(str(one.source.uid), f"{one.source.label} → {one.label}") for one in proposals],
        initial={"chosen": [str(one.source.uid) for one in proposals]},
    )
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["chosen"])
        first, problems = read_labels(form.cleaned_data["first"])
        for problem in problems:
            form.add_error("first", problem.detail)
        specs = [
            _grown(one.source, year.starts_on) for one in proposals if str(one.source.uid) in chosen
        ] + [ClassSpec(grade, letter) for grade, letter in first]
        if not problems:
            try:
                opened = classes.open_many(specs, actor=actor, institution=uid, year=year.code)
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                _tell_opened(request, opened)
                return _to_year(request, uid, year)
    return pages.form_page(
        request,
        "registry/classes/copy.html",
        form,
        {"card": institution, "year": year, "source": source, "proposals": proposals},
    )


def class_edit(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Correct one class; a stale form shows what changed meanwhile."""
    actor = request.actor
    group = selectors.find(actor, uid)
    policies.keep_classes.require(actor, group.institution)
    today = clock.today()
    form = ClassForm(
        request.POST or None,
        teachers=staff.teachers(actor, group.institution, today),
        initial=_as_typed(group) | {"since": max(today, group.opened_on)},
    )
    context: dict[str, Any] = {"group": group, "card": group.institution}
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        version, since = data.pop("version"), data.pop("since")
        data["teacher"] = uuid.UUID(data["teacher"]) if data["teacher"] else None
        try:
            saved = classes.update(data, actor=actor, uid=uid, version=version, since=since)
        except StaleVersion as refusal:
            now = _as_typed(selectors.find(actor, uid))
            context["meanwhile"] = pages.meanwhile(form, refusal, now)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Клас {saved.label} збережено.")
            return pages.see_other(request, "class_detail", uid)
    return pages.form_page(request, "registry/classes/edit.html", form, context)


def class_close(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Close the chosen classes: first the page that says what will happen, then the act."""
    actor = request.actor
    institution = institution_selectors.find(actor, uid)
    policies.keep_classes.require(actor, institution)
    chosen = [selectors.find(actor, one) for one in request.POST.getlist("pick")]
    if request.method != "POST" or not chosen:
        return pages.see_other(request, "class_list", uid)
    refusal: DomainError | None = None
    if request.POST.get("sure"):
        try:
            closed = classes.close_many([group.uid for group in chosen], actor=actor)
        except DomainError as no:
            refusal = no
        else:
            names = ", ".join(group.label for group in closed)
            messages.success(request, f"Закрито: {names}.")
            return pages.see_other(request, "class_list", uid)
    return pages.page(
        request,
        "registry/classes/close.html",
        {"card": institution, "chosen": chosen, "refusal": refusal},
        status=refusal.http_status if refusal else 200,
    )


# ── parts ────────────────────────────────────────────────────────────────────
def _as_typed(group: ClassGroup) -> dict[str, Any]:
    """A class as its form has it."""
    told = {field: getattr(group, field) for field in _FIELDS}
    return {**told, "teacher": str(group.teacher_id or ""), "version": group.version}


def _year(request: HouseRequest) -> SchoolYear:
    years = matching("year", "навчальний рік, «2026-2027»", "[0-9]{4}-[0-9]{4}")
    code = asked(request, years)["year"] or request.POST.get("year")
    if code:
        return classifiers.year(code)
    try:
        return year_for(clock.today())  # in July and August classes of the coming year are opened
    except NoSchoolYear:
        return classifiers.current_year(clock.today())


def _previous(year: SchoolYear) -> SchoolYear | None:
    earlier = [one for one in classifiers.years() if one.starts_on < year.starts_on]
    return earlier[-1] if earlier else None


def _grown(group: ClassGroup, first_day: datetime.date) -> ClassSpec:
    return ClassSpec(
        group.grade + 1,
        group.letter,
        group.form,
        group.type,
        group.language,
        group.shift,
        group.profile,
        group.capacity,
        group.teacher_id if group.teacher is not None and group.teacher.lasts(first_day) else None,
    )


def _tell_opened(request: HouseRequest, opened: list[ClassGroup]) -> None:
    number = len(opened)
    what = plural(number, "клас", "класи", "класів")
    names = ", ".join(group.label for group in opened)
    messages.success(request, f"Відкрито {number} {what}: {names}.")


def _to_year(request: HouseRequest, uid: uuid.UUID, year: SchoolYear) -> HttpResponse:
    return pages.see_other(request, f"{reverse('class_list', args=[uid])}?year={year.code}")
