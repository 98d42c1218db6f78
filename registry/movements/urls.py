"""Addresses of kinds of movement."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.movements.classes import portal as classes
from registry.movements.enrol import portal as one_pupil
from registry.movements.staff import portal as staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("services/enrol/one/", one_pupil.one, name="draft_one"),
    path("services/classes/of/<uuid:uid>/", classes.chosen, name="classes_chosen"),
    path("services/load/current/", staff.load_current, name="load_current"),
    path("services/load/of/<uuid:pk>/", staff.load_of_post, name="load_of_post"),
]
