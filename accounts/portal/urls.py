"""Addresses of the room: sign-in, users."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.portal import signin

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", signin.sign_in, name="sign_in"),
    path("login/invitation/<str:token>/", signin.invitation, name="invitation"),
    path("logout/", signin.sign_out, name="sign_out"),
    path("grants/", signin.choose_grant, name="choose_grant"),
    path("visits/", signin.my_visits, name="my_visits"),
]
