"""Addresses of «ОІС і доступи»."""

from __future__ import annotations

from django.urls import path

from integrations.eis.hooks import portal as hooks
from integrations.eis.portal import views
from integrations.eis.road.portal import admin, operator, papers, public

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
    path("eis/systems/<uuid:uid>/", admin.system, name="eis_system"),
    path("eis/systems/<uuid:uid>/step/<slug:name>/", admin.step, name="eis_system_step"),
    path("eis/systems/<uuid:uid>/writes/", views.system_writes, name="eis_system_writes"),
    path("eis/texts/", admin.text_list, name="eis_texts"),
    path("eis/texts/new/<slug:kind>/", admin.text_new, name="eis_text_new"),
    path("eis/texts/contract/<int:number>/", admin.contract_text, name="eis_contract_text"),
    path("eis/papers/<uuid:paper_id>/", papers.detail, name="eis_paper"),
    path("eis/papers/<uuid:paper_id>/sign/", papers.sign, name="eis_paper_sign"),
    path("eis/papers/<uuid:paper_id>/files/<str:name>", papers.file, name="eis_paper_file"),
    path("eis/attestations/<int:number>/", papers.attestation, name="eis_attestation"),
    path("eis/connected/", public.systems, name="eis_public"),
    path("eis/connected/contract/<int:number>/", public.contract, name="eis_public_contract"),
    path(
        "eis/connected/requirements/<int:number>/",
        public.requirements,
        name="eis_public_requirements",
    ),
    path("operator/", operator.cabinet, name="operator"),
    path("operator/new/", operator.describe, name="operator_system_new"),
    path("operator/<uuid:uid>/", operator.system, name="operator_system"),
    path("operator/<uuid:uid>/about/", operator.describe, name="operator_describe"),
    path("operator/<uuid:uid>/attestation/", operator.attest, name="operator_attest"),
    path("operator/<uuid:uid>/hooks/", hooks.hooks, name="operator_hooks"),
    path("operator/hooks/<uuid:hook_id>/", hooks.hook, name="operator_hook"),
    path("operator/hooks/<uuid:hook_id>/secret/", hooks.secret, name="operator_hook_secret"),
    path("operator/<uuid:uid>/file/<str:kind>/", operator.file, name="operator_file"),
]
