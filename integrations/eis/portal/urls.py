"""Addresses of «ОІС і доступи»."""

from __future__ import annotations

from django.urls import path

from integrations.eis.portal import views

urlpatterns = [
    path("eis/", views.key_list, name="eis_keys"),
    path("eis/new/", views.key_new, name="eis_key_new"),
    path("eis/mandates/<uuid:mandate_id>/", views.mandate_detail, name="eis_mandate"),
    path("eis/mandates/<uuid:mandate_id>/sign/", views.mandate_sign, name="eis_mandate_sign"),
    path("eis/mandates/<uuid:mandate_id>/paper/", views.mandate_paper, name="eis_mandate_paper"),
    path("eis/mandates/<uuid:mandate_id>/revoke/", views.mandate_revoke, name="eis_mandate_revoke"),
    path("eis/mandates/<uuid:mandate_id>/key/", views.key_issue, name="eis_key_issue"),
    path("eis/<uuid:key_id>/revoke/", views.key_revoke, name="eis_key_revoke"),
    path("eis/<uuid:key_id>/ledger/", views.key_ledger, name="eis_key_ledger"),
    path("eis/systems/", views.system_list, name="eis_systems"),
    path("eis/systems/<uuid:uid>/", views.system_detail, name="eis_system"),
    path("eis/systems/<uuid:uid>/writes/", views.system_writes, name="eis_system_writes"),
]
