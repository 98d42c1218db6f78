"""What the road leaves behind: signed papers, tests, attestations, contracts, and every step of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Grant
from integrations.eis.states import Paper, Shield, TrialReason
from kernel.audit.triggers import append_only, history
from signatures.models import SigningSession


class ContractText(models.Model):
    """A version of the contract that operators join (п.14(5), п.20): in force once the owner approved
    it, and never changed from then on."""

    number = models.PositiveSmallIntegerField(unique=True)
    title = models.TextField()
    body = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+", db_index=False)
    effective_on = models.DateField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The owner's decision: its number and date.
    approval = models.TextField(blank=True, default="")

    class Meta:
        db_table = "eis_contract_text"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approval="")
                | Q(approved_at__isnull=False) & ~Q(approval=""),
                name="contract_text_approved_by_a_decision",
            )
        ]
        triggers = [*history()]


class Requirements(models.Model):
    """A version of the technical requirements, published a month ahead at least (п.25)."""

    number = models.PositiveSmallIntegerField(unique=True)
    title = models.TextField()
    body = models.TextField()
    published_on = models.DateField()
    effective_on = models.DateField()
    published_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    # When the re-tests that follow from it were ordered.
    applied_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "eis_requirements"
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_on__gt=F("published_on")) | Q(number=1),
                name="requirements_published_ahead",
            )
        ]
        triggers = [*history()]


class RoadPaper(models.Model):
    """A paper of the road with its signature: an application of the operator, or a conclusion. What is
    signed, with its attachments, lies in the signing session."""

    id = models.UUIDField(primary_key=True)
    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="papers")
    operator = models.ForeignKey("eis.Operator", models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Paper.choices)
    # What the paper says, in codes: what follows from its signature is read from here.
    facts = models.JSONField(default=dict)
    state = models.TextField(
        choices=[
            ("PREPARED", "Чекає на підпис"),
            ("SIGNED", "Підписано"),
            ("GIVEN_UP", "Не підписано"),
        ],
        default="PREPARED",
    )
    signing = models.OneToOneField(SigningSession, models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    prepared_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    # What was asked for is done: a contract concluded, a system disconnected.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "eis_road_paper"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="SIGNED", signed_at__isnull=False)
                | ~Q(state="SIGNED") & Q(signed_at=None),
                name="road_paper_signed_when",
            ),
            models.UniqueConstraint(
                fields=["system", "kind"],
                condition=Q(state="PREPARED"),
                name="one_paper_of_a_kind_waits",
            ),
        ]
        triggers = [*history()]


class Trial(models.Model):
    """A test of a system by the administrator's programme (п.18, п.22, п.23) and its conclusion."""

    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="trials")
    reason = models.TextField(choices=TrialReason.choices)
    application = models.ForeignKey(
        RoadPaper, models.PROTECT, null=True, related_name="+", db_index=False
    )
    requirements = models.ForeignKey(
        Requirements, models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The day its term runs from: of the application, of the order to test.
    since = models.DateField()
    due_on = models.DateField()
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    conclusion_due_on = models.DateField(null=True)
    positive = models.BooleanField(null=True)
    # Mismatches with what to do about each; what the changes need a contract for.
    findings = models.JSONField(default=list)
    needs_contract = models.BooleanField(default=False)
    conclusion = models.ForeignKey(
        RoadPaper, models.PROTECT, null=True, related_name="+", db_index=False
    )
    concluded_on = models.DateField(null=True)
    dropped_on = models.DateField(null=True)

    class Meta:
        db_table = "eis_trial"
        constraints = [
            models.UniqueConstraint(
                fields=["system"],
                condition=Q(concluded_on=None, dropped_on=None),
                name="one_open_trial",
            ),
            models.CheckConstraint(
                condition=Q(concluded_on=None) | Q(positive__isnull=False, ended_on__isnull=False),
                name="trial_concluded_whole",
            ),
            # п.19: a negative conclusion says what does not fit and how to mend it.
            models.CheckConstraint(
                condition=Q(positive=None) | Q(positive=True) | ~Q(findings=[]),
                name="negative_conclusion_says_why",
            ),
        ]
        triggers = [*history()]


class Attestation(models.Model):
    """What attests that the system's information is protected; told by the operator, judged by the
    administrator."""

    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="attestations")
    kind = models.TextField(choices=Shield.choices)
    number = models.TextField()
    issued_on = models.DateField()
    valid_to = models.DateField()
    paper_name = models.TextField(blank=True, default="")
    paper_type = models.TextField(blank=True, default="")
    paper = models.BinaryField(default=b"", blank=True)
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    accepted = models.BooleanField(null=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    refusal = models.TextField(blank=True, default="")
    # The day whose running out was told.
    over_told_on = models.DateField(null=True)

    class Meta:
        db_table = "eis_attestation"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("issued_on")), name="attestation_period"
            ),
            models.UniqueConstraint(
                fields=["system"], condition=Q(accepted=None), name="one_attestation_waits"
            ),
            models.CheckConstraint(
                condition=Q(accepted=None, judged_at=None)
                | Q(accepted__isnull=False, judged_at__isnull=False),
                name="attestation_judged_when",
            ),
        ]
        triggers = [*history()]


