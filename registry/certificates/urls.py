"""Addresses of certificates of study."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.certificates.portal import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("study-certificates/", pages.register, name="certificate_list"),
    path(
        "study-certificates/tables/<slug:process>/<uuid:draft_id>/",
        pages.take,
        name="certificate_take",
    ),
    path("study-certificates/issues/<uuid:issue_id>/", pages.issue, name="certificate_issue"),
    path(
        "study-certificates/issues/<uuid:issue_id>/sign/", pages.sign, name="certificate_issue_sign"
    ),
    path(
        "study-certificates/issues/<uuid:issue_id>/sign/file/",
        pages.sign_file,
        name="certificate_issue_sign_file",
    ),
    path(
        "study-certificates/issues/<uuid:issue_id>/give-up/",
        pages.give_up,
        name="certificate_issue_give_up",
    ),
    path(
        "study-certificates/issues/<uuid:issue_id>/paper.pdf",
        pages.issue_paper,
        name="certificate_issue_paper",
    ),
    path(
        "study-certificates/issues/<uuid:issue_id>/to-sign.xml",
        pages.issue_manifest,
        name="certificate_issue_manifest",
    ),
    path(
        "study-certificates/issues/<uuid:issue_id>/container/",
        pages.issue_container,
        name="certificate_issue_container",
    ),
    path("study-certificates/<uuid:certificate_id>/", pages.detail, name="certificate_detail"),
    path("study-certificates/<uuid:certificate_id>/paper.pdf", pages.pdf, name="certificate_pdf"),
    path(
        "study-certificates/<uuid:certificate_id>/proof.json", pages.proof, name="certificate_proof"
    ),
    path("study-certificates/<uuid:certificate_id>/void/", pages.void, name="certificate_void"),
    path("study-certificates/check/<str:code>/", pages.check, name="certificate_check"),
]
