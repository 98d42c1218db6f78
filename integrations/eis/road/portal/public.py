"""What everybody sees: connected systems and what they do, the contract, the requirements (п.21, п.25)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import HouseRequest
from accounts.middleware import public
from accounts.roles import Dataset
from integrations.eis.road import selectors
from integrations.eis.states import Function
from kernel import clock
from kernel.ui import pages


@public
@require_GET
def systems(request: HouseRequest) -> HttpResponse:
    """Connected systems with their functions; versions of the contract and of the requirements."""
    contracts, requirements = selectors.published_texts(clock.today())
    return pages.page(
        request,
        "eis/public.html",
        {
            "systems": [
                (
                    one,
                    [Function(code).label for code in one.functions],
                    [Dataset(code).label.split(":")[0] for code in one.writes],
                )
                for one in selectors.published()
            ],
            "contracts": contracts,
            "requirements": requirements,
        },
    )


@public
@require_GET
def contract(request: HouseRequest, number: int) -> HttpResponse:
    """An approved version of the contract."""
    found = selectors.published_contract(number)
    lead = (
        f"Редакція № {number}, діє з {found.effective_on:%d.%m.%Y}. Затверджено: {found.approval}."
    )
    return pages.page(request, "eis/public_text.html", {"text": found, "lead": lead})


@public
@require_GET
def requirements(request: HouseRequest, number: int) -> HttpResponse:
    """A version of the technical requirements."""
    found = selectors.published_requirements(number)
    lead = (
        f"Редакція № {number}, оприлюднено {found.published_on:%d.%m.%Y}, "
        f"діє з {found.effective_on:%d.%m.%Y}."
    )
    return pages.page(request, "eis/public_text.html", {"text": found, "lead": lead})
