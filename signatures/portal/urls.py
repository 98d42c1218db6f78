"""Addresses of the room: the public check of signatures."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from signatures.portal import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("verify/", views.verify, name="verify_signature"),
    path("verify/<str:code>/", views.document, name="verify_document"),
]
