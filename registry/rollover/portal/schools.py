"""How far the schools of an authority are: begin their plans, remind their heads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel import batch, clock, jobs
from kernel.clock import moment
from kernel.paging import every
from kernel.parameters import MARKS, asked, flag, one_of
from kernel.text import plural, years
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Act,
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    chosen,
    narrowable,
    order_of,
    pager,
    pills,
    seal,
)
from registry.classifiers.models import SchoolYear
from registry.rollover import policies, selectors, services
from registry.rollover.selectors import School
from registry.rollover.states import STATES, TAGS
from registry.rollover.tasks import begin_plans

_COLUMNS: list[Column[School]] = [
    Column(
        "name",
        "Заклад",
        lambda row: Name(row.card.short_name, reverse("institution_detail", args=[row.card.uid])),
        width=40,
    ),
    Column("state", "Стан", lambda row: Tag(STATES[row.state], TAGS[row.state]), width=20),
    Column("pupils", "Дітей", lambda row: row.summary.get("pupils"), kind="num"),
    Column("promote", "Переходять", lambda row: row.summary.get("promote"), kind="num"),
    Column("repeat", "Повторний курс", lambda row: row.summary.get("repeat"), kind="num"),
    Column("leave", "Вибувають", lambda row: row.summary.get("leave"), kind="num"),
    Column("stay", "Не переводяться", lambda row: row.summary.get("stay"), kind="num"),
    Column("errors", "Виправити", lambda row: row.summary.get("errors") or None, kind="num"),
]


def _year() -> SchoolYear:
    return selectors.coming_year(clock.today())


@narrowable
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HouseRequest) -> HttpResponseBase:
    """Schools within reach with the state of each; a POST takes the chosen ones out as a file."""
    actor, now = request.actor, moment()
    policies.see_schools.require(actor)
    year = _year()
    given = asked(
        request, one_of("state", STATES), order_of(selectors.ORDERS, "name"), FILE, flag("all")
    )
    state, order = given["state"], given["order"]
    found = selectors.schools(actor, year, now.today, state, order=order, **asked(request, *MARKS))
    counts = selectors.states(actor, year, now.today)
    address = Address(request, ("state", "order"))
    may_call = policies.call.allows(actor)
    here = address.with_()
    remind = (Act("Нагадати керівникам", reverse("rollover_remind") + _query(here), icon="bell"),)
    shown = Listing(
        address,
        f"Переведення на {years(year.code)} навчальний рік",
        _COLUMNS,
        found.rows,
        pager=pager(address, found),
        orders=selectors.ORDERS,
        order=order,
        key=lambda row: str(row.card.uid),
        acts=(*(remind if may_call else ()), *files.acts(here)),
        total=counts[state] if state else sum(counts.values()),
        everything=seal(selectors.school_keys(actor, year, now.today, state))
        if given["all"]
        else "",
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(STATES.items()))]),
        clear=address.with_(state=""),
    )
    answer = files.asked_for(
        request,
        shown,
        lambda only: every(
            lambda mark: selectors.schools(
                actor, year, now.today, state, order=order, after=mark, size=files.CHUNK, only=only
            )
        ),
        actor=actor,
        matching=lambda: selectors.school_keys(actor, year, now.today, state),
    )
    call = selectors.last_call(actor, year)
    return answer or pages.page(
        request,
        "registry/rollover/schools.html",
        {
            "list": shown,
            "year": year,
            "may_call": may_call and counts["absent"] > 0,
            "absent": counts["absent"],
            "call": call,
            "is_running": call is not None and call.state in batch.UNDER_WAY,
            "done": counts["signed"] + counts["in_effect"],
            "all": sum(counts.values()),
            "pills": pills(address, "state", {"": "Усі", **STATES}, state, counts),
        },
    )


def _query(url: str) -> str:
    _, mark, query = url.partition("?")
    return mark + query


@require_POST
def call(request: HouseRequest) -> HttpResponse:
    """Begin the plans of every school of the authority that has none; a job does it."""
    run = services.ask_all(actor=request.actor, to_year=_year().code, now=timezone.now())
    jobs.start(begin_plans, str(run.pk))
    many = plural(run.total, "закладу", "закладів", "закладів")
    messages.success(request, f"Складаємо плани {run.total} {many}. Підписує кожен керівник свій.")
    return pages.see_other(request, "rollover_schools")


@narrowable
@require_POST
def remind(request: HouseRequest) -> HttpResponse:
    """Remind the heads of the chosen schools."""
    actor, now = request.actor, moment()
    policies.call.require(actor)
    year = _year()
    state = asked(request, one_of("state", STATES))["state"]
    keys = chosen(request, lambda: selectors.school_keys(actor, year, now.today, state))
    told = services.remind(actor=actor, institutions=keys, to_year=year.code, moment=now)
    if told:
        many = plural(told, "закладу", "закладів", "закладів")
        messages.success(request, f"Нагадано керівникам {told} {many}.")
    else:
        messages.warning(request, "Нікому нагадувати: серед вибраних немає закладів без підпису.")
    return pages.see_other(request, "rollover_schools")
