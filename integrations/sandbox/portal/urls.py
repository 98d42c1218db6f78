"""Addresses of sandboxes in the register's portal."""

from __future__ import annotations

from django.urls import path

from integrations.sandbox.portal import views

urlpatterns = [
    path("operator/<uuid:uid>/sandbox/", views.own, name="operator_sandbox"),
    path("eis/systems/<uuid:uid>/sandbox/", views.of_system, name="eis_sandbox"),
]
