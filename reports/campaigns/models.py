"""What a campaign keeps: its forms, a part for every school and authority, versions of reports, sums."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Grant, OrgUnit
from kernel import batch
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from reports.campaigns.states import CAMPAIGN, PART_STATES


class FormCampaign(models.Model):
    """Sections of a form collected from every school below `territory`, as of a day.

    `unit` is the node that announced it and takes the last summary. Days end in Kyiv. Forms and the day
    never change: what was signed would be something else.
    """

    id = Uuid7Field()
    title = models.TextField()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    territory = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    as_of = models.DateField()
    opens_on = models.DateField()
    due_school = models.DateField()
    due_local = models.DateField()
    due_oblast = models.DateField()
    state = models.TextField(default="PLANNED")
    version = models.IntegerField(default=1)
    reminders = models.IntegerField(default=0)
    created_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(CAMPAIGN)), name="campaign_state"),
            models.CheckConstraint(
                condition=Q(opens_on__gte=F("as_of"))
                & Q(due_school__gte=F("opens_on"))
                & Q(due_local__gte=F("due_school"))
                & Q(due_oblast__gte=F("due_local")),
                name="campaign_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PLANNED", "OPEN"], ended_at=None, ended_by=None)
                | Q(state__in=["CLOSED", "WITHDRAWN"], ended_at__isnull=False),
                name="campaign_ended",
            ),
        ]
        triggers = [
            *history(unit="unit_id"),
            pgtrigger.ReadOnly(
                name="what_is_asked_stays", fields=["as_of", "opens_on", "unit", "territory"]
            ),
        ]


class CampaignForm(models.Model):
    """A section in a campaign, by the text it had when the campaign was announced, and the run that
    counted it for everybody at the opening."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(FormCampaign, models.PROTECT, related_name="forms", db_index=False)
    position = models.SmallIntegerField()
    form = models.TextField()
    edition = models.ForeignKey("reports.FormEdition", models.PROTECT, related_name="+")
    run = models.ForeignKey("reports.ReportRun", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "form"], name="one_form_of_a_campaign")
        ]
        triggers = [*history()]


class CampaignGathering(batch.Run):
    """Generating the reports of a campaign: its sections first, then a part for every school."""

    id = Uuid7Field()
    campaign = models.ForeignKey(FormCampaign, models.PROTECT, related_name="gatherings")

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state__in=batch.UNDER_WAY),
                name="one_gathering_under_way",
            ),
        ]
        triggers = [*history()]


class CampaignPart(models.Model):
    """A node in a campaign: a school with its report, or an authority with its summary.

    `above` are the ids of the node and of those above it on the campaign's day, from its root down:
    a school that moves or is merged later stays where its figures of that day belong. What a summary
    is split by (`type`, `is_rural`) and counts is kept as it was when the report was generated.
    """

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(FormCampaign, models.PROTECT, related_name="parts", db_index=False)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    above = ArrayField(models.IntegerField())
    is_school = models.BooleanField()
    state = models.TextField()
    number = models.IntegerField(default=0)  # of the report's version; of the summary
    version = models.IntegerField(default=1)
    type = models.TextField(blank=True, default="")
    is_rural = models.BooleanField(default=False)
    is_hub = models.BooleanField(default=False)
    is_branch = models.BooleanField(default=False)
    is_suspended = models.BooleanField(default=False)
    headline = models.IntegerField(default=0)  # the first headline of the first section
    broken = models.IntegerField(default=0)  # controls that do not hold
    comment = models.TextField(blank=True, default="")
    moved_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    moved_at = models.DateTimeField()
    reminder = models.IntegerField(default=0)  # which of the campaign's went there last
    reminded_on = models.DateField(null=True)
    places = models.JSONField(
        default=dict
    )  # of a summary: {split: [all, hubs, branches, empty, suspended]}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "unit"], name="one_part_of_a_node"),
            models.CheckConstraint(condition=Q(state__in=PART_STATES), name="campaign_part_state"),
        ]
        indexes = [GinIndex(fields=["above"], name="part_by_node_above")]
        triggers = [*history(unit="unit_id")]


class CampaignReport(models.Model):
    """A version of a school's report: which runs counted it, and, once it is to be signed, the exact
    bytes. What was signed stays; a later version stands beside it."""

    id = Uuid7Field()
    part = models.ForeignKey(CampaignPart, models.PROTECT, related_name="reports", db_index=False)
    number = models.IntegerField()
    runs = models.JSONField()  # {form: run that counted it}
    broken = models.JSONField(default=list)  # [form, control, where]
    explanation = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()  # as known when
    made_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    content = models.BinaryField(null=True)
    signing = models.ForeignKey(
        "signatures.SigningSession", models.PROTECT, null=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    signer = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "number"], name="one_report_of_a_number"),
            models.CheckConstraint(
                condition=Q(signed_at=None)
                | Q(content__isnull=False, signing__isnull=False, signed_at__isnull=False),
                name="signed_report_has_its_bytes",
            ),
        ]
        triggers = [
            *history(),
            pgtrigger.Protect(
                name="signed_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
            ),
        ]


class CampaignSum(models.Model):
    """A summary: counts of a form by key of its axis, whole and for each split of its schools."""

    id = models.BigAutoField(primary_key=True)
    part = models.ForeignKey(CampaignPart, models.CASCADE, related_name="sums", db_index=False)
    form = models.TextField()
    split = models.TextField(blank=True)  # "", URBAN, RURAL, or the type of an institution
    key = models.TextField()
    counts = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["part", "form", "split", "key"], name="one_campaign_sum"
            )
        ]
