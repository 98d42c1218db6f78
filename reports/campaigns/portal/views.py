"""«Збір звітності»: campaigns, a new one, how one goes as a table and as a map, its end."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from accounts.roles import UnitKind
from kernel import jobs
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, identifier, one_of
from kernel.tables import dates
from kernel.text import plural
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Address, Column, Facet, Listing, Name, Tag, chips, order_of, pager
from reports import definition, tasks
from reports.campaigns import policies, selectors
from reports.campaigns.models import CampaignPart, FormCampaign
from reports.campaigns.portal.forms import AnnounceForm, DaysForm, WithdrawForm
from reports.campaigns.services import gathering, leading

SERVICE = "Збір звітності"
_TAGS = {"PLANNED": "note", "OPEN": "good", "CLOSED": "off", "WITHDRAWN": "bad"}
_PART_TAGS = {
    "GENERATED": "bad",
    "CHECKED": "heed",
    "SIGNED": "note",
    "RETURNED": "bad",
    "ACCEPTED": "good",
    "COLLECTING": "heed",
    "CONSOLIDATED": "note",
}


def tag_of(found: FormCampaign) -> Tag:
    """The state of a campaign in a word."""
    return Tag(selectors.CAMPAIGNS[found.state], _TAGS[found.state])


def tag_of_part(part: CampaignPart) -> Tag:
    """The state of a report or a summary in a word."""
    words = selectors.REPORTS if part.is_school else selectors.SUMMARIES
    return Tag(words[part.state], _PART_TAGS[part.state])


# ── which there are ──────────────────────────────────────────────────────────
_COLUMNS: list[Column[FormCampaign]] = [
    Column(
        "title", "Збір", lambda one: Name(one.title, reverse("campaign", args=[one.pk])), width=40
    ),
    Column("territory", "Територія", lambda one: one.territory.name, width=40),
    Column("as_of", "Станом на", lambda one: one.as_of, kind="nw"),
    Column("due", "Заклади до", lambda one: one.due_school, kind="nw"),
    Column("made", "Оголошено", lambda one: one.created_at, kind="nw"),
    Column("state", "Стан", tag_of, width=20),
]


@require_GET
def campaigns(request: HouseRequest) -> HttpResponseBase:
    """Campaigns of the reach, the latest first."""
    actor = request.actor
    policies.see.require(actor)
    given = asked(request, order_of(selectors.ORDERS, selectors.LATEST), FILE)
    address = Address(request, ("order",))

    def read(mark: str | None = None, **how: Any) -> Page[FormCampaign]:
        return selectors.listing(actor, **{"after": mark, "order": given["order"], **how})

    shown = Listing(
        address, SERVICE, _COLUMNS, (), orders=selectors.ORDERS, order=given["order"], most=MOST
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = read(**asked(request, *MARKS))
    return pages.page(
        request,
        "reports/campaigns/list.html",
        {
            "list": dataclasses.replace(shown, rows=found.rows, pager=pager(address, found)),
            "may_announce": policies.announce.allows(actor),
        },
    )


def _territories(request: HouseRequest) -> list[tuple[str, str]]:
    """The actor's own node, and for the ministry each oblast."""
    return [
        (str(one.uid), "Уся країна" if one.kind == UnitKind.OWNER else one.name)
        for one in selectors.territories(request.actor)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest) -> HttpResponse:
    """Announce a campaign; when its day has come its reports begin to be generated at once."""
    actor, now = request.actor, moment()
    policies.announce.require(actor)
    as_of = leading.first_day(now.today)
    days = leading.usual_days(as_of)
    days["opens_on"] = max(days["opens_on"], min(now.today, days["due_school"]))
    form = AnnounceForm(
        _territories(request),
        request.POST or None,
        initial={
            "title": f"ЗНЗ-1 станом на {dates.show(as_of)}",
            "forms": [code for code in definition.codes() if code.startswith("ZNZ1-")],
            **days,
        },
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            made = leading.announce(
                actor=actor,
                title=data["title"],
                forms=data["forms"],
                territory_uid=data["territory"],
                as_of=data["as_of"],
                opens_on=data["opens_on"],
                dues=form.dues,
                moment=now,
            )
            run = selectors.gathering(made)
            if run is not None:
                jobs.start(tasks.gather, str(run.pk))
            messages.success(request, f"Збір «{made.title}» оголошено.")
            return pages.see_other(request, "campaign", made.pk)
    return pages.form_page(request, "reports/campaigns/new.html", form)


# ── how one goes ─────────────────────────────────────────────────────────────
def _school_columns(found: FormCampaign) -> list[Column[CampaignPart]]:
    spoken = selectors.form_of(selectors.sections(found)[0]).headlines[0]
    return [
        Column(
            "school",
            "Заклад",
            lambda one: Name(one.unit.name, reverse("campaign_part", args=[one.pk])),
            width=44,
        ),
        Column(
            "level", "Кому подає", lambda one: one.parent.unit.name if one.parent else "", width=40
        ),
        Column("headline", spoken.title, lambda one: one.headline, kind="num"),
        Column("broken", "Невідповідностей", lambda one: one.broken or None, kind="num"),
        Column("moved", "Коли", lambda one: one.moved_at, kind="nw"),
        Column("state", "Стан", tag_of_part, width=24),
    ]


@require_GET
def campaign(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponseBase:
    """One campaign: how far it is, below whom; oblasts on a map; schools as a list."""
    actor = request.actor
    found = selectors.campaign(actor, campaign_id)
    run = selectors.gathering(found)
    context: dict[str, Any] = {
        "campaign": found,
        "tag": tag_of(found),
        "forms": [selectors.form_of(one).short for one in selectors.sections(found)],
        "leads": policies.lead.allows(actor, found.unit),
        "run": run,
    }
    if run is not None and run.state != "DONE":
        return pages.page(request, "reports/campaigns/progress.html", context, partial="progress")
    given = asked(
        request,
        identifier("unit"),
        one_of("state", selectors.REPORTS),
        order_of(selectors.SCHOOL_ORDERS, "school"),
        FILE,
    )
    top = selectors.top(actor, found)
    if given["unit"] is not None:
        top = selectors.level(actor, found, given["unit"])
    address = Address(request, ("unit", "state", "order"))
    unit_id = top.unit_id if top else None

    def read(mark: str | None = None, **how: Any) -> Page[CampaignPart]:
        return selectors.schools(
            actor,
            found,
            unit_id,
            given["state"],
            **{"after": mark, "order": given["order"], **how},
        )

    shown = Listing(
        address,
        found.title,
        _school_columns(found),
        (),
        orders=selectors.SCHOOL_ORDERS,
        order=given["order"],
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(selectors.REPORTS.items()))]),
        clear=address.with_(state=""),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    page = read(**asked(request, *MARKS))
    states = selectors.counts(found, unit_id) if unit_id else {}
    rows_below = selectors.below(top) if top else []
    context |= {
        "top": top,
        "whole": top is None or top.parent_id is None,
        "counts": states,
        "total": sum(states.values()),
        "signed": states.get("SIGNED", 0) + states.get("ACCEPTED", 0),
        "accepted": states.get("ACCEPTED", 0),
        "rows": [row for row in rows_below if not row.part.is_school],
        "tag_of": tag_of_part,
        "map": [
            {
                "code": tile.code,
                "label": tile.row.part.unit.name,
                "value": 100 * tile.row.done // max(tile.row.schools, 1),
                "url": f"?unit={tile.row.part.unit.uid}",
            }
            for tile in (selectors.oblasts(top) if top else [])
        ],
        "tiles": [
            {
                "label": row.part.unit.name,
                "value": 100 * row.done // max(row.schools, 1),
                "code": "",
                "url": "",
            }
            for row in rows_below
            if not row.part.is_school
        ],
        "list": dataclasses.replace(shown, rows=page.rows, pager=pager(address, page)),
        "pills": [
            {
                "label": label,
                "url": address.with_(state=key),
                "count": (states.get(key, 0) if key else sum(states.values())) if states else None,
                "current": key == given["state"],
            }
            for key, label in {"": "Усі", **selectors.REPORTS}.items()
        ],
        "may_remind": found.state == "OPEN" and actor.scope.level != "institution",
    }
    return pages.page(request, "reports/campaigns/detail.html", context)


