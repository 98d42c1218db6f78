"""Who represents a child by law: the person once, and the period for which they represent (D.2)."""

from __future__ import annotations

import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import Grant
from kernel.audit.triggers import history
from kernel.lookups import Guarded
from registry.people.models.pupils import Pupil, compared_again
from registry.people.models.voiding import Voidable, by_voider, stays


class Guardian(models.Model):
    """A lawful representative as a person: names and contacts, one row for all their children.

    Two rows become one person by an equal РНОКПП and by nothing else. The number is one person's for
    life (handbook C.2), so it alone is a ground in law; a name, even with a phone, is shared by a
    mother and a grandmother, by namesakes of one village, and a person joined by mistake would be
    told of, and let see, somebody else's child (law 2297-VI; handbook K). Who refused the number or
    has none is therefore kept once for each child; inside one child's own list the same relation
    and name is the same line.
    """

    id = models.BigAutoField(primary_key=True)
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    email = models.TextField(blank=True, default="")
    rnokpp = models.CharField(max_length=10, null=True)
    # Of whoever refused the number: what stands for it in certificates (handbook C.2). It joins no
    # rows: only a number does.
    passport = models.CharField(max_length=9, null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rnokpp=None) | Q(rnokpp__regex=r"^[0-9]{10}$"),
                name="guardian_rnokpp_shape",
            ),
            models.CheckConstraint(
                condition=Q(passport=None)
                | Q(passport__regex=r"^([0-9]{9}|[АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ]{2}[0-9]{6})$"),
                name="guardian_passport_shape",
            ),
            models.UniqueConstraint(
                fields=["rnokpp"], condition=Q(rnokpp__isnull=False), name="one_guardian_per_rnokpp"
            ),
        ]
        triggers = [*history()]

    def __str__(self) -> str:
        return self.full_name

    @property
    def code(self) -> str:
        """What a certificate names the person by; '' while the school has not written it."""
        return self.rnokpp or self.passport or ""

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


class Guardianship(Voidable):
    """A person represents a child from a day, half-open; ended or voided, never deleted.

    `starts_on` is the day from which the register knows of it, `ground` the document it rests on
    (a certificate of birth, a decision of a court or of the guardianship authority).

    The school confirms it: a worker saw the document. `confirmed_code` is the person's code that was
    confirmed: another person or another number written later is confirmed by nobody, whoever wrote it.
    """

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Guardian, models.PROTECT, related_name="guardianships")
    relation = models.TextField()  # classifier relation
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    ground = models.TextField(blank=True, default="")
    identity_shown = models.BooleanField(default=False)
    confirmed_code = models.CharField(max_length=10, blank=True, default="", db_default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    confirmed_ground = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_code="", confirmed_at=None, confirmed_by=None)
                | ~Q(confirmed_code="")
                & ~Q(confirmed_ground="")
                & Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="guardianship_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="guardianship_period",
            ),
            ExclusionConstraint(
                name="guardianships_never_overlap",
                expressions=[
                    # The child first, and no plain column: a search by one that is not the first
                    # walked the whole index (2,000 pages at 1,000,000 children).
                    (Guarded("pupil"), RangeOperators.EQUAL),
                    (Guarded("guardian"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(voided_at=None),
            ),
        ]
        indexes = [
            by_voider("guardianship_voided_by"),
            # Whose children somebody reaches in the parents' window.
            models.Index(
                fields=["confirmed_code"],
                name="guardianship_confirmed",
                condition=~Q(confirmed_code=""),
            ),
            models.Index(
                fields=["confirmed_by"],
                name="guardianship_confirmed_by",
                condition=Q(confirmed_by__isnull=False),
            ),
        ]
        triggers = [*history(), *compared_again(), stays()]

    @property
    def is_confirmed(self) -> bool:
        """Whether a worker of the school saw by what this very person represents the child."""
        return self.confirmed_code != "" and self.confirmed_code == self.guardian.code

    def lasts(self, day: datetime.date) -> bool:
        """Whether it has not ended by a day."""
        return self.voided_at is None and (self.ends_on is None or self.ends_on > day)
