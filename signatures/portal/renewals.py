"""«Довіра до підписів»: whose evidence runs out when, and what stands in the way of renewing it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import HouseRequest
from kernel import clock
from kernel.ui.helpers import number
from kernel.ui.pages import page
from signatures import policies
from signatures.portal.answer import spaced
from signatures.selectors import renewal as selector
from signatures.services.renewal import LEAD, Failure

WHY = {
    Failure.SILENT: "Служба часу не відповіла або відмовила.",
    Failure.NO_AUTHORITY: "Немає до кого звернутися: не налаштовано жодної служби часу або вихід назовні закрито.",
    Failure.BROKEN: "Підпис не проходить перевірки, тому позначки не додано. Потрібен розгляд людиною.",
    Failure.NOT_LONGER: "Сертифікат служби часу діє не довше за попередню позначку. Потрібна інша служба.",
}


def _counted(found: int) -> str:
    most = selector.COUNTED
    return number(found) if found <= most else f"понад {number(most)}"


@require_GET
def renewals(request: HouseRequest) -> HttpResponse:
    """What is due, when, and what failed."""
    policies.see_renewals.require(request.actor)
    now = timezone.now()
    found = selector.outlook(now, LEAD)
    rows = [
        {
            "code": row.session.code,
            "shown": spaced(row.session.code).replace(" ", "-"),
            "signed": row.signed_at,
            "until": row.protected_until,
            "over": row.protected_until <= now,
            "next": row.next_at,
            "why": WHY.get(Failure(row.failure), "") if row.failure else "",
            "attempts": row.attempts,
        }
        for row in found.rows
    ]
    last = f"{clock.local(found.last):%d.%m.%Y %H:%M}" if found.last else "ще не було"
    figures = [
        ("Підписаних документів", found.watched),
        ("Настав строк", found.soon),
        ("Строк минув", found.over),
        ("Не вдалося продовжити", found.failing),
        ("Останнє продовження", last),
    ]
    shown = {"figures": figures, "rows": rows, "lead": LEAD.days, "most": selector.SHOWN}
    return page(request, "signatures/renewals.html", shown)
