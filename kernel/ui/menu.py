"""What the frame and the home page show, filled by the apps from their `portal/menu.py`.

The kernel knows no service by name: each app registers its own entries when Django starts
(`AppConfig.ready()` imports `portal.menu`), and says by a predicate over the actor who sees them.
Registration is idempotent by URL name, so a reloaded module does not show twice.
"""

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from kernel.counts import Count, asked
from kernel.kept import together
from kernel.scoping import NOTHING

Actor = Any
"""Whatever `request.actor` holds; `None` for a visitor who has not signed in."""

Predicate = Callable[[Actor], bool]


def signed_in(actor: Actor) -> bool:
    """The usual predicate: anyone who has signed in and has a reach (`kernel.scoping`)."""
    return actor is not None and getattr(actor, "scope", None) != NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A section of the portal, in the bar under the header.

    `badge` answers how many things there wait for this actor (0 or None shows nothing), as a
    `Count`: those of a page are asked together.
    """

    url_name: str
    label: str
    order: int
    visible: Predicate = signed_in
    badge: Callable[[Actor], Count | int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A line of «Доступні послуги»: one thing a person can do, under the name they know it by."""

    url_name: str
    label: str
    group: str
    group_order: int
    order: int
    icon: str = "right"
    code: str = ""  # the argument of the address, where one page serves many services
    visible: Predicate = signed_in
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """Something that waits for the actor: shown first on the home page, most pressing kind first.

    kind: "sign" waits for a signature, "draft" was begun and can be continued, "move" asks for a
    decision, "data" is a problem in data. `when` is words («сьогодні», «до 27.11»). `action` is the
    button's words. `done`/`total`, when given, draw a meter.
    """

    kind: Literal["sign", "draft", "move", "data"]
    title: str
    text: str
    when: str
    url: str
    action: str
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure of the glance: «Здобувачів 612»."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a small chart."""

    label: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A card at the side of the home page: figures, a small chart, and a line of words under them."""

    title: str
    order: int = 0
    facts: Sequence[Fact] = ()
    chart_title: str = ""
    bars: Sequence[Bar] = ()
    footer: str = ""
    footer_url: str = ""
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What stands above the services for whoever looks after others: a template and its context."""

    template: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A day by which something must be done, or after which something ends."""

    day: datetime.date
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is signed in and for whom, as the header says it."""

    name: str
    greeting: str = ""
    """In the vocative; empty when it cannot be told, then nobody is addressed by name."""
    initials: str = ""
    role: str = ""
    org: str = ""
    org_detail: str = ""
    org_url: str = ""
    switch_url: str = ""
    """Where another grant can be chosen; empty when the person holds one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBox:
    """The box in the header: a GET form with one field named `q`."""

    url_name: str
    label: str
    placeholder: str
    suggest_url_name: str = ""
    """Answers what is typed with a list to choose from; without script the form leads to the page."""
    visible: Predicate = signed_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a search found."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """What a room adds to the search: its things within the actor's reach that a text means."""

    title: str
    order: int
    find: Callable[[Actor, str, int], Sequence[Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterLink:
    """A link of the footer, for everyone."""

    url_name: str
    label: str
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """The bell in the header: its page, and how many notices wait (asked on every page)."""

    url_name: str
    label: str
    count: Callable[[Actor], Count | int | None]


@dataclass(slots=True)
class Registry:
    """All that was registered. One instance per process, filled while Django starts."""

    nav: dict[str, NavItem] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    group_icons: dict[str, str] = field(default_factory=dict)
    attention: list[Callable[[Actor], Iterable[Attention]]] = field(default_factory=list)
    glance: list[Callable[[Actor], Iterable[Glance]]] = field(default_factory=list)
    deadlines: list[Callable[[Actor], Iterable[Deadline]]] = field(default_factory=list)
    workplace: Callable[[HttpRequest], Workplace | None] | None = None
    narrowing: Callable[[HttpRequest], Mapping[str, Any] | None] | None = None
    identity: Callable[[HttpRequest], Identity | None] | None = None
    search: SearchBox | None = None
    finders: dict[str, Finder] = field(default_factory=dict)
    bell: Bell | None = None
    footer: dict[str, FooterLink] = field(default_factory=dict)


registry = Registry()


def register_nav(item: NavItem) -> None:
    """Add a section to the bar under the header."""
    registry.nav[item.url_name] = item


def register_service(service: Service) -> None:
    """Add a line to «Доступні послуги»."""
    registry.services[f"{service.url_name}|{service.label}"] = service


def register_group(label: str, *, icon: str) -> None:
    """Give a group of services its sign: the same for everyone, whichever services they see."""
    registry.group_icons[label] = icon


def register_attention(provider: Callable[[Actor], Iterable[Attention]]) -> None:
    """Add a source of things that wait for the actor; asked on the home page only."""
    if provider not in registry.attention:
        registry.attention.append(provider)


def register_glance(provider: Callable[[Actor], Iterable[Glance]]) -> None:
    """Add a source of side cards for the home page."""
    if provider not in registry.glance:
        registry.glance.append(provider)


def register_deadlines(provider: Callable[[Actor], Iterable[Deadline]]) -> None:
    """Add a source of days to come for the home page."""
    if provider not in registry.deadlines:
        registry.deadlines.append(provider)


def register_workplace(provider: Callable[[HttpRequest], Workplace | None]) -> None:
    """Say what stands above the services. One app calls this."""
    registry.workplace = provider


def register_narrowing(provider: Callable[[HttpRequest], Mapping[str, Any] | None]) -> None:
    """Say what the lists of whoever looks after others may be narrowed to. One app calls this."""
    registry.narrowing = provider


def register_identity(provider: Callable[[HttpRequest], Identity | None]) -> None:
    """Say who is signed in. One app (the one that owns sign-in) calls this."""
    registry.identity = provider


def register_search(box: SearchBox) -> None:
    """Put a search box into the header."""
    registry.search = box


def register_bell(bell: Bell) -> None:
    """Put a bell into the header. One app (the one that owns notices) calls this."""
    registry.bell = bell


def register_finder(finder: Finder) -> None:
    """Add things of a room to the search."""
    registry.finders[finder.title] = finder


def found_by_rooms(actor: Actor, text: str, limit: int) -> list[tuple[str, Sequence[Line]]]:
    """What the rooms that registered a finder have found, in their order; nothing empty."""
    finders = sorted(registry.finders.values(), key=lambda one: one.order)
    found = [(one.title, one.find(actor, text, limit)) for one in finders]
    return [(title, lines) for title, lines in found if lines]


def register_footer(link: FooterLink) -> None:
    """Add a link to the footer."""
    registry.footer[link.url_name] = link


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """Services under one heading, in their order."""

    label: str
    icon: str
    services: tuple[Service, ...]


def services_for(actor: Actor) -> list[ServiceGroup]:
    """The actor's services by group, groups and lines in their declared order."""
    mine = sorted(
        (one for one in registry.services.values() if one.visible(actor)),
        key=lambda one: (one.group_order, one.group, one.order, one.label),
    )
    groups: dict[str, list[Service]] = {}
    for one in mine:
        groups.setdefault(one.group, []).append(one)
    icons = registry.group_icons
    return [
        ServiceGroup(label, icons.get(label, lines[0].icon), tuple(lines))
        for label, lines in groups.items()
    ]


URGENCY = {"sign": 0, "draft": 1, "move": 2, "data": 3}
SOONEST = 5


def attention_and_deadlines(actor: Actor) -> tuple[list[Attention], list[Deadline]]:
    """What waits for the actor: signatures, then drafts, then decisions, then data; and the next days
    to keep in mind, the soonest first. Rooms look for all of it together (`kernel.kept.together`)."""
    tellers: list[Callable[[Actor], Iterable[Any]]] = [*registry.attention, *registry.deadlines]
    told = together([functools.partial(one, actor) for one in tellers])
    waiting = [one for by in told[: len(registry.attention)] for one in by]
    days = [one for by in told[len(registry.attention) :] for one in by]
    return (
        sorted(waiting, key=lambda one: URGENCY[one.kind]),
        sorted(days, key=lambda one: one.day)[:SOONEST],
    )


def glance_for(actor: Actor) -> list[Glance]:
    """The side cards of the home page in their order."""
    cards = [one for provider in registry.glance for one in provider(actor)]
    return sorted(cards, key=lambda one: one.order)


def nav_and_bell(
    actor: Actor, path: str, carried: Mapping[str, str] | None = None
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Sections for the bar: label, url, whether it holds the page being shown, and its count; and
    the bell. What they count is asked in one statement. `carried` goes with every address.

    The section whose address is the longest prefix of `path` is the current one.
    """
    items = sorted(
        (one for one in registry.nav.values() if one.visible(actor)), key=lambda one: one.order
    )
    bell = registry.bell
    *numbers, waiting = asked(
        [
            *(one.badge(actor) if one.badge else 0 for one in items),
            bell.count(actor) if bell else 0,
        ]
    )
    shown: list[dict[str, Any]] = [
        {"label": one.label, "url": _fixed(one.url_name), "count": number, "current": False}
        for one, number in zip(items, numbers, strict=True)
    ]
    holding = [
        one
        for one in shown
        if path == one["url"] or (one["url"] != "/" and path.startswith(one["url"]))
    ]
    if holding:
        max(holding, key=lambda one: len(one["url"]))["current"] = True
    for one in shown:
        one["url"] += f"?{urlencode(carried)}" if carried else ""
    if bell is None:
        return shown, None
    return shown, {"url": address(bell.url_name), "label": bell.label, "count": waiting}


def address(url_name: str) -> str:
    """The address, or nothing where this installation has no such page."""
    try:
        return _fixed(url_name)
    except NoReverseMatch:
        return ""


def _fixed(url_name: str) -> str:
    """`reverse` of a page without parameters, found once: a frame asks it of twenty."""
    return _reversed(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@functools.cache
def _reversed(url_name: str, urlconf: Any, prefix: str) -> str:
    return reverse(url_name, urlconf)


def greeting_time(now: datetime.datetime) -> str:
    """The moment as the home page says it: «пʼятниця, 20 листопада 2026, 14:32»."""
    weekday = WEEKDAYS[now.weekday()]
    return f"{weekday}, {now.day} {MONTHS_OF[now.month - 1]} {now.year}, {now:%H:%M}"


WEEKDAYS = ("понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя")
MONTHS_OF = (
    "січня", "лютого", "березня", "квітня", "травня", "червня",
    "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
)  # fmt: skip
