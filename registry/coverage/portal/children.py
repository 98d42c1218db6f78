"""Counts of communities, children of one, and the door to those who may be missing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import NotFound
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, identifier, one_of
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Address, Column, Listing, Name, Tag, narrowable, order_of, pager
from registry.classifiers.selectors import classifiers
from registry.coverage import policies, selectors, services
from registry.coverage.portal.forms import EnterForm
from registry.coverage.portal.records import CHUNK
from registry.coverage.states import NOT_COVERED
from registry.coverage.terms import terms
from registry.people.models.pupils import Pupil


def _counted(*, named: bool, by_oblast: bool) -> list[Column[selectors.Line]]:
    def community(one: selectors.Line) -> Name:
        here = f"{reverse('coverage_children')}?unit={one.unit.uid}" if named else ""
        if by_oblast:
            here = f"{reverse('coverage')}?area={one.unit.uid}"
        return Name(one.unit.name, here)

    return [
        Column("name", "Область" if by_oblast else "Громада", community, width=44),
        Column("children", "Живе дітей", lambda one: one.sum.children, kind="num"),
        Column("learning", "Навчаються", lambda one: one.sum.learning, kind="num"),
        Column("elsewhere", "З них в іншій громаді", lambda one: one.sum.elsewhere, kind="num"),
        Column("nowhere", "Не навчаються", lambda one: one.sum.nowhere, kind="num"),
        Column("recorded", "На обліку", lambda one: one.sum.recorded, kind="num"),
        Column("absent", "Відсутні 10 днів", lambda one: one.sum.absent, kind="num"),
        Column("overdue", "Прострочено", lambda one: one.sum.overdue, kind="num"),
        Column("here", "Навчаються тут", lambda one: one.sum.here, kind="num"),
        Column("unplaced", "З них без адреси", lambda one: one.sum.unplaced, kind="num"),
    ]


@narrowable
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HouseRequest) -> HttpResponseBase:
    """Children of school age by community, as last counted; a school's own list is its absences."""
    actor, now = request.actor, moment()
    if not policies.see_counts.allows(actor):
        policies.see_cases.require(actor, "ABSENT")
        return pages.see_other(request, "coverage_cases", "absent")
    if request.method == "POST":
        units = [one.pk for one in selectors.kept_by(actor)]
        services.count(actor=actor, units=units, moment=now)
        messages.success(request, "Пораховано.")
        return pages.see_other(request, "coverage")
    given = asked(request, FILE)
    found = selectors.overview(actor, now.today)
    named = policies.see_children.allows(actor) and bool(selectors.kept_by(actor))
    shown = Listing(
        Address(request, ()),
        "Облік дітей шкільного віку",
        _counted(named=named, by_oblast=actor.scope.level == "all"),
        found.rows,
        most=MOST,
    )
    if given["file"]:
        return files.answer(given["file"], shown, found.rows, actor=actor, now=now.now)
    forms = classifiers.labels("education_form")
    reasons = terms().reasons[NOT_COVERED]
    total = found.total
    return pages.page(
        request,
        "registry/coverage/overview.html",
        {
            "list": shown,
            "total": total,
            "counted_at": max((one.counted_at for one in found.rows), default=None),
            "figures": [
                ("Дітей шкільного віку живе", total.children),
                ("Навчаються", total.learning),
                ("Не навчаються", total.nowhere),
                ("На обліку", total.recorded),
                ("Відсутні 10 днів", total.absent),
                ("Прострочено", total.overdue),
            ],
            "forms": [(forms.get(code, code), many) for code, many in found.forms.most_common()],
            "reasons": [
                (reasons.get(code, code), many) for code, many in found.reasons.most_common()
            ],
            "trend": [(f"{month:%m.%Y}", learn, nowhere) for month, learn, nowhere in found.trend],
            "named": named,
            "lists": [
                (label, reverse("coverage_cases", args=[slug]))
                for slug, kind, label in (
                    ("uncovered", NOT_COVERED, "Не охоплені навчанням"),
                    ("absent", "ABSENT", "Відсутні 10 днів"),
                )
                if policies.see_cases.allows(actor, kind)
            ],
        },
    )


def _learns(one: Any) -> Name | Tag:
    if one.institution is None:
        if one.case_id:
            return Name("Не навчається: на обліку", reverse("coverage_case", args=[one.case_id]))
        return Tag("Не навчається", "heed")
    return Name(one.institution.short_name)


def _columns() -> list[Column[Pupil]]:
    forms = classifiers.labels("education_form")

    def child(one: Any) -> Name:
        return Name(one.full_name, reverse("pupil_detail", args=[one.pk]) if one.is_near else "")

    return [
        Column("name", "Дитина", child, width=40),
        Column("born", "Народження", lambda one: one.born_on, kind="nw"),
        Column("learns", "Де навчається", _learns, width=40),
        Column("form", "Форма", lambda one: forms.get(one.form, one.form), width=24),
    ]


@never_cache
@require_http_methods(["GET", "HEAD"])
def children(request: HouseRequest) -> HttpResponseBase:
    """Children of school age who live in a community, by name, and where each learns."""
    actor, now = request.actor, moment()
    given = asked(
        request,
        identifier("unit"),
        one_of("show", selectors.SHOW),
        order_of(selectors.CHILD_ORDERS, "name"),
        FILE,
    )
    unit = selectors.community(actor, str(given["unit"] or ""))
    show = given["show"]
    address = Address(request, ("unit", "show", "order"))

    def read(mark: str | None = None, **how: Any) -> Page[Any]:
        return selectors.children(
            actor, unit, show, today=now.today, **{"after": mark, "order": given["order"], **how}
        )

    found = Page[Any]([], None, None) if given["file"] else read(**asked(request, *MARKS))
    shown = Listing(
        address,
        "Діти шкільного віку",
        _columns(),
        found.rows,
        pager=pager(address, found),
        orders=selectors.CHILD_ORDERS,
        order=given["order"],
        most=MOST,
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=now.now, of=unit.name)
    return pages.page(
        request,
        "registry/coverage/children.html",
        {
            "list": shown,
            "unit": unit,
            "pills": [
                {"label": label, "url": address.with_(show=key), "current": key == show}
                for key, label in selectors.SHOW.items()
            ],
            "others": [
                (one.name, f"{reverse('coverage_children')}?unit={one.uid}")
                for one in selectors.kept_by(actor)
                if one.pk != unit.pk
            ],
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HouseRequest) -> HttpResponseBase:
    """On what ground one looks at children who may be missing; for whoever may not, there is no such
    page."""
    if not selectors.sees_missing(request.actor):
        raise NotFound
    form = EnterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            services.enter_missing(
                actor=request.actor, ground=form.cleaned_data["ground"], moment=moment()
            )
            return pages.see_other(request, "coverage_cases", "missing")
    return pages.form_page(request, "registry/coverage/enter.html", form)
