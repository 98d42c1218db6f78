"""Addresses of the room, each aggregate's own; the first that fits is taken."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from registry.admission import urls as admission
from registry.cards import urls as cards
from registry.certificates import urls as certificates
from registry.classes import urls as classes
from registry.classifiers import urls as classifiers
from registry.coverage import urls as coverage
from registry.drafts import urls as drafts
from registry.groups import urls as groups
from registry.identity import urls as identity
from registry.institutions import urls as institutions
from registry.movements import urls as movements
from registry.orders import urls as orders
from registry.parents import urls as parents
from registry.people import urls as people
from registry.quality import urls as quality
from registry.reorganisation import urls as reorganisation
from registry.rollover import urls as rollover
from registry.staff import urls as staff
from registry.support import urls as support
from registry.tallies import urls as tallies

urlpatterns: list[URLPattern | URLResolver] = [
    *cards.urlpatterns,
    *classifiers.urlpatterns,
    *institutions.urlpatterns,
    *classes.urlpatterns,
    *groups.urlpatterns,
    *staff.urlpatterns,
    *people.urlpatterns,
    *identity.urlpatterns,
    *movements.urlpatterns,
    *drafts.urlpatterns,
    *orders.urlpatterns,
    *rollover.urlpatterns,
    *reorganisation.urlpatterns,
    *quality.urlpatterns,
    *support.urlpatterns,
    *tallies.urlpatterns,
    *admission.urlpatterns,
    *coverage.urlpatterns,
    *parents.urlpatterns,
    *certificates.urlpatterns,
]
