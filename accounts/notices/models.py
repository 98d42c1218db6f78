"""A notice to whoever holds a grant: kept as facts, put into words when shown."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.grants import Grant
from accounts.models.people import User


class Notice(models.Model):
    """Something the holder of a grant, or a person in the parents' window, should know from `due` on.

    A reminder is a row whose `due` is to come. `closed_at`: it no longer matters (signed, given up,
    revoked). `facts` are codes and values for the words of its kind, never data of children.
    """

    id = models.BigAutoField(primary_key=True)
    grant = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="notices", db_index=False
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="notices", db_index=False
    )
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
            ),
            models.UniqueConstraint(
                fields=["person", "code", "subject"],
                condition=Q(person__isnull=False),
                name="one_notice_of_a_person",
            ),
            models.CheckConstraint(
                condition=Q(grant=None, person__isnull=False) | Q(grant__isnull=False, person=None),
                name="notice_is_of_somebody",
            ),
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
