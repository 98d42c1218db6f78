"""What parents ask a school to correct, and what a school asks parents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Grant, User
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.parents.states import KINDS, OPEN, STATES
from registry.people.models.pupils import Pupil


class ParentRequest(ScopedModel):
    """A field of a child's card: what stands there, what should, and what the school decided.

    It goes with the child: the school where the child learns today decides. `person` is who asked for
    the correction, or who answered the school's question.
    """

    id = Uuid7Field()
    kind = models.TextField()
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="parent_requests")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    field = models.TextField()
    was = models.TextField(blank=True, default="")
    wanted = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")  # the parent's ground, or the school's question
    state = models.TextField()
    due_on = models.DateField()
    asked_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    SCOPE = {
        "oblast": "pupil__oblast_id",
        "raion": "pupil__raion_id",
        "hromada": "pupil__hromada_id",
        "district": "pupil__district_id",
        "institution": "pupil__institution_id",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="parent_request_state"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="parent_request_kind"),
            models.CheckConstraint(
                condition=Q(kind="CORRECTION", person__isnull=False, asked_by=None)
                | Q(kind="QUESTION", asked_by__isnull=False),
                name="parent_request_has_its_author",
            ),
            models.CheckConstraint(
                condition=~Q(state="DECLINED") | ~Q(reason=""), name="parent_request_declined_why"
            ),
            # Sent twice, or by both parents, it is one thing to decide.
            models.UniqueConstraint(
                fields=["pupil", "field", "person"],
                condition=Q(state__in=OPEN, person__isnull=False),
                name="one_open_correction_of_a_field",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"],
                name="parent_request_by_person",
                condition=Q(person__isnull=False),
            ),
            models.Index(
                fields=["asked_by"],
                name="parent_request_asked_by",
                condition=Q(asked_by__isnull=False),
            ),
            models.Index(
                fields=["decided_by"],
                name="parent_request_decided_by",
                condition=Q(decided_by__isnull=False),
            ),
        ]
        triggers = [*history()]


class ParentPaper(models.Model):
    """What a parent attached to show that a correction is right."""

    request = models.OneToOneField(
        ParentRequest, models.PROTECT, primary_key=True, related_name="paper"
    )
    name = models.TextField()
    kind = models.TextField()
    content = models.BinaryField()

    class Meta:
        triggers = [append_only()]
