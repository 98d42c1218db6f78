"""Addresses of campaigns."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from reports.campaigns.portal import parts, signing, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/campaigns/", views.campaigns, name="campaigns"),
    path("reports/campaigns/new/", views.new, name="campaign_new"),
    path("reports/campaigns/<uuid:campaign_id>/", views.campaign, name="campaign"),
    path(
        "reports/campaigns/<uuid:campaign_id>/progress/", views.progress, name="campaign_progress"
    ),
    path("reports/campaigns/<uuid:campaign_id>/steer/", views.steer, name="campaign_steer"),
    path("reports/campaigns/<uuid:campaign_id>/days/", views.days, name="campaign_days"),
    path("reports/campaigns/<uuid:campaign_id>/close/", views.close, name="campaign_close"),
    path(
        "reports/campaigns/<uuid:campaign_id>/withdraw/", views.withdraw, name="campaign_withdraw"
    ),
    path("reports/campaigns/parts/<int:part_id>/", parts.part, name="campaign_part"),
    path("reports/campaigns/parts/<int:part_id>/xlsx/", parts.download, name="campaign_xlsx"),
    path("reports/campaigns/parts/<int:part_id>/cell/", parts.cell, name="campaign_cell"),
    path("reports/campaigns/parts/<int:part_id>/compare/", parts.compare, name="campaign_compare"),
    path("reports/campaigns/sign/<uuid:session_id>/", signing.page, name="campaign_sign"),
    path(
        "reports/campaigns/sign/<uuid:session_id>/take/",
        signing.signed_here,
        name="campaign_sign_take",
    ),
    path(
        "reports/campaigns/sign/<uuid:session_id>/file/",
        signing.signed_elsewhere,
        name="campaign_sign_file",
    ),
    path(
        "reports/campaigns/sign/<uuid:session_id>/to-sign.xml",
        signing.data,
        name="campaign_sign_data",
    ),
    path(
        "reports/campaigns/sign/<uuid:session_id>/container/",
        signing.container,
        name="campaign_container",
    ),
    path(
        "reports/campaigns/sign/<uuid:session_id>/cloud/", signing.cloud_ask, name="campaign_cloud"
    ),
    path(
        "reports/campaigns/sign/<uuid:session_id>/cloud/check/",
        signing.cloud_check,
        name="campaign_cloud_check",
    ),
]
