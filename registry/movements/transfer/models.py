"""How often an institution looked for a child and found none: a counter against guessing."""

from __future__ import annotations

from django.db import models

from registry.institutions.models.institutions import Institution


class MissedLookup(models.Model):
    """A document and birth date that no child has, as one institution asked on one day. The digest
    lets the same row of a table, judged again, count once."""

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    asked_on = models.DateField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "asked_on", "digest"], name="missed_lookup_once"
            )
        ]
