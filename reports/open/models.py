"""Issues of open data sets and their files."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Grant
from kernel import batch
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field


class OpenIssue(batch.Run):
    """One issue of one set: asked for by a person or by the calendar, composed by a job.

    `number` counts issues of the set from 1; a composition that turned out the same as the last
    issue gets none and says so by `same_as`. `fields` is how the columns were described then.
    """

    id = Uuid7Field()
    dataset = models.TextField()
    number = models.IntegerField(null=True)
    as_of = models.DateField()
    # Of a set made from a generated form: which run.
    run = models.ForeignKey("reports.ReportRun", models.PROTECT, null=True, related_name="+")
    fields = models.JSONField(default=list)
    rows = models.IntegerField(default=0)
    hidden = models.IntegerField(default=0)  # figures not shown because few people stand behind
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.UniqueConstraint(fields=["dataset", "number"], name="one_open_issue"),
            models.UniqueConstraint(
                fields=["dataset"],
                condition=Q(state__in=batch.UNDER_WAY),
                name="one_open_issue_under_way",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_why=""),
                name="open_issue_withdrawn_why",
            ),
        ]
        triggers = [*history()]


class OpenFile(models.Model):
    """A file of an issue, compressed; `sha256` and `size` are of the file as people take it."""

    id = models.BigAutoField(primary_key=True)
    issue = models.ForeignKey(OpenIssue, models.PROTECT, related_name="files", db_index=False)
    kind = models.TextField()  # an extension: csv, json
    sha256 = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    packed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "kind"], name="one_open_file")]
        triggers = [append_only()]

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal digits, as people compare it."""
        return bytes(self.sha256).hex()


# Compressed already: the database need not try again.
FILES_AS_THEY_ARE = "ALTER TABLE reports_openfile ALTER COLUMN packed SET STORAGE EXTERNAL"
