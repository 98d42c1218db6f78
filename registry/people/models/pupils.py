"""Pupils: «освітній профіль дитини» (handbook D.2)."""

from __future__ import annotations

import datetime

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat

from accounts.models import OrgUnit
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.lookups import Guarded
from kernel.text import UkSortKey
from registry.institutions.models.institutions import Institution
from registry.institutions.placement import LEVELS, PlacedModel, place_by
from registry.people.models.voiding import Voidable, by_voider, stays

# Columns of a pupil's row that triggers keep from enrolments, residence scopes and states of contact:
# derived, so they make no versions.
MIRRORED = (
    *("institution_id", "class_group_id", "grade", "form", "enrolled_on", "residence_id"),
    "contact_status",
)


# Why a profile is closed for good: death, and adulthood of whoever learns nowhere (handbook D.6, D.7).
CLOSED = {"DEATH": "Смерть", "MAJORITY": "Повноліття"}  # why a profile ends, in words
CLOSED_REASONS = tuple(CLOSED)


def compared_again() -> tuple[pgtrigger.Trigger, ...]:
    """Triggers of what tells children apart, beside their names: whose it is, the night compares."""
    return (
        pgtrigger.Trigger(
            name="compared_again",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func="""
                INSERT INTO registry_tracedue (child) SELECT DISTINCT pupil_id FROM new_rows;
                RETURN NULL;
            """,
        ),
    )


# Rows of profiles with how their names sound: s, g, p.
_CODES = (
    "{rows} AS n, LATERAL (SELECT name_code(n.surname), name_code(n.given_name),"
    " name_code(n.patronymic)) AS codes(s, g, p)"
)


