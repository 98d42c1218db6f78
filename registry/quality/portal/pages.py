"""«Якість даних»: counts by rule, the children behind each, a check at demand; the public pack."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.http import HouseRequest
from accounts.middleware import public
from accounts.roles import Role
from kernel import clock
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of
from kernel.text import plural
from kernel.ui import files, pages
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
)
from registry.fields.rules.pack import Rule
from registry.fields.rules.published import as_body
from registry.people import policies as people
from registry.people.models.pupils import Pupil
from registry.quality import policies, selectors, services, standing
from registry.quality.portal.narrowed import institution_asked, narrowed
from registry.tallies.concerns import FINDING

_WEIGHTS = {"error": "Помилка", "warning": "Сумнів"}


def _rules(
    url_of: Callable[[Rule], str], ago: Mapping[str, int] | None
) -> list[Column[selectors.Broken]]:
    """`ago`: how many children broke each rule a year ago; None where nobody counted."""
    last_year = Column[selectors.Broken](
        "ago",
        "Торік",
        lambda row: ago.get(row.rule.code) if ago else None,
        "num",
        empty="немає даних",
    )
    return [
        Column("title", "Що не так", lambda row: Name(row.rule.title, url_of(row.rule)), width=60),
        Column(
            "weight",
            "Вага",
            lambda row: Tag(
                _WEIGHTS[row.rule.severity], "bad" if row.rule.severity == "error" else "heed"
            ),
        ),
        Column("count", "Учнів", lambda row: row.count, kind="num"),
        *([last_year] if ago is not None else []),
    ]


@narrowable
@require_GET
def overview(request: HouseRequest) -> HttpResponseBase:
    """How many children break which rule: errors first unless told otherwise."""
    actor = request.actor
    institution = selectors.institution_of(actor, institution_asked(request))
    given = asked(
        request, one_of("weight", _WEIGHTS), order_of(selectors.RULE_ORDERS, "weight"), FILE
    )
    own = actor.scope.level == "institution"
    found = selectors.summary(actor, institution, clock.today())
    address = Address(request, ("institution", "weight", "order"))
    weight = given["weight"]
    rows = [row for row in found.rules if weight in ("", row.rule.severity)]
    shown = Listing(
        address,
        "Якість даних",
        _rules(
            lambda about: reverse("quality_rule", args=[about.code]) + narrowed(request),
            found.ago,
        ),
        selectors.in_order(rows, given["order"]),
        orders=selectors.RULE_ORDERS,
        order=given["order"],
        most=MOST,
        chips=chips(address, [Facet("weight", "Вага", list(_WEIGHTS.items()))]),
    )
    if given["file"]:
        of = institution.short_name if institution else ""
        return files.answer(
            given["file"], shown, shown.rows, actor=actor, now=timezone.now(), of=of
        )
    counts = Counter(str(row.rule.severity) for row in found.rules)
    return pages.page(
        request,
        "registry/quality/overview.html",
        {
            "found": found,
            "institution": institution,
            "standings": standing.completeness(actor, institution),
            "campaigns": standing.seen(actor, "OPEN", "due"),
            "oversees": policies.announce.allows(actor),
            "list": shown,
            "pills": [
                {
                    "label": label,
                    "url": address.with_(weight=code),
                    "count": counts[code] if code else len(found.rules),
                    "current": code == weight,
                }
                for code, label in [
                    ("", "Усі правила"),
                    ("error", "Помилки"),
                    ("warning", "Сумніви"),
                ]
            ],
            "may_check": (own or institution is not None) and policies.check.allows(actor),
            "query": narrowed(request),
        },
    )


@dataclasses.dataclass(frozen=True)
class _Child:
    """A child behind a rule with the words for it."""

    pupil: Pupil
    text: str


def _columns(about: Rule, *, may_edit: bool) -> list[Column[_Child]]:
    def name(row: _Child) -> Name:
        return Name(row.pupil.full_name, reverse("pupil_detail", args=[row.pupil.pk]))

    def fix(row: _Child) -> Name | None:
        if not row.text:
            return None
        url = selectors.fix_url(about, row.pupil.pk)
        return Name("Виправити", url, aloud=row.pupil.full_name)

    def school(row: _Child) -> str:
        return row.pupil.institution.short_name if row.pupil.institution else ""

    mended = [Column[_Child]("fix", "Що зробити", fix)] if may_edit else []
    return [
        Column("name", "Прізвище, імʼя, по батькові", name, width=40),
        Column("institution", "Заклад", school, width=30),
        Column("text", "Що не так", lambda row: row.text or "Уже виправлено", width=60),
        *mended,
    ]


@narrowable
def rule(request: HouseRequest, code: str) -> HttpResponseBase:
    """The children behind a rule by name, or the institutions for whoever works without names."""
    actor = request.actor
    policies.see.require(actor)
    about = selectors.rule_of(code)
    institution = selectors.institution_of(actor, institution_asked(request))
    context: dict[str, Any] = {"rule": about, "institution": institution, "named": False}
    named = people.see_names.allows(actor, institution)
    if institution is None and not named:  # where such children are, not who they are
        concern = reverse("concern", args=[FINDING + about.code])
        return pages.see_other(request, concern + narrowed(request))
    if named:
        given = asked(request, order_of(selectors.ORDERS, "name"), FILE)

        def read(mark: str | None = None, **how: Any) -> Page[_Child]:
            page, words = selectors.children(
                actor,
                about,
                institution,
                clock.today(),
                **{"after": mark, "order": given["order"], **how},
            )
            rows = [_Child(one, words.get(one.pk, "")) for one in page.rows]
            return Page(rows, page.next, page.previous)

        address = Address(request, ("institution", "order"))
        shown = Listing(
            address,
            about.title,
            _columns(about, may_edit=actor.holds(Role.HEAD, Role.DEPUTY) and not given["file"]),
            (),
            orders=selectors.ORDERS,
            order=given["order"],
            most=MOST,
        )
        if given["file"]:
            rows = every(lambda mark: read(mark, size=files.CHUNK, what="файл зі списком"))
            of = institution.short_name if institution else ""
            return files.answer(given["file"], shown, rows, actor=actor, now=timezone.now(), of=of)
        page = read(**asked(request, *MARKS))
        context |= {
            "named": True,
            "list": shown.at(page),
        }
    return pages.page(request, "registry/quality/rule.html", context)


@require_POST
def check(request: HouseRequest) -> HttpResponse:
    """Check one institution, or one's own with its branches, now."""
    actor = request.actor
    policies.check.require(actor)
    institution = selectors.institution_of(actor, institution_asked(request))
    ids = [institution.pk] if institution else []
    if institution is None and actor.scope.level == "institution":
        ids = list(actor.scope.keys)
    now = timezone.now()
    found = 0
    if ids:  # an authority chooses an institution; the whole reach is checked by night
        found = services.check_institutions(actor=actor, ids=ids, now=now, today=clock.day_of(now))
    many = plural(found, "учня", "учнів", "учнів")
    messages.success(request, f"Перевірено. Є що виправити в {found} {many}.")
    return pages.see_other(request, reverse("quality") + narrowed(request))


@public
@require_safe
def pack(request: HouseRequest, year: str) -> HttpResponse:
    """A pack as JSON for whoever checks before sending: school information systems."""
    try:
        body, etag = as_body(year)
    except KeyError:
        raise Http404 from None
    return _published(request, body, etag, "application/json")


_RUNNERS = {"aikom_quality.py": "text/x-python", "aikom-quality.mjs": "text/javascript"}


@public
@require_safe
def runner(request: HouseRequest, name: str) -> HttpResponse:
    """A program that asks a pack on somebody else's machine, a file by itself."""
    if name not in _RUNNERS:
        raise Http404
    body, etag = _runner(name)
    return _published(request, body, etag, f"{_RUNNERS[name]}; charset=utf-8")


@cache
def _runner(name: str) -> tuple[bytes, str]:
    body = (Path(__file__).resolve().parents[1] / "runner" / name).read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def _published(request: HouseRequest, body: bytes, etag: str, kind: str) -> HttpResponse:
    headers = {"ETag": etag, "Cache-Control": "public, max-age=3600"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type=kind, headers=headers)
