"""Addresses of the quality of data and of the published packs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.quality.portal import campaigns, indicators, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("quality/", pages.overview, name="quality"),
    path("quality/check/", pages.check, name="quality_check"),
    path("quality/indicators/<str:code>/", indicators.indicator, name="quality_indicator"),
    path("quality/campaigns/", campaigns.campaign_list, name="quality_campaigns"),
    path("quality/campaigns/new/", campaigns.campaign_new, name="quality_campaign_new"),
    path(
        "quality/campaigns/schools/<int:school_id>/",
        campaigns.campaign_school,
        name="quality_campaign_school",
    ),
    path(
        "quality/campaigns/<uuid:campaign_id>/",
        campaigns.campaign_detail,
        name="quality_campaign",
    ),
    path(
        "quality/campaigns/<uuid:campaign_id>/remind/",
        campaigns.campaign_remind,
        name="quality_campaign_remind",
    ),
    path(
        "quality/campaigns/<uuid:campaign_id>/prolong/",
        campaigns.campaign_prolong,
        name="quality_campaign_prolong",
    ),
    path(
        "quality/campaigns/<uuid:campaign_id>/close/",
        campaigns.campaign_close,
        name="quality_campaign_close",
    ),
    path("quality/<str:code>/", pages.rule, name="quality_rule"),
    path("rules/<slug:year>.json", pages.pack, name="rule_pack"),
    path("rules/runner/<str:name>", pages.runner, name="rule_runner"),
]
