"""What the rules found: derived rows, made anew by every check; and campaigns to mend it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Grant, OrgUnit
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.quality.states import STATES

_SCOPE = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}


class QualityCheck(ScopedModel):
    """When an institution's children were last checked, by which pack, and how many there were."""

    institution = models.OneToOneField(Institution, models.PROTECT, primary_key=True)
    checked_at = models.DateTimeField()
    checked_on = models.DateField(db_index=True)
    pack = models.TextField()
    pupils = models.IntegerField()

    SCOPE = _SCOPE
    KIND = "institution__type"


class QualityMonth(ScopedModel):
    """What the last check of a month found at an institution: children by rule, for the year after.
    Findings themselves are of today alone."""

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    found = models.JSONField()  # {rule: children}
    pupils = models.IntegerField(default=0)
    indicators = models.JSONField(default=dict)  # {indicator: children that break any of its rules}

    SCOPE = _SCOPE
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "month"], name="one_quality_of_a_month")
        ]


class QualityFinding(ScopedModel):
    """A rule that a child's data break, and since which check. Words are made when shown."""

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.CASCADE, related_name="findings", db_index=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    rule = models.TextField()
    found_on = models.DateField()

    SCOPE = _SCOPE
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pupil", "rule"], name="one_finding_of_a_rule")
        ]
        indexes = [
            models.Index(fields=["institution", "rule", "pupil"], name="finding_by_institution")
        ]


class QualityTrend(ScopedModel):
    """Sums of QualityMonth by oblast and type of institution, made anew by night: what the ministry
    draws as a line."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    oblast_id = models.IntegerField(null=True)
    type = models.TextField()
    pupils = models.BigIntegerField()
    indicators = models.JSONField()  # {indicator: children}

    SCOPE = {"oblast": "oblast_id"}
    KIND = "type"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "oblast_id", "type"],
                nulls_distinct=False,
                name="one_quality_trend_of_a_month",
            )
        ]


class QualityCampaign(models.Model):
    """Data to be mended by a day: an authority or the ministry announces it to the institutions of
    its reach (letter on actualisation, June 2023). Who sees it is who has any of them in reach."""

    id = Uuid7Field()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    title = models.TextField()
    text = models.TextField(blank=True, default="")
    pack = models.TextField()  # the version its rules were taken of
    indicators = ArrayField(models.TextField())
    rules = ArrayField(models.TextField())
    due_on = models.DateField()
    state = models.TextField(default="OPEN")
    announced_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    announced_at = models.DateTimeField()
    reminders = models.IntegerField(default=0)
    closed_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="quality_campaign_state"),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at=None, closed_by=None)
                | Q(state="CLOSED", closed_at__isnull=False, closed_by__isnull=False),
                name="quality_campaign_closed",
            ),
        ]
        triggers = [*history()]


class CampaignSchool(ScopedModel):
    """An institution in a campaign: children to mend at the announcement and now. Once the campaign
    is closed its numbers stand still."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(
        QualityCampaign, models.PROTECT, related_name="schools", db_index=False
    )
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    pupils = models.IntegerField()
    at_start = models.IntegerField()
    to_mend = models.IntegerField()
    mended_at = models.DateTimeField(null=True)  # since when nothing is to be mended
    reminded_at = models.DateTimeField(null=True)
    reminder = models.IntegerField(default=0)  # which of the campaign's was the last to go there

    SCOPE = _SCOPE
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "institution"], name="one_school_of_a_campaign"
            ),
            models.CheckConstraint(
                condition=Q(to_mend=0, mended_at__isnull=False) | Q(to_mend__gt=0, mended_at=None),
                name="campaign_school_mended",
            ),
        ]