class Contract(models.Model):
    """That an operator joined a version of the contract for a system (п.20, п.24)."""

    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="contracts")
    operator = models.ForeignKey("eis.Operator", models.PROTECT, related_name="+", db_index=False)
    text = models.ForeignKey(ContractText, models.PROTECT, related_name="+", db_index=False)
    application = models.ForeignKey(RoadPaper, models.PROTECT, related_name="+", db_index=False)
    number = models.TextField()
    concluded_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_ground = models.TextField(blank=True, default="")

    class Meta:
        db_table = "eis_contract"
        constraints = [
            models.UniqueConstraint(
                fields=["system"], condition=Q(ended_on=None), name="one_contract_of_a_system"
            ),
        ]
        triggers = [*history()]


class Transfer(models.Model):
    """A system that passes to another operator, who has ten working days to apply (п.24)."""

    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="transfers")
    # Before that operator has a cabinet it is known by its code alone.
    to_code = models.CharField(max_length=10)
    to_name = models.TextField()
    transferred_on = models.DateField()
    due_on = models.DateField()
    ground = models.TextField()
    application = models.ForeignKey(
        RoadPaper, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_on = models.DateField(null=True)
    outcome = models.TextField(
        choices=[
            ("", "Триває"),
            ("DONE", "Договір укладено"),
            ("MISSED", "Строк пропущено"),
            ("DROPPED", "Припинено"),
        ],
        blank=True,
        default="",
    )

    class Meta:
        db_table = "eis_transfer"
        constraints = [
            models.UniqueConstraint(
                fields=["system"], condition=Q(ended_on=None), name="one_transfer_runs"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, outcome="") | Q(ended_on__isnull=False) & ~Q(outcome=""),
                name="transfer_ended_somehow",
            ),
        ]
        indexes = [models.Index(fields=["to_code"], name="transfer_by_code")]
        triggers = [*history()]


class RoadStep(models.Model):
    """One step of a system on its road: who, when, on what ground and paper; never changed."""

    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    on = models.DateField()
    step = models.TextField()
    before = models.TextField(blank=True, default="")
    after = models.TextField()
    clause = models.TextField()
    # Of п.28 or п.29, by its number.
    ground = models.TextField(blank=True, default="")
    words = models.TextField(blank=True, default="")
    # The number and date of a document of another body, as it was told.
    document = models.TextField(blank=True, default="")
    paper = models.ForeignKey(
        RoadPaper, models.PROTECT, null=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "eis_road_step"
        indexes = [models.Index(fields=["system", "-id"], name="road_step_of_system")]
        triggers = [append_only()]
