"""Addresses of the room: the public check of signatures, certificates by key."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from signatures.portal import renewals, signing, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/", views.find_certificate, name="find_certificate"),
    path("signatures/renewals/", renewals.renewals, name="signature_renewals"),
    path("signing/worker.js", signing.worker, name="signing_worker"),
    path("signing/confirm/", signing.confirm, name="confirm_signing"),
    path("verify/", views.verify, name="verify_signature"),
    path("verify/<str:code>/", views.document, name="verify_document"),
]
