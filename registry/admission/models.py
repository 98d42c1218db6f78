"""Places, service territories, children who apply, their applications, draws.

A child who applies is joined by identity alone (document, РНОКПП, УНЗР): what a school typed stays in
its own application, and no school reads another's.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Concat

from accounts.models import Grant, OrgUnit, User
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from kernel.text import UkSortKey
from registry.admission.states import APPLICATION, DRAW, HOLDS, STANDS
from registry.classifiers.models import SchoolYear
from registry.drafts.models import Draft
from registry.institutions.models.institutions import Institution
from signatures.models import SigningSession

_BY_INSTITUTION = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}
MOST_WISHES = 20


class Draw(ScopedModel):
    """One draw: of one school, or of several that an authority draws together.

    What is published can be recomputed by anybody (`registry.admission.allocation`); the secret
    stands in `DrawSecret` and here only once the draw is held.
    """

    id = Uuid7Field()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")  # who holds it
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+")
    state = models.TextField(default="ANNOUNCED")
    secret = models.TextField(blank=True, default="")
    secret_sha256 = models.TextField()
    takes = models.TextField()  # which public value, and when it becomes known, in words
    announced_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    announced_at = models.DateTimeField()
    inputs = models.BinaryField(null=True)
    inputs_sha256 = models.TextField(blank=True, default="")
    frozen_at = models.DateTimeField(null=True)
    public_value = models.TextField(blank=True, default="")
    seed = models.TextField(blank=True, default="")
    result = models.BinaryField(null=True)
    result_sha256 = models.TextField(blank=True, default="")
    drawn_at = models.DateTimeField(null=True)
    signing = models.OneToOneField(SigningSession, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    SCOPE = {
        "oblast": "unit__oblast_id",
        "raion": "unit__raion_id",
        "hromada": "unit__hromada_id",
        "district": "unit__district_id",
        "institution": "unit_id",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(DRAW)), name="draw_state"),
            models.CheckConstraint(
                condition=Q(state="ANNOUNCED", inputs=None, result=None)
                | Q(state="FROZEN", inputs__isnull=False, result=None)
                | Q(state__in=["DRAWN", "SIGNED"], inputs__isnull=False, result__isnull=False),
                name="draw_is_published_in_order",
            ),
        ]
        triggers = [*history(unit="unit_id")]


class DrawSecret(models.Model):
    """The secret of a draw, written once and read by the draw alone: kept apart, so that no image of
    the draw's row in the history tells it beforehand."""

    draw = models.OneToOneField(Draw, models.PROTECT, primary_key=True, related_name="+")
    secret = models.TextField()

    class Meta:
        triggers = [append_only()]


class Intake(ScopedModel):
    """How many children a school takes into its first classes in a year, and its draw.

    Of a draw of several schools its head signs the school's own part: `signing`, `signed_at`.
    """

    id = models.AutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="intakes")
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+")
    classes = models.SmallIntegerField()
    in_class = models.SmallIntegerField()
    documents_by = models.DateField(null=True)  # originals are shown until
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, related_name="intakes")
    signing = models.ForeignKey(
        SigningSession, models.PROTECT, null=True, related_name="+", db_index=False
    )
    signed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "school_year"], name="one_intake_of_a_year"
            ),
            models.CheckConstraint(
                condition=Q(classes__gte=0, classes__lte=30, in_class__gte=1, in_class__lte=40),
                name="intake_of_sane_size",
            ),
        ]
        indexes = [
            models.Index(
                fields=["signing"], name="intake_by_signing", condition=Q(signing__isnull=False)
            )
        ]
        triggers = [*history(unit="institution_id")]

    @property
    def places(self) -> int:
        """Classes times places of a class."""
        return self.classes * self.in_class


class ServiceStreet(ScopedModel):
    """A line of a school's service territory: a settlement, a street of it ('' all), houses ('' all)."""

    id = models.AutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="service_streets")
    territory_code = models.CharField(max_length=19)
    street = models.TextField(blank=True, default="")
    street_key = models.TextField(blank=True, default="")
    houses = models.TextField(blank=True, default="")

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        indexes = [
            models.Index(fields=["territory_code", "street_key"], name="service_street_of_a_place")
        ]
        triggers = [*history(unit="institution_id")]


class Candidate(models.Model):
    """A child who applies in a year, under the number it has in public; only what joins its
    applications is kept here."""

    id = models.BigAutoField(primary_key=True)
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+")
    document = models.TextField()  # type|series|number, as `identity` writes it
    rnokpp = models.CharField(max_length=10, null=True)
    unzr = models.CharField(max_length=14, null=True)
    born_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school_year", "document"], name="one_candidate_of_a_document"
            ),
            models.UniqueConstraint(
                fields=["school_year", "rnokpp"],
                condition=Q(rnokpp__isnull=False),
                name="one_candidate_of_an_rnokpp",
            ),
            models.UniqueConstraint(
                fields=["school_year", "unzr"],
                condition=Q(unzr__isnull=False),
                name="one_candidate_of_an_unzr",
            ),
        ]
        triggers = [*history()]

    @property
    def number(self) -> str:
        """The child's number in public: «2027-0000123»."""
        return f"{self.school_year_id[:4]}-{self.pk:07d}"


class Application(ScopedModel):
    """What parents ask of one school, as that school typed it; `values` are cells of enrolment, so
    that the order is made of them and nothing is typed twice."""

    id = Uuid7Field()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="applications")
    intake = models.ForeignKey(Intake, models.PROTECT, related_name="applications")
    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="applications")
    wish = models.SmallIntegerField()
    values = models.JSONField()
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(blank=True, default="")
    born_on = models.DateField()
    submitted_at = models.DateTimeField()
    state = models.TextField(default="SUBMITTED")
    # Grounds of the first turn: those parents name, and those the school confirmed.
    claims = ArrayField(models.TextField(), default=list)
    grounds = ArrayField(models.TextField(), default=list)
    documents = ArrayField(models.TextField(), default=list)
    reason = models.TextField(blank=True, default="")  # of a refusal or a withdrawal
    # Its place in the line of the school, as the draw left it; null: it was in no draw.
    turn = models.IntegerField(null=True)
    placed_by = models.TextField(blank=True, default="")  # right, draw, reserve
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="+")
    # Who sent it from the parents' window; null: the school entered it.
    parent = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.IntegerField(default=1)
    sort_key = models.GeneratedField(
        expression=UkSortKey(
            Concat(
                F("surname"),
                models.Value(" "),
                F("given_name"),
                models.Value(" "),
                F("patronymic"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(APPLICATION)), name="application_state"
            ),
            models.CheckConstraint(
                condition=Q(wish__gte=1, wish__lte=MOST_WISHES), name="application_wish"
            ),
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(state__in=HOLDS), name="one_place_of_a_child"
            ),
            models.UniqueConstraint(
                fields=["candidate", "institution"],
                condition=Q(state__in=STANDS),
                name="one_application_of_a_child",
            ),
            models.UniqueConstraint(
                fields=["candidate", "wish"],
                condition=Q(state__in=STANDS),
                name="one_wish_of_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["intake", "state", "sort_key", "id"], name="application_list"),
            models.Index(fields=["intake", "sort_key", "id"], name="application_by_name"),
            models.Index(
                fields=["parent"], name="application_by_parent", condition=Q(parent__isnull=False)
            ),
        ]
        triggers = [*history(unit="institution_id")]

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)
