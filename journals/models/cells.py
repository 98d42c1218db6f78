"""Entries of journals: a mark, an absence, words of one pupil in one column, version after version."""

from __future__ import annotations

from django.db import models

from kernel.audit.triggers import append_only


class Cell(models.Model):
    """One version of a cell; the highest is what stands. Nothing is changed or deleted: a correction,
    an undo and a removal are versions too, so the table is its own history (ADR 0079).

    Partitioned as `Column` is; in the database the key is institution, day, column, enrolment,
    version. The child is named by the enrolment: a merge of profiles moves no mark.
    """

    pk = models.CompositePrimaryKey("institution_id", "day", "column_id", "enrolment_id", "version")
    institution_id = models.IntegerField()
    day = models.DateField()
    column_id = models.BigIntegerField()
    enrolment_id = models.BigIntegerField()
    version = models.SmallIntegerField(default=1)
    value = models.SmallIntegerField(null=True)  # journals/data/values.toml, «values»
    absence = models.SmallIntegerField(null=True)  # the same, «absences»
    words = models.TextField(null=True)
    at = models.DateTimeField()
    act_id = models.BigIntegerField()

    class Meta:
        triggers = [append_only()]