@require_GET
def progress(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """The bar of generating, asked for every second; when done, the campaign opens by itself."""
    found = selectors.campaign(request.actor, campaign_id)
    run = selectors.gathering(found)
    if run is None or run.state == "DONE":
        return pages.see_other(request, "campaign", found.pk)
    return pages.page(
        request,
        "reports/campaigns/progress.html",
        {
            "campaign": found,
            "tag": tag_of(found),
            "run": run,
            "leads": policies.lead.allows(request.actor, found.unit),
        },
        partial="progress",
    )


@require_POST
def steer(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """Stop generating, go on, add schools that appeared since; remind those late."""
    actor, now, do = request.actor, moment(), request.POST.get("do", "")
    try:
        if do == "stop":
            gathering.stop(actor=actor, campaign_id=campaign_id, now=now.now)
            messages.success(request, "Формування звітів зупинено.")
        elif do == "resume":
            run = gathering.go_on(actor=actor, campaign_id=campaign_id, now=now.now)
            jobs.start(tasks.gather, str(run.pk))
        elif do == "again":
            run = leading.gather_again(actor=actor, campaign_id=campaign_id, moment=now)
            jobs.start(tasks.gather, str(run.pk))
        elif do == "remind":
            many = leading.remind(actor=actor, campaign_id=campaign_id, moment=now)
            words = plural(many, "отримувачу", "отримувачам", "отримувачам")
            messages.success(request, f"Нагадали {many} {words}: сповіщенням на порталі й листом.")
    except DomainError as refusal:
        pages.pass_on(refusal)
        messages.warning(request, f"{refusal.title}. {refusal.detail}")
    return pages.see_other(request, "campaign", campaign_id)


@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """Later last days, another title; the page says what never changes."""
    found = selectors.campaign(request.actor, campaign_id)
    policies.lead.require(request.actor, found.unit)
    form = DaysForm(
        request.POST or None,
        initial={
            "title": found.title,
            "version": found.version,
            **{name: getattr(found, name) for name in leading.DUES},
        },
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            leading.prolong(
                actor=request.actor,
                campaign_id=campaign_id,
                version=form.cleaned_data["version"],
                title=form.cleaned_data["title"],
                dues=form.dues,
            )
            messages.success(request, "Строки змінено.")
            return pages.see_other(request, "campaign", campaign_id)
    return pages.form_page(request, "reports/campaigns/days.html", form, {"campaign": found})


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """End a campaign whose last summary is made."""
    found = selectors.campaign(request.actor, campaign_id)
    policies.lead.require(request.actor, found.unit)
    refusal = None
    if request.method == "POST":
        try:
            leading.close(actor=request.actor, campaign_id=campaign_id, moment=moment())
        except DomainError as no:
            pages.pass_on(no)
            refusal = no
        else:
            messages.success(request, "Збір звітності завершено.")
            return pages.see_other(request, "campaign", campaign_id)
    return pages.page(
        request,
        "reports/campaigns/close.html",
        {"campaign": found, "refusal": refusal},
        status=refusal.http_status if refusal else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """Give a campaign up, with the reason everybody reads."""
    found = selectors.campaign(request.actor, campaign_id)
    policies.lead.require(request.actor, found.unit)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            leading.withdraw(
                actor=request.actor,
                campaign_id=campaign_id,
                why=form.cleaned_data["why"],
                moment=moment(),
            )
            messages.success(request, "Збір скасовано.")
            return pages.see_other(request, "campaign", campaign_id)
    return pages.form_page(request, "reports/campaigns/withdraw.html", form, {"campaign": found})
