"""Addresses of the room: the public check of signatures, certificates by key."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from signatures.portal import renewals, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/", views.find_certificate, name="find_certificate"),
    path("signatures/renewals/", renewals.renewals, name="signature_renewals"),
    path("verify/", views.verify, name="verify_signature"),
    path("verify/<str:code>/", views.document, name="verify_document"),
]
