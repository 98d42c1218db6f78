"""A notice to whoever holds a grant: kept as facts, put into words when shown."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.grants import Grant


class Notice(models.Model):
    """Something the holder of a grant should know from `due` on.

    A reminder is a row whose `due` is to come. `closed_at`: it no longer matters (signed, given up,
    revoked). `facts` are codes and values for the words of its kind, never data of children.
    """

    id = models.BigAutoField(primary_key=True)
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="notices", db_index=False)
    code = models.TextField()
    subject = models.TextField()
    facts = models.JSONField(default=dict)
    due = models.DateTimeField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "code", "subject"], name="one_notice_of_a_thing"
            )
        ]
        indexes = [
            models.Index(fields=["grant", "-due"], name="notice_by_grant"),
            models.Index(
                fields=["grant", "due"],
                condition=Q(read_at=None, closed_at=None),
                name="notice_unread",
            ),
            models.Index(
                fields=["due"],
                condition=Q(mailed_at=None, read_at=None, closed_at=None),
                name="notice_to_mail",
            ),
            models.Index(fields=["code", "subject"], name="notice_by_subject"),
        ]
