"""Generated statistics: editions of forms, runs, counts and inputs by institution, sums by node."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Grant, OrgUnit
from kernel import batch
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field
from reports.campaigns.models import CampaignForm as CampaignForm
from reports.campaigns.models import CampaignGathering as CampaignGathering
from reports.campaigns.models import CampaignPart as CampaignPart
from reports.campaigns.models import CampaignReport as CampaignReport
from reports.campaigns.models import CampaignSum as CampaignSum
from reports.campaigns.models import FormCampaign as FormCampaign
from reports.desk.models import DeskCell as DeskCell
from reports.desk.models import DeskQuery as DeskQuery
from reports.desk.models import DeskSlice as DeskSlice
from reports.desk.models import DeskSum as DeskSum
from reports.open.models import OpenFile as OpenFile
from reports.open.models import OpenIssue as OpenIssue
from reports.subvention.models import BudgetPlace as BudgetPlace
from reports.subvention.models import Subvention as Subvention
from reports.subvention.models import SubventionLine as SubventionLine
from reports.subvention.models import SubventionParameters as SubventionParameters
from reports.subvention.models import SubventionSchool as SubventionSchool


class FormEdition(models.Model):
    """The text of a definition as runs used it: figures are read by it whatever the file becomes."""

    sha256 = models.BinaryField(unique=True)
    code = models.TextField()
    version = models.SmallIntegerField()
    text = models.TextField()

    class Meta:
        triggers = [*history()]


class PublishedForm(models.Model):
    """A definition published by the technical administrator: forms for days from `since` on are counted
    by it. Never edited: another version replaces it from its own day."""

    id = Uuid7Field()
    code = models.TextField()
    version = models.SmallIntegerField()
    text = models.TextField()
    since = models.DateField()
    published_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_form_of_a_version")
        ]
        triggers = [append_only(), *history()]


# Why a form is generated: asked of people; the last two are said by the system.
ASKED_FOR = {
    "REPORTING": "Подання звітності",
    "DECISION": "Підготовка рішення",
    "CHECK": "Перевірка даних реєстру",
    "REQUEST": "Відповідь на запит",
    "PUBLICATION": "Оприлюднення",
}
PURPOSES = ASKED_FOR | {"CAMPAIGN": "Збір звітності", "NIGHTLY": "Щоденні показники"}


class ReportRun(batch.Run):
    """One generation of one form for the institutions under a node, as of a day.

    Institutions are counted in portions by rising id; `cursor` is the last one done. `layout` says
    by source how `struct` reads a row of the kept inputs.
    """

    id = Uuid7Field()
    form = models.TextField()
    edition = models.ForeignKey(FormEdition, models.PROTECT, related_name="+")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    as_of = models.DateField()
    layout = models.JSONField(default=dict)
    requested_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    # Why: of PURPOSES; "" of old runs.
    purpose = models.TextField(blank=True, default="", db_default="")
    # When sums were compared with what they are sums of, and in how many places they differ.
    proven_at = models.DateTimeField(null=True)
    differs = models.IntegerField(default=0, db_default=0)
    # Since when what it counted is kept no longer (`reports.keeping`).
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(purpose__in=["", *PURPOSES]), name="run_purpose"
            ),
            models.UniqueConstraint(
                fields=["form", "unit", "as_of"],
                condition=models.Q(state__in=batch.UNDER_WAY),
                name="one_run_under_way",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-created_at"], name="run_by_unit"),
            models.Index(
                fields=["as_of"],
                condition=models.Q(purpose="NIGHTLY", put_away_at=None),
                name="night_by_day",
            ),
        ]
        triggers = [*history(unit="unit_id")]


# Compressing the kept rows by pglz costs a quarter of the whole job's time and halves them only.
INPUTS_AS_THEY_ARE = "ALTER TABLE reports_reportinput ALTER COLUMN rows SET STORAGE EXTERNAL"


class ReportInput(models.Model):
    """What was counted: the rows of one source at one institution, so that a figure keeps its rows.

    For each of `keys` of the axis, `sizes` rows stand one after another in `rows`: the id, a mask
    with a bit for every line that counted the row, and the amount where the form sums one
    (`reports.inputs`). A cell is computed from these again, and gives the same (`behind.recounted`).
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="inputs", db_index=False)
    source = models.TextField()
    institution_id = models.IntegerField()
    keys = ArrayField(models.TextField())
    sizes = ArrayField(models.IntegerField())
    rows = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "institution_id", "source"], name="one_input"),
        ]


class ReportCount(models.Model):
    """Counts of every line that counts, for one institution and key of the axis."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="counts", db_index=False)
    institution_id = models.IntegerField()
    key = models.TextField()
    counts = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "institution_id", "key"], name="one_count"),
        ]


class ReportSum(models.Model):
    """The same for a node of the tree (an authority, the whole country)."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="sums", db_index=False)
    unit_id = models.IntegerField()
    key = models.TextField()
    counts = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "unit_id", "key"], name="one_sum"),
        ]
