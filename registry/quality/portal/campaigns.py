"""Campaigns to mend data: announced and watched from above, mended in a list from below."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.roles import Role
from kernel import clock
from kernel.errors import DomainError
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of
from kernel.text import plural
from kernel.ui import files, menu, pages
from kernel.ui.files import FILE, MOST
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
from registry.fields.rules.pack import current
from registry.people import policies as people
from registry.quality import policies, standing
from registry.quality.errors import CampaignOver, NobodyToRemind
from registry.quality.models import QualityCampaign
from registry.quality.portal import contacts
from registry.quality.portal.forms import CampaignForm, ProlongForm
from registry.quality.services import campaigns

WORDS = {"OPEN": "Тривають", "CLOSED": "Завершено"}


def _state(one: QualityCampaign) -> Tag:
    if one.state == "CLOSED":
        return Tag("Завершено", "off")
    if one.due_on < clock.today():
        return Tag("Строк минув", "bad")
    return Tag("Триває", "note")


_CAMPAIGNS: list[Column[standing.Seen]] = [
    Column(
        "title",
        "Кампанія",
        lambda one: Name(
            one.campaign.title,
            reverse("quality_campaign", args=[one.campaign.pk]),
            note=one.campaign.unit.name,
        ),
        width=50,
    ),
    Column("state", "Стан", lambda one: _state(one.campaign)),
    Column("due", "До якого дня", lambda one: one.campaign.due_on, kind="nw"),
    Column(
        "schools",
        "Закладів завершили",
        lambda one: f"{one.progress.mended} із {one.progress.schools}",
        kind="nw",
    ),
    Column("left", "Учнів лишилося", lambda one: one.progress.to_mend, kind="num"),
]


@narrowable
@require_GET
def campaign_list(request: HouseRequest) -> HttpResponseBase:
    """Campaigns that institutions of the reach take part in, the latest to end first."""
    actor = request.actor
    given = asked(request, one_of("state", WORDS), order_of(standing.CAMPAIGN_ORDERS, "-due"), FILE)
    address = Address(request, ("state", "order"))
    everyone = standing.seen(actor, order=given["order"])
    rows = [one for one in everyone if given["state"] in ("", one.campaign.state)]
    shown = Listing(
        address,
        "Кампанії виправлення даних",
        _CAMPAIGNS,
        rows,
        orders=standing.CAMPAIGN_ORDERS,
        order=given["order"],
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(WORDS.items()))]),
    )
    if given["file"]:
        return files.answer(given["file"], shown, rows, actor=actor, now=clock.moment().now)
    pills = [
        {
            "label": label,
            "url": address.with_(state=key),
            "count": sum(key in ("", one.campaign.state) for one in everyone),
            "current": key == given["state"],
        }
        for key, label in {"": "Усі", **WORDS}.items()
    ]
    return pages.page(
        request,
        "registry/quality/campaigns.html",
        {"list": shown, "pills": pills, "may_announce": policies.announce.allows(actor)},
    )


def campaign_new(request: HouseRequest) -> HttpResponse:
    """Announce a campaign."""
    policies.announce.require(request.actor)
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = campaigns.announce(actor=request.actor, today=clock.today(), **form.cleaned_data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, "Кампанію оголошено. Керівники закладів отримають сповіщення."
            )
            return pages.see_other(request, "quality_campaign", made.pk)
    return pages.form_page(request, "registry/quality/campaign_new.html", form)


def _schools(actor: Actor) -> list[Column[standing.Behind]]:
    def name(row: standing.Behind) -> Name:
        return Name(
            row.institution.short_name, reverse("quality_campaign_school", args=[row.row.pk])
        )

    return [
        Column("name", "Заклад", name, width=50),
        Column("n", "Учнів лишилося", lambda row: row.n, kind="num"),
        Column("start", "На початку", lambda row: row.of, kind="num"),
        *contacts.columns(actor),
        Column(
            "reminded",
            "Нагадали",
            lambda row: clock.day_of(row.row.reminded_at) if row.row.reminded_at else None,
            kind="nw",
            empty="ще ні",
        ),
    ]


_WHICH = {standing.BEHIND: "Ще виправляють", standing.MENDED: "Завершили"}


@narrowable
@require_GET
def campaign_detail(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponseBase:
    """How far a campaign is: by territory, and the institutions to call. A school's own part at once."""
    actor = request.actor
    one = standing.campaign(actor, campaign_id)
    given = asked(request, one_of("which", _WHICH), order_of(standing.SCHOOL_ORDERS, "-n"), FILE)

    def read(mark: str | None = None, **how: Any) -> Page[standing.Behind]:
        return standing.schools(
            actor,
            one.campaign,
            given["which"],
            **{"after": mark, "order": given["order"], **how},
        )

    address = Address(request, ("which", "order"))
    shown = Listing(
        address,
        one.campaign.title,
        _schools(actor),
        (),
        orders=standing.SCHOOL_ORDERS,
        order=given["order"],
        most=MOST,
        chips=chips(address, [Facet("which", "Заклади", list(_WHICH.items()))]),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(
            given["file"], shown, rows, actor=actor, now=clock.moment().now, of=actor.unit_name
        )
    page = read(**asked(request, *MARKS))
    own = actor.scope.level == "institution"
    if own and one.progress.schools == 1 and not given["which"]:
        return pages.see_other(request, "quality_campaign_school", page.rows[0].row.pk)
    counts = {
        "": one.progress.schools,
        standing.BEHIND: one.progress.behind,
        standing.MENDED: one.progress.mended,
    }
    is_open = one.campaign.state == "OPEN"
    return pages.page(
        request,
        "registry/quality/campaign.html",
        {
            "seen": one,
            "campaign": one.campaign,
            "tag": _state(one.campaign),
            "progress": one.progress,
            "places": standing.by_place(actor, one.campaign),
            "titles": _titles(one.campaign),
            "list": shown.at(page),
            "pills": pills(address, "which", {"": "Усі заклади", **_WHICH}, given["which"], counts),
            "may_remind": is_open and one.progress.behind and policies.announce.allows(actor),
            "may_lead": is_open and policies.lead.allows(actor, one.campaign.unit),
        },
    )


def _titles(one: QualityCampaign) -> list[str]:
    return [each.title for each in current().indicators if each.code in one.indicators]


@require_POST
def campaign_remind(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """Remind the heads of those behind within reach."""
    try:
        schools = campaigns.remind(actor=request.actor, campaign_id=campaign_id)
    except (NobodyToRemind, CampaignOver) as refusal:
        messages.warning(request, refusal.detail)
    else:
        many = plural(schools, "закладу", "закладам", "закладам")
        messages.success(request, f"Нагадали {schools} {many}: сповіщенням на порталі й листом.")
    return pages.see_other(request, "quality_campaign", campaign_id)


def campaign_prolong(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """Give a campaign another last day."""
    one = standing.campaign(request.actor, campaign_id).campaign
    policies.lead.require(request.actor, one.unit)
    form = ProlongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaigns.prolong(
                actor=request.actor,
                campaign_id=campaign_id,
                due_on=form.cleaned_data["due_on"],
                today=clock.today(),
            )
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Строк продовжено.")
            return pages.see_other(request, "quality_campaign", campaign_id)
    return pages.form_page(
        request, "registry/quality/campaign_prolong.html", form, {"campaign": one}
    )


def campaign_close(request: HouseRequest, campaign_id: uuid.UUID) -> HttpResponse:
    """End a campaign: its numbers stand still."""
    one = standing.campaign(request.actor, campaign_id).campaign
    policies.lead.require(request.actor, one.unit)
    refusal = None
    if request.method == "POST":
        try:
            campaigns.close(actor=request.actor, campaign_id=campaign_id)
        except DomainError as refused:
            refusal = refused
        else:
            messages.success(request, "Кампанію завершено.")
            return pages.see_other(request, "quality_campaign", campaign_id)
    return pages.page(
        request,
        "registry/quality/campaign_close.html",
        {"campaign": one, "refusal": refusal},
        status=refusal.http_status if refusal else 200,
    )


def _to_mend(*, may_edit: bool) -> list[Column[standing.ToMend]]:
    def name(row: standing.ToMend) -> Name:
        return Name(row.pupil.full_name, reverse("pupil_detail", args=[row.pupil.pk]))

    def fix(row: standing.ToMend) -> Name | None:
        return Name("Виправити", row.url, aloud=f"{row.title}: {row.pupil.full_name}")

    return [
        Column("name", "Прізвище, імʼя, по батькові", name, width=40),
        Column("rule", "Що не так", lambda row: row.text or "Уже виправлено", width=60),
        *([Column[standing.ToMend]("fix", "Що зробити", fix)] if may_edit else []),
    ]


@require_GET
def campaign_school(request: HouseRequest, school_id: int) -> HttpResponseBase:
    """An institution's part: its progress, and each child to mend with the way to the very field."""
    actor = request.actor
    one = standing.school(actor, school_id)
    named = people.see_names.allows(actor, one.institution)
    counts = standing.by_rule(one)
    rules = [rule for rule in current().rules if rule.code in counts]
    context: dict[str, Any] = {
        "school": one,
        "campaign": one.campaign,
        "institution": one.institution,
        "tag": _state(one.campaign),
        "titles": _titles(one.campaign),
        "named": named,
        "rules": [(rule.title, counts[rule.code]) for rule in rules],
        "own": actor.scope.level == "institution",
        "mended": max(one.pupils - one.to_mend, 0),
    }
    if named:
        there = [each for each in current().indicators if each.code in one.campaign.indicators]
        codes = [each.code for each in there]
        given = asked(
            request, one_of("indicator", codes), order_of(standing.FINDING_ORDERS, "name"), FILE
        )

        def read(mark: str | None = None, **how: Any) -> Page[standing.ToMend]:
            return standing.to_mend(
                actor,
                one,
                clock.today(),
                given["indicator"],
                **{"after": mark, "order": given["order"], **how},
            )

        address = Address(request, ("indicator", "order"))
        may_edit = actor.holds(Role.HEAD, Role.DEPUTY) and not given["file"]
        shown = Listing(
            address,
            one.campaign.title,
            _to_mend(may_edit=may_edit),
            (),
            orders=standing.FINDING_ORDERS,
            order=given["order"],
            most=MOST,
            chips=chips(
                address,
                [Facet("indicator", "Показник", [(each.code, each.title) for each in there])],
            ),
        )
        if given["file"]:
            rows = every(lambda mark: read(mark, size=files.CHUNK, what="файл зі списком"))
            of = one.institution.short_name
            return files.answer(
                given["file"], shown, rows, actor=actor, now=clock.moment().now, of=of
            )
        page = read(**asked(request, *MARKS))
        of_indicator = {
            code: sum(counts[rule.code] for rule in rules if rule.indicator == code)
            for code in codes
        }
        context |= {
            "list": shown.at(page),
            "pills": [
                {
                    "label": label,
                    "url": address.with_(indicator=code),
                    "count": of_indicator[code] if code else sum(counts.values()),
                    "current": code == given["indicator"],
                }
                for code, label in [("", "Усе"), *((each.code, each.title) for each in there)]
            ],
        }
    return pages.page(request, "registry/quality/campaign_school.html", context)


def waiting(actor: Actor) -> list[menu.Attention]:
    """Campaigns in which a school has something to mend, for its home page."""
    if actor.scope.level != "institution" or not policies.see.allows(actor):
        return []
    return [
        menu.Attention(
            kind="data",
            title=row.campaign.title,
            text=f"{row.institution.short_name}: виправте дані "
            f"{row.to_mend} {plural(row.to_mend, 'учня', 'учнів', 'учнів')}",
            when=f"до {row.campaign.due_on:%d.%m}",
            url=reverse("quality_campaign_school", args=[row.pk]),
            action="Виправити",
        )
        for row in standing.to_mend_first(actor)
    ]
