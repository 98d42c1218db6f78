"""Drafts: tables being prepared for one order, whatever its kind (handbook D.6)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Grant
from kernel import batch
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.drafts.states import STATES
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil

_BY_INSTITUTION = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}


class Draft(ScopedModel):
    """A table of pupils being prepared for one order. Every cell is saved as it is typed; it
    survives closing the browser, logging out, a restart, and passes to a successor."""

    id = Uuid7Field()
    process = models.TextField(default="enrol")  # a key of `registry.process.kinds()`
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="drafts")
    author = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    title = models.TextField()
    source_name = models.TextField(blank=True, default="")
    state = models.TextField(default="OPEN")  # OPEN, ORDERED, DISCARDED
    # What is already known of the order: number, date, ground, first day, exactly as typed.
    terms = models.JSONField(default=dict)
    # Terms by name: the version in which each was last written, and by which window.
    terms_touched = models.JSONField(default=dict)
    # Its table (`DraftTable`) waits until somebody says what its columns are.
    waiting = models.BooleanField(default=False, db_default=False)
    # What of the file was not read, in words.
    unread = models.TextField(blank=True, default="", db_default="")
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Told by who reads it for a command: a worker is at it, and the work that was just asked for.
    is_worked_on = False
    asked: DraftRun | None = None

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        indexes = [
            models.Index(
                fields=["institution", "process", "state", "-updated_at"],
                name="draft_by_institution",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="draft_state")
        ]


class DraftRow(models.Model):
    """One row as typed or chosen, with the problems found in it."""

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="rows")
    position = models.IntegerField()
    values = models.JSONField(default=dict)
    # The line of the table it was made of, when it was.
    line = models.IntegerField(null=True)
    # [{"field", "code", "level": "error"|"warning", "detail", "fix": text|null, "pupil": id?}]
    problems = models.JSONField(default=list)
    # READY, FIX (errors), CHECK (warnings), EXCLUDED (by a person), EMPTY (nothing typed)
    state = models.TextField(default="EMPTY")
    # Answers to warnings: {"surname:russian_letters": "confirmed"}; the decision about a possible
    # twin: {"twin:<pupil id>": "same"|"other"}.
    answers = models.JSONField(default=dict)
    # What identifies the child, as the process reads it («rnokpp:1234567890»): rows that share a
    # key are judged together, and nothing else of the table is read for a cell.
    keys = ArrayField(models.TextField(), default=list)
    # Columns by name with the version in which each was last written: two people in different
    # cells of one row are both right.
    touched = models.JSONField(default=dict)
    # Children of the same name who were said to be others: asked about again at signing.
    seen = ArrayField(models.UUIDField(), default=list)
    # Columns by name: what the register says now of what is typed over it, in words.
    stands = models.JSONField(default=dict, db_default={})
    # The profile already in the register, if the row is the same child.
    pupil = models.ForeignKey(Pupil, models.PROTECT, null=True, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "position"],
                name="one_row_at_a_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]


class DraftTable(models.Model):
    """The table a draft was begun from and how it is read (`kernel.tables.layout.Layout`), so that its
    columns can be said anew; gone when the order is formed."""

    draft = models.OneToOneField(Draft, models.CASCADE, primary_key=True, related_name="table")
    layout = models.JSONField()


class DraftStep(models.Model):
    """One step somebody took in a draft, so that it can be taken back on any computer."""

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="steps")
    what = models.TextField()
    # [[row id, column, value before, value after], …]
    cells = models.JSONField()
    made_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)


JUDGE, PREPARE, SIGN = "JUDGE", "PREPARE", "SIGN"


class DraftRun(batch.Run):
    """Long work on a table or on its order, done by a worker while the page tells how far it is.

    JUDGE: the rows of a large table, in portions. PREPARE, SIGN: an order of many rows is formed or
    takes effect, in one transaction, so that there is all of it or nothing.
    """

    id = Uuid7Field()
    what = models.TextField()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="runs")
    order = models.ForeignKey("registry.Order", models.PROTECT, null=True, related_name="runs")
    asked_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    # What the page was told: terms of the order as typed, the number of rows that was seen.
    told = models.JSONField(default=dict)
    # The head's signature of the very bytes, as it came.
    signature = models.BinaryField(null=True)

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.CheckConstraint(
                condition=Q(what__in=["JUDGE", "PREPARE"], draft__isnull=False)
                | Q(what="SIGN", order__isnull=False, signature__isnull=False),
                name="draftrun_what",
            ),
            models.UniqueConstraint(
                fields=["draft"],
                condition=Q(state__in=batch.UNDER_WAY),
                name="one_draft_run_under_way",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=batch.UNDER_WAY),
                name="one_order_run_under_way",
            ),
        ]
        triggers = [*history(unit="institution_id")]

    @property
    def process(self) -> str:
        """The kind that its table or order is of."""
        of = self.draft.process if self.draft is not None else self.order and self.order.kind
        return str(of)
