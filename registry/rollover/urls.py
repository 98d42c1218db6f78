"""Addresses of the passage to the next year."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.rollover.portal import plan, schools

urlpatterns: list[URLPattern | URLResolver] = [
    path("rollover/", plan.own, name="rollover_own"),
    path("rollover/schools/", schools.listing, name="rollover_schools"),
    path("rollover/schools/call/", schools.call, name="rollover_call"),
    path("rollover/schools/remind/", schools.remind, name="rollover_remind"),
    path("institutions/<uuid:uid>/rollover/", plan.begin, name="rollover_begin"),
    path("rollover/<uuid:plan_id>/", plan.detail, name="rollover_plan"),
    path("rollover/<uuid:plan_id>/children/", plan.children, name="rollover_children"),
    path("rollover/<uuid:plan_id>/children/decide/", plan.decide, name="rollover_decide"),
    path("rollover/<uuid:plan_id>/classes/new/", plan.new, name="rollover_new"),
    path("rollover/<uuid:plan_id>/classes/take-out/", plan.take_out, name="rollover_take_out"),
    path("rollover/<uuid:plan_id>/classes/<uuid:uid>/", plan.group, name="rollover_class"),
    path("rollover/<uuid:plan_id>/anew/", plan.anew, name="rollover_anew"),
    path("rollover/<uuid:plan_id>/order/", plan.order, name="rollover_order"),
]
