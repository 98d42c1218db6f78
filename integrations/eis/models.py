"""Operators, their systems, the keys heads grant, and the ledger of every call."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Grant, OrgUnit
from integrations.eis.hooks.models import (
    Hook,
    HookMessage,
    HookPending,
    HookQueue,
    HookSecret,
)
from integrations.eis.road.models import (
    Attestation,
    Contract,
    ContractText,
    Requirements,
    RoadPaper,
    RoadStep,
    Transfer,
    Trial,
)
from integrations.eis.states import MandateState, SystemState
from kernel.audit.triggers import append_only, history
from kernel.ids import UuidV7
from kernel.scoping import ScopedModel
from registry.models import Institution
from signatures.models import SigningSession


class Operator(models.Model):
    """A legal entity (ЄДРПОУ) or sole trader (РНОКПП) that owns or holds a system (п.2)."""

    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    name = models.TextField(unique=True)
    # A company's ЄДРПОУ or a sole trader's РНОКПП; unknown for those the letter only names.
    code = models.CharField(max_length=10, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    # The node of its cabinet, once it came in with its own key.
    unit = models.OneToOneField(OrgUnit, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="one_operator_has_a_code"
            )
        ]
        triggers = [*history()]


class EisSystem(models.Model):
    """One school information system (ОІС) on its road: handbook H.1."""

    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="systems")
    name = models.TextField(unique=True)
    state = models.TextField(choices=SystemState.choices, default=SystemState.DRAFT)
    state_since = models.DateField()
    # п.28 and п.29 ask for a ground; free words explain it.
    state_ground = models.TextField(blank=True, default="")
    kszi_number = models.TextField(blank=True, default="")
    kszi_valid_to = models.DateField(null=True)
    site = models.TextField(blank=True, default="")
    # Datasets (`accounts.roles.Dataset`; commands hold to it, so that a new one needs no migration).
    # What the operator declared that its system writes (п.18: tested for it); reading needs no word.
    writes = ArrayField(models.TextField(), default=list, blank=True)
    # `Function`: published with the connection (п.21).
    functions = ArrayField(models.TextField(), default=list, blank=True)
    about = models.TextField(blank=True, default="")
    # Where the first word of it came from, for those that stood before there was a road.
    source = models.TextField(blank=True, default="")
    # The state app, by постанова 16.02.2024 № 177.
    is_mriya = models.BooleanField(default=False)
    # The last day of the step that runs now; told once when it has passed.
    due_on = models.DateField(null=True)
    late_told_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        triggers = [*history()]


class _OfSchool(ScopedModel):
    """What belongs to one institution and is seen from every level above it."""

    SCOPE = {
        "oblast": "institution__oblast_id",
        "raion": "institution__raion_id",
        "hromada": "institution__hromada_id",
        "district": "institution__district_id",
        "institution": "institution_id",
    }
    KIND = "institution__type"

    class Meta:
        abstract = True


class Mandate(_OfSchool):
    """What a head lets one system do with one school's data (п.27): signed, and never changed. Another
    signed for the same system takes its place, and its keys pass to that one."""

    id = models.UUIDField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="mandates")
    system = models.ForeignKey(EisSystem, models.PROTECT, related_name="mandates")
    datasets = ArrayField(models.TextField())
    # Groups of fields opened beside what a dataset always shows (`integrations.eis.fields`).
    fields = ArrayField(models.TextField(), default=list)
    valid_from = models.DateField()
    valid_to = models.DateField()
    state = models.TextField(choices=MandateState.choices, default=MandateState.PREPARED)
    # Nothing is signed of those carried over from before signatures (migration 0003).
    signing = models.OneToOneField(SigningSession, models.PROTECT, null=True, related_name="+")
    granted_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    end_reason = models.TextField(blank=True, default="")
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="mandate_period"
            ),
            models.CheckConstraint(
                condition=Q(datasets__len__gt=0), name="mandate_opens_something"
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=False) | ~Q(state="SIGNED"),
                name="mandate_signed_when",
            ),
            # So what a system may do is said in one place, and nothing of before stays beside it.
            models.UniqueConstraint(
                fields=["institution", "system"],
                condition=Q(state="SIGNED", ended_at=None),
                name="one_mandate_of_a_system",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "-prepared_at"], name="mandate_by_institution"),
            models.Index(fields=["prepared_at", "id"], name="mandate_latest"),
        ]
        triggers = [*history(unit="institution_id")]


class SchoolKey(_OfSchool):
    """A secret by which a system uses a mandate; only its hash is kept. What it opens is the mandate's
    matter alone."""

    id = models.UUIDField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="eis_keys")
    system = models.ForeignKey(EisSystem, models.PROTECT, related_name="keys")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="keys")
    secret_sha256 = models.BinaryField(max_length=32, unique=True)
    # The last four characters, so that people can tell keys apart.
    hint = models.CharField(max_length=4)
    granted_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    # Another was issued in its place: until then both work.
    stops_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    revoke_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False),
                name="key_revoked_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "-created_at"], name="key_by_institution"),
            models.Index(fields=["created_at", "id"], name="key_latest"),
        ]
        triggers = [*history(unit="institution_id")]


class Feed(models.Model):
    """A school whose changes are kept for systems: the number of its last item, and up to which they
    are kept no longer (`integrations.eis.feed`)."""

    institution = models.OneToOneField(Institution, models.PROTECT, primary_key=True)
    seq = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)

    class Meta:
        db_table = "eis_feed"


class FeedRow(models.Model):
    """What was told last of one row: the digest of its JSON."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    resource = models.TextField()
    row_id = models.UUIDField()
    digest = models.UUIDField()

    class Meta:
        db_table = "eis_feed_row"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "resource", "row_id"], name="one_feed_row"
            )
        ]


