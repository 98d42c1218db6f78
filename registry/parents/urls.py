"""Addresses of the parents' window."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.parents.portal import admission, mail, own, pages, school

urlpatterns: list[URLPattern | URLResolver] = [
    path("parents/", pages.home, name="parents"),
    path("parents/children/<uuid:pupil_id>/", pages.child, name="parent_child"),
    path("parents/children/<uuid:pupil_id>/looks/", pages.looks, name="parent_looks"),
    path("parents/children/<uuid:pupil_id>/correct/", own.ask, name="parent_ask"),
    path("parents/admission/", admission.listing, name="parent_applications"),
    path("parents/admission/place/", admission.place, name="parent_place"),
    path("parents/admission/new/", admission.apply, name="parent_apply"),
    path("parents/admission/<uuid:application_id>/", admission.detail, name="parent_application"),
    path("parents/mail/", mail.settings, name="parent_mail"),
    path("parents/mail/<str:token>/", mail.confirm, name="parent_mail_confirm"),
    path("parents/requests/", own.listing, name="own_requests"),
    path("parents/requests/<uuid:request_id>/", own.detail, name="own_request"),
    path("parents/requests/<uuid:request_id>/back/", own.take_back, name="own_take_back"),
    path("parents/requests/<uuid:request_id>/paper/", own.paper, name="own_paper"),
    path("pupils/requests/", school.listing, name="parent_request_list"),
    path("pupils/requests/<uuid:request_id>/", school.detail, name="parent_request"),
    path(
        "pupils/requests/<uuid:request_id>/back/",
        school.take_back,
        name="parent_request_take_back",
    ),
    path("pupils/requests/<uuid:request_id>/paper/", school.paper, name="parent_paper"),
    path("pupils/<uuid:pupil_id>/ask-parents/", school.ask, name="parents_ask"),
]
