"""Orders (накази): what was signed (handbook D.6)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Grant
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from kernel.text import Alike
from registry.drafts.models import Draft
from registry.institutions.models.institutions import Institution
from registry.orders.states import STATES, TASKS
from registry.people.models.pupils import Pupil

# Orders of the authority above: it counts them by itself.
OF_AUTHORITY = ("reorganise", "status", "subordinate", "revoke")

# The codes of `registry.process.kinds()`, held by constraints: a test keeps both in step.
KINDS = (
    *("enrol", "withdraw", "annul"),
    *("promote", "repeat", "move", "individual", "institutional"),
    *("transfer", "release", "supplement", "supplement_end"),
    "rollover",
    *OF_AUTHORITY,
    *("needs", "meals", "benefits", "displacement", "contact", "addresses", "phones"),
    "representatives",
    *("load", "hire", "repost", "dismiss", "attest", "courses", "defer"),
    "classes",
)

# Why the sending school says that a transfer is a mistake.
OBJECTIONS = ("NOT_APPLIED", "WRONG_CHILD", "OTHER")

_BY_INSTITUTION = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}


class Order(ScopedModel):
    """A signed order. What was signed never changes; corrections are new orders.

    PREPARED: bytes frozen and shown, waiting for the signature. EFFECTIVE: signature verified
    against those bytes and the rows written, in one transaction. ANNULLED: what it wrote was taken
    back by a counter-order. GIVEN_UP: never signed; its number is free again.
    """

    id = Uuid7Field()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="orders")
    kind = models.TextField()  # the process: enrol, …
    # The order that this one corrects or annuls.
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrected_by", db_index=False
    )
    number = models.TextField()
    issued_on = models.DateField()
    year = models.SmallIntegerField()
    ground = models.TextField()
    effective_on = models.DateField()
    state = models.TextField(default="PREPARED")
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="orders")
    # signatures.SigningSession: holds the bytes shown, the signature and the evidence.
    signing_id = models.UUIDField(null=True, unique=True)
    manifest_sha256 = models.BinaryField(max_length=32, null=True)
    rows_count = models.IntegerField(default=0)
    prepared_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(null=True)

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="order_kind"),
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="order_state"),
            models.CheckConstraint(
                condition=~Q(state__in=["EFFECTIVE", "ANNULLED"])
                | Q(signing_id__isnull=False, signed_at__isnull=False),
                name="effective_only_signed",
            ),
            models.UniqueConstraint(
                F("institution"),
                F("year"),
                Alike("number"),  # «77-У» is no second «77-у»
                condition=~Q(state="GIVEN_UP") & ~Q(kind__in=list(OF_AUTHORITY)),
                name="one_order_of_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "-created_at"], name="order_by_institution"),
            # The last number of a year, which the next one follows.
            models.Index(fields=["institution", "year", "-id"], name="order_by_year"),
            models.Index(
                fields=["institution"], condition=Q(state="PREPARED"), name="order_waiting"
            ),
            models.Index(
                fields=["corrects"],
                name="order_by_corrected",
                condition=models.Q(corrects__isnull=False),
            ),
        ]
        triggers = [
            *history(unit="institution_id"),
            pgtrigger.Protect(
                name="signed_stays",
                operation=pgtrigger.UpdateOf(
                    "number",
                    "issued_on",
                    "ground",
                    "effective_on",
                    "kind",
                    "institution_id",
                    "signing_id",
                    "manifest_sha256",
                    "corrects_id",
                ),
                condition=pgtrigger.Q(old__state__in=["EFFECTIVE", "ANNULLED"]),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]


class OrderRow(models.Model):
    """One row of an order exactly as its bytes were signed (a leaf of the manifest's tree)."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="rows", db_index=False)
    position = models.IntegerField()
    content = models.BinaryField()
    # Children of the same name who were said to be others when the order was prepared.
    seen = ArrayField(models.UUIDField(), default=list)
    # Why each of those is another: {its id: what was answered}.
    said = models.JSONField(default=dict)
    # Known from the start when the child is in the register, else written when effective.
    pupil = models.ForeignKey(Pupil, models.PROTECT, null=True, related_name="order_rows")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_row_position")
        ]
        triggers = [
            pgtrigger.Protect(
                name="content_stays",
                operation=pgtrigger.UpdateOf("content", "position", "order_id"),
            ),
        ]


class OrderTask(ScopedModel):
    """What a signed order asks of another institution: an order of that process by a day.

    The signed transfer of the receiving school asks the sending one for its order about the rows
    named in `asked`; nothing else waits for it.
    """

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="tasks", db_index=False)
    for_institution = models.ForeignKey(Institution, models.PROTECT, related_name="order_tasks")
    # Whose order it is, and how many rows it asks about: lists of tasks read no other table for it.
    by_institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    rows_count = models.IntegerField()
    process = models.TextField()
    due_on = models.DateField()
    state = models.TextField(default="OPEN")  # registry.orders.states.TASKS

    SCOPE = {level: f"for_{path}" for level, path in _BY_INSTITUTION.items()}
    KIND = "for_institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(process__in=list(KINDS)), name="order_task_process"),
            models.CheckConstraint(condition=Q(state__in=list(TASKS)), name="order_task_state"),
            models.UniqueConstraint(
                fields=["order", "for_institution", "process"], name="order_task_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["for_institution", "due_on", "id"],
                condition=Q(state="OPEN"),
                name="order_task_open",
            ),
        ]
        triggers = [*history()]


class AskedRow(models.Model):
    """One row of the order that asks: whom the other institution is asked about, and its answer.

    `done_by`: its own signed order about the child. `objection`: why it says that the child should
    not have been taken, a code of `OBJECTIONS`; only while no order of its own says otherwise.
    """

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey(OrderTask, models.PROTECT, related_name="asked", db_index=False)
    row = models.OneToOneField(OrderRow, models.PROTECT, related_name="asked")
    done_by = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="answers", db_index=False
    )
    objection = models.TextField(blank=True, default="")
    objection_text = models.TextField(blank=True, default="")
    objected_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    objected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(objection="", objected_at=None, objected_by=None)
                | Q(
                    objection__in=list(OBJECTIONS),
                    objected_at__isnull=False,
                    objected_by__isnull=False,
                ),
                name="asked_row_objection",
            ),
        ]
        indexes = [
            models.Index(fields=["task"], name="asked_row_by_task"),
            models.Index(
                fields=["done_by"],
                name="asked_row_by_answer",
                condition=Q(done_by__isnull=False),
            ),
        ]
        triggers = [*history()]