class FeedItem(models.Model):
    """One change of a copy. op: I insert, U update, D delete, M merged into another, L left the view."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    resource = models.TextField()
    row_id = models.UUIDField()
    op = models.CharField(max_length=1)
    into_id = models.UUIDField(null=True)

    class Meta:
        db_table = "eis_feed_item"
        constraints = [
            models.UniqueConstraint(fields=["institution", "seq"], name="one_item_of_a_number")
        ]
        indexes = [models.Index(fields=["at"], name="feed_item_by_age")]


class FeedConsumer(models.Model):
    """How far a consumer that gave itself a name has come."""

    system = models.ForeignKey(EisSystem, models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    scope = models.CharField(max_length=32)
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "eis_feed_consumer"
        constraints = [
            models.UniqueConstraint(
                fields=["system", "institution", "name"], name="one_consumer_of_a_name"
            )
        ]


class LedgerEntry(models.Model):
    """One call of a system: who, for which school, when, what and how much (п.14(1), F004).

    Partitioned by month of `at`, as the log is (kernel/audit/partitions.py).
    """

    at = models.DateTimeField()
    key_id = models.UUIDField()
    system_id = models.BigIntegerField()
    institution_id = models.IntegerField()
    dataset = models.TextField()
    method = models.CharField(max_length=8)
    path = models.TextField()
    status = models.SmallIntegerField()
    rows = models.IntegerField()
    request_id = models.TextField(blank=True, default="")

    class Meta:
        db_table = "eis_ledger"
        indexes = [
            models.Index(fields=["institution_id", "-id"], name="ledger_by_institution"),
            models.Index(fields=["system_id", "-id"], name="ledger_by_system"),
            models.Index(fields=["key_id", "-id"], name="ledger_by_key"),
        ]
        triggers = [append_only()]


__all__ = [
    "Attestation",
    "Contract",
    "ContractText",
    "EisSystem",
    "Feed",
    "FeedConsumer",
    "FeedItem",
    "FeedRow",
    "Hook",
    "HookMessage",
    "HookPending",
    "HookQueue",
    "HookSecret",
    "LedgerEntry",
    "Mandate",
    "Operator",
    "Requirements",
    "RoadPaper",
    "RoadStep",
    "SchoolKey",
    "Transfer",
    "Trial",
]
