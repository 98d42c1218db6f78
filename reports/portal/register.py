"""The register of forms: which there are, what the system fills, what is not established."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.http import HouseRequest
from kernel.ui import pages
from reports import definition, register
from reports import policies as form_policies
from reports.campaigns import policies


@require_GET
def forms(request: HouseRequest) -> HttpResponse:
    """Every form there is, with its act and what of it is not established."""
    policies.see.require(request.actor)
    keeps = form_policies.keep_forms.allows(request.actor)
    return pages.page(
        request,
        "reports/forms.html",
        {
            "entries": [
                (
                    entry,
                    [
                        (
                            definition.load(code).short,
                            reverse("report_form_edit", args=[code])
                            if keeps
                            else f"{reverse('reports')}?form={code}",
                        )
                        for code in entry.parts
                    ],
                )
                for entry in register.entries()
            ],
            "keeps": keeps,
            "crumbs": [("Звітність", reverse("reports"))],
        },
    )