class Pupil(PlacedModel):
    """A child or learner. Identity lives here; where they learn lives in enrolments.

    `institution`, `class_group_id`, `grade`, `form` and `enrolled_on` mirror the main enrolment
    of today (or the next one to come), set by a trigger on enrolments only, so that a list is one
    index range at every level. `residence` mirrors the open residence scope in the same way, and
    `contact_status` the state of contact that lasts (`ContactState`).
    A profile merged into another learns nowhere, so every list by a place leaves it out by itself;
    numbers are unique among the others.
    """

    id = Uuid7Field()
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(blank=True, default="")
    sex = models.CharField(max_length=1)  # M, F
    born_on = models.DateField()
    citizenship = models.CharField(max_length=2, default="UA")
    rnokpp = models.CharField(max_length=10, null=True)
    # VALUE, REFUSED (by faith), NOT_ASSIGNED (many children): absence is legal (handbook C.2).
    rnokpp_state = models.TextField(default="NOT_ASSIGNED")
    unzr = models.CharField(max_length=14, null=True)
    # OK, LOST_PUPIL, LOST_REPRESENTATIVES, LOST_BOTH, RESTORED (handbook D.2, S2).
    contact_status = models.TextField(default="OK", editable=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    # The profile that stands for this one since two were found to be one child.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", db_index=False
    )
    closed_on = models.DateField(null=True)
    closed_reason = models.TextField(blank=True, default="")  # CLOSED_REASONS or MERGED

    institution = models.ForeignKey(
        Institution,
        models.PROTECT,
        null=True,
        related_name="pupils",
        db_index=False,
        editable=False,
    )
    class_group_id = models.IntegerField(null=True, editable=False)
    grade = models.SmallIntegerField(null=True, editable=False)
    form = models.TextField(blank=True, default="", editable=False)
    enrolled_on = models.DateField(null=True, editable=False)
    residence = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )
    sort_key = models.GeneratedField(
        expression=UkSortKey(
            Concat(
                F("surname"),
                Value(" "),
                F("given_name"),
                Value(" "),
                F("patronymic"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["M", "F"]), name="pupil_sex"),
            models.CheckConstraint(
                condition=Q(rnokpp=None, rnokpp_state__in=["REFUSED", "NOT_ASSIGNED"])
                | Q(rnokpp__isnull=False, rnokpp__regex=r"^[0-9]{10}$", rnokpp_state="VALUE"),
                name="pupil_rnokpp_state",
            ),
            models.UniqueConstraint(
                fields=["rnokpp"],
                condition=Q(rnokpp__isnull=False, merged_into=None),
                name="one_pupil_per_rnokpp",
            ),
            models.UniqueConstraint(
                fields=["unzr"],
                condition=Q(unzr__isnull=False, merged_into=None),
                name="one_pupil_per_unzr",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_reason="", merged_into=None)
                | Q(closed_on__isnull=False, closed_reason__in=CLOSED_REASONS, merged_into=None)
                | Q(closed_on__isnull=False, closed_reason="MERGED", merged_into__isnull=False),
                name="pupil_closed",
            ),
            # An enrolment of a merged profile shows here by the mirror and is refused.
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(institution=None),
                name="merged_pupil_learns_nowhere",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="pupil_not_merged_into_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "sort_key", "id"], name="pupil_inst"),
            models.Index(fields=["class_group_id", "sort_key", "id"], name="pupil_class"),
            models.Index(fields=["oblast_id", "sort_key", "id"], name="pupil_oblast"),
            models.Index(fields=["raion_id", "sort_key", "id"], name="pupil_raion"),
            models.Index(fields=["hromada_id", "sort_key", "id"], name="pupil_hromada"),
            models.Index(
                fields=["district_id", "sort_key", "id"],
                name="pupil_district",
                condition=Q(district_id__isnull=False),
            ),
            models.Index(
                fields=["sort_key", "id"],
                name="pupil_country",
                condition=Q(institution__isnull=False),
            ),
            models.Index(fields=["born_on", "sort_key"], name="pupil_born"),
            # A grade of few (the twelfth) filters any list without a walk over the others.
            models.Index(fields=["grade", "id"], name="pupil_grade"),
            # Children of a community who learn nowhere.
            models.Index(
                fields=["residence", "sort_key", "id"],
                name="pupil_nowhere",
                condition=Q(
                    institution__isnull=True, residence__isnull=False, closed_on__isnull=True
                ),
            ),
            # Children of a community by name, wherever they learn (the children's register).
            models.Index(
                fields=["residence", "sort_key", "id"],
                name="pupil_resident",
                condition=Q(residence__isnull=False, closed_on__isnull=True),
            ),
            models.Index(
                fields=["merged_into"],
                name="pupil_merged_into",
                condition=Q(merged_into__isnull=False),
            ),
            # Lists without names (oblast, raion, ministry) run by id: an alphabetical order, and
            # the page mark made of it, would give the names away.
            models.Index(fields=["oblast_id", "id"], name="pupil_oblast_id"),
            models.Index(fields=["raion_id", "id"], name="pupil_raion_id"),
        ]
        triggers = [
            *history(unit="institution_id", ignore=(*MIRRORED, *LEVELS)),
            *place_by("institution_id"),
            pgtrigger.Trigger(
                name="merged_into_one_that_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Q(new__merged_into_id__isnull=False),
                func="""
                    IF EXISTS (SELECT FROM registry_pupil p
                               WHERE p.id = NEW.merged_into_id AND p.merged_into_id IS NOT NULL)
                       OR EXISTS (SELECT FROM registry_pupil p WHERE p.merged_into_id = NEW.id) THEN
                        RAISE EXCEPTION 'pupil % would be merged in a chain', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'merged_without_chains';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # New words of names, one statement per statement, so that bulk loads stay fast.
            pgtrigger.Trigger(
                name="name_words",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    INSERT INTO registry_nameword (kind, word)
                    SELECT DISTINCT k, translate(lower(w), '''`’ʼ‘′', '')
                    FROM new_rows, LATERAL (VALUES ('S', surname), ('G', given_name)) AS x(k, w)
                    ON CONFLICT DO NOTHING;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="renamed_words",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("surname", "given_name"),
                func="""
                    INSERT INTO registry_nameword (kind, word)
                    SELECT k, translate(lower(w), '''`’ʼ‘′', '')
                    FROM (VALUES ('S', NEW.surname), ('G', NEW.given_name)) AS x(k, w)
                    ON CONFLICT DO NOTHING;
                    RETURN NULL;
                """,
            ),
            # How names sound and the keys of the search for duplicates (registry/identity).
            pgtrigger.Trigger(
                name="traced",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=f"""
                    INSERT INTO registry_pupiltrace
                        (pupil_id, surname, given_name, patronymic, born_on, keys)
                    SELECT id, s, g, p, born_on, child_keys(s, g, p, born_on)
                    FROM {_CODES.format(rows="new_rows")};
                    INSERT INTO registry_tracedue (child) SELECT id FROM new_rows;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="traced_anew",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("surname", "given_name", "patronymic", "born_on"),
                condition=pgtrigger.AnyChange("surname", "given_name", "patronymic", "born_on"),
                func=f"""
                    UPDATE registry_pupiltrace t
                    SET surname = s, given_name = g, patronymic = p, born_on = n.born_on,
                        keys = child_keys(s, g, p, n.born_on)
                    FROM {_CODES.format(rows="(SELECT NEW.*)")}
                    WHERE t.pupil_id = NEW.id;
                    INSERT INTO registry_tracedue (child) VALUES (NEW.id);
                    RETURN NULL;
                """,
            ),
        ]

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)

    def __str__(self) -> str:
        return self.full_name


class PupilDocument(models.Model):
    """A document of a child; re-issued ones are all kept, the search covers every one (C.4)."""

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="documents")
    # BIRTH_UA, BIRTH_FOREIGN, PASSPORT_BOOK, ID_CARD, PASSPORT_FOREIGN, RESIDENCE_PERMANENT,
    # RESIDENCE_TEMPORARY, IDP, REFUGEE (classifier document_type).
    type = models.TextField()
    series = models.TextField(blank=True, default="")
    number = models.TextField()
    issued_by = models.TextField(blank=True, default="")
    issued_on = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    is_primary = models.BooleanField(default=False)
    # NOT_CHECKED, CONFIRMED, MISMATCH, NOT_FOUND
    verification = models.TextField(default="NOT_CHECKED")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number", "series", "type"],
                name="one_pupil_per_document",
            ),
            models.UniqueConstraint(
                fields=["pupil"], condition=Q(is_primary=True), name="one_primary_document"
            ),
        ]
        triggers = [*history(), *compared_again()]


class PupilAddress(Voidable):
    """Where the child is registered (REGISTERED) or really lives (ACTUAL), abroad too."""

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="addresses")
    kind = models.TextField()
    country = models.CharField(max_length=2, default="UA")
    territory_code = models.CharField(max_length=19, blank=True, default="")
    line = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "kind"], condition=Q(voided_at=None), name="one_address_of_a_kind"
            )
        ]
        indexes = [by_voider("address_voided_by")]
        triggers = [*history(), stays()]


# Categories with a card of their own: what they ask, and how they change, is known by name.
SEN, MEALS, DISPLACED, ABROAD = "SEN", "FREE_MEALS", "IDP", "ABROAD"
# What tells of a child's health: open to the institution that keeps the child alone (handbook K).
SENSITIVE = frozenset({SEN, "DISABILITY"})


def by_order(column: str, name: str) -> models.Index:
    """Rows of one order; those written one by one have none and take no place."""
    return models.Index(fields=[column], name=name, condition=Q(**{f"{column}__isnull": False}))


class PupilCategory(Voidable):
    """What is so of a child from a day to a day, with its document: benefits, special needs with the
    level of support, free meals, displacement within the country and abroad (D.2).

    A fact from a day (docs/adr/0046): a change ends the row and begins the next one, so the past of
    a figure stays. What never was so is voided, never deleted; nothing reads a voided row but the
    card.
    """

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="categories")
    code = models.TextField()  # classifier pupil_category
    level = models.SmallIntegerField(null=True)  # level of support for SEN
    country = models.CharField(max_length=2, blank=True, default="")  # for ABROAD
    # What shows it. For SEN the conclusion of the ІРЦ, for IDP the certificate: the number alone.
    document = models.TextField(blank=True, default="")
    issued_on = models.DateField(null=True)  # the date of the document
    origin_code = models.CharField(
        max_length=19, blank=True, default=""
    )  # КАТОТТГ: IDP, from where
    studies_there = models.BooleanField(null=True)  # of ABROAD: at a school of that country too
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    opened_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="category_period"
            ),
            models.CheckConstraint(
                condition=Q(level=None) | Q(level__gte=1, level__lte=5), name="category_level"
            ),
            ExclusionConstraint(
                name="categories_never_overlap",
                expressions=[
                    (Guarded("pupil"), RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
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
            by_order("opened_by", "category_opened_by"),
            by_order("closed_by", "category_closed_by"),
            by_voider("category_voided_by"),
        ]
        triggers = [*history(), stays()]

    def lasts(self, day: datetime.date) -> bool:
        """Whether it is so on a day."""
        ended = self.ends_on is not None and self.ends_on <= day
        return self.voided_at is None and self.starts_on <= day and not ended
