"""Staff of institutions (handbook D.5): a person once, and the posts the person holds anywhere."""

from __future__ import annotations

import datetime

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat

from kernel import sums
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.lookups import Guarded
from kernel.past import Past
from kernel.scoping import ScopedModel
from kernel.text import UkSortKey
from registry.institutions.models.institutions import Institution
from registry.institutions.placement import LEVELS, PlacedModel, place_by

MOST_RATE = 2
MOST_GRADE = 25  # of the single tariff scale, постанова КМУ 30.08.2002 № 1298
COUNTED_BY = "oblast_id, raion_id, hromada_id, district_id, position, ends_on"


# What tells people apart: changed, the record is compared again.
_TOLD_APART_BY = ("surname", "given_name", "patronymic", "born_on", "sex", "rnokpp", "unzr")


class ChildKeys(Func):
    """The keys of registry/identity/functions.sql over the names and the birth date of a row."""

    template = (
        "child_keys(name_code(surname), name_code(given_name), name_code(patronymic), born_on)"
    )
    output_field = ArrayField(models.IntegerField())


class Employee(models.Model):
    """A person who works in education: one row however many schools and years.

    Known by РНОКПП, УНЗР or passport, exactly; two people of one name stay two. Whose names an actor sees is asked
    of the posts (policies.STAFF_NAMES): a person without a post within reach is absent.
    """

    id = Uuid7Field()
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(blank=True, default="")
    sex = models.CharField(max_length=1)  # M, F
    born_on = models.DateField()
    rnokpp = models.CharField(max_length=10, null=True)
    # VALUE, REFUSED (by faith), NOT_ASSIGNED: as of pupils (handbook C.2).
    rnokpp_state = models.TextField(default="NOT_ASSIGNED")
    unzr = models.CharField(max_length=14, null=True)
    # Series and number of the passport, or the number of the card, as `registry.fields` writes them.
    passport = models.TextField(null=True)
    # The day from which the pedagogical length of service runs, breaks taken off.
    teaching_since = models.DateField(null=True)
    # The record that stands for this one since two were found to be one person.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", db_index=False
    )
    version = models.IntegerField(default=1)
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
    # What registry.identity.colleagues looks for one person under two rows by.
    keys = models.GeneratedField(
        expression=ChildKeys(), output_field=ArrayField(models.IntegerField()), db_persist=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["M", "F"]), name="employee_sex"),
            models.CheckConstraint(
                condition=Q(rnokpp=None, rnokpp_state__in=["REFUSED", "NOT_ASSIGNED"])
                | Q(rnokpp__isnull=False, rnokpp__regex=r"^[0-9]{10}$", rnokpp_state="VALUE"),
                name="employee_rnokpp_state",
            ),
            models.UniqueConstraint(
                fields=["rnokpp"],
                condition=Q(rnokpp__isnull=False, merged_into=None),
                name="one_employee_per_rnokpp",
            ),
            models.UniqueConstraint(
                fields=["unzr"],
                condition=Q(unzr__isnull=False, merged_into=None),
                name="one_employee_per_unzr",
            ),
            models.UniqueConstraint(
                fields=["passport"],
                condition=Q(passport__isnull=False, merged_into=None),
                name="one_employee_per_passport",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="employee_not_merged_into_itself"
            ),
        ]
        indexes = [
            GinIndex(fields=["keys"], name="employee_keys", fastupdate=False),
            models.Index(
                fields=["merged_into"],
                name="employee_merged_into",
                condition=Q(merged_into__isnull=False),
            ),
            # Numbers of merged records still name the person: hired by them, it is the retained one.
            *(
                models.Index(
                    fields=[number],
                    name=f"employee_former_{number}",
                    condition=Q(merged_into__isnull=False),
                )
                for number in ("rnokpp", "unzr", "passport")
            ),
        ]
        triggers = [
            *history(),
            pgtrigger.Trigger(
                name="merged_into_one_that_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Q(new__merged_into_id__isnull=False),
                func="""
                    IF EXISTS (SELECT FROM registry_employee e
                               WHERE e.id = NEW.merged_into_id AND e.merged_into_id IS NOT NULL)
                       OR EXISTS (SELECT FROM registry_employee e WHERE e.merged_into_id = NEW.id)
                    THEN
                        RAISE EXCEPTION 'employee % would be merged in a chain', NEW.id
                            USING ERRCODE = 'check_violation',
                                CONSTRAINT = 'employees_merged_without_chains';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Whom the night compares with the whole register (registry/identity).
            pgtrigger.Trigger(
                name="compared",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    INSERT INTO registry_employeedue (employee) SELECT id FROM new_rows;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="compared_anew",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf(*_TOLD_APART_BY),
                condition=pgtrigger.AnyChange(*_TOLD_APART_BY),
                func="""
                    INSERT INTO registry_employeedue (employee) VALUES (NEW.id);
                    RETURN NULL;
                """,
            ),
            # Lists of posts run by name, so each post carries the order of its holder.
            pgtrigger.Trigger(
                name="renamed",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.sort_key IS DISTINCT FROM OLD.sort_key THEN
                        UPDATE registry_post SET sort_key = NEW.sort_key WHERE employee_id = NEW.id;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


def _counted(
    operation: pgtrigger.Operation, name: str, *, new: bool, old: bool
) -> pgtrigger.Trigger:
    """Keep registry_postcount: what a statement wrote is added, what it took away subtracted."""
    return sums.kept(
        operation,
        name,
        new=new,
        old=old,
        each="SELECT {sign}1 AS n, * FROM {rows} WHERE voided_by_id IS NULL",
        into=f"""
            INSERT INTO registry_postcount AS c ({COUNTED_BY}, posts, rates)
            SELECT {COUNTED_BY}, sum(n), sum(n * rate) FROM ({{moved}}) x
            GROUP BY {COUNTED_BY} HAVING sum(n) <> 0 OR sum(n * rate) <> 0
            ORDER BY {COUNTED_BY}
            ON CONFLICT ({COUNTED_BY}) DO UPDATE
            SET posts = c.posts + excluded.posts, rates = c.rates + excluded.rates;
            RETURN NULL;
        """,  # noqa: S608 - put together of our own words
    )


class Post(PlacedModel):
    """A person's post at one institution, main or part-time, with its rate, from–to (half-open).

    At any date a person has one main post in the country. Hired by an order that was annulled, it ends
    before its first day: it never was, and counts on no day. `sort_key` is the employee's, kept by
    triggers, so that a list by name is one index range at every level.
    """

    id = Uuid7Field()
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="posts")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="posts", db_index=False
    )
    position = models.TextField()  # classifier position
    is_main = models.BooleanField(default=True)
    rate = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    category = models.TextField(blank=True, default="")  # classifier staff_category
    is_full = models.BooleanField(default=False, db_default=False)  # «повне залучення»
    grade = models.SmallIntegerField(null=True)  # tariff grade of the single scale (ЄТС), 1–25
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    opened_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    voided_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.IntegerField(default=1)
    sort_key = models.TextField(db_collation="C", editable=False, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_by=None) & (Q(ends_on=None) | Q(ends_on__gt=F("starts_on")))
                | Q(voided_by__isnull=False, ends_on=F("starts_on")),
                name="post_period",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0, rate__lte=MOST_RATE), name="post_rate"),
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__gte=1, grade__lte=MOST_GRADE), name="post_grade"
            ),
            ExclusionConstraint(
                name="one_main_post_at_a_time",
                expressions=[
                    (Guarded("employee"), RangeOperators.EQUAL),
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
                condition=Q(is_main=True),
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "sort_key", "id"], name="post_inst"),
            models.Index(fields=["oblast_id", "sort_key", "id"], name="post_oblast"),
            models.Index(fields=["raion_id", "sort_key", "id"], name="post_raion"),
            models.Index(fields=["hromada_id", "sort_key", "id"], name="post_hromada"),
            models.Index(fields=["sort_key", "id"], name="post_country"),
            models.Index(
                fields=["opened_by"], name="post_opened_by", condition=Q(opened_by__isnull=False)
            ),
            models.Index(
                fields=["voided_by"], name="post_voided_by", condition=Q(voided_by__isnull=False)
            ),
        ]
        triggers = [
            *history(unit="institution_id", ignore=(*LEVELS, "sort_key")),
            *place_by("institution_id"),
            pgtrigger.Trigger(
                name="named",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("employee_id"),
                func="""
                    SELECT sort_key INTO STRICT NEW.sort_key
                    FROM registry_employee WHERE id = NEW.employee_id;
                    RETURN NEW;
                """,
            ),
            _counted(pgtrigger.Insert, "counted", new=True, old=False),
            _counted(pgtrigger.Update, "recounted", new=True, old=True),
            _counted(pgtrigger.Delete, "uncounted", new=False, old=True),
            # A class is led by a post of its own school in its own time (registry_check_teachers).
            pgtrigger.Trigger(
                name="leads_its_classes",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("institution_id", "starts_on", "ends_on"),
                func="""
                    PERFORM registry_check_teachers(ARRAY(
                        SELECT id FROM registry_classgroup WHERE teacher_id = NEW.id));
                    RETURN NULL;
                """,
            ),
        ]

    def lasts(self, day: datetime.date) -> bool:
        """Whether it has not ended by a day; it may still be to come."""
        return self.voided_by_id is None and (self.ends_on is None or self.ends_on > day)


class PostPast(Past):
    """What a post was before one of these changed from a day on: forms count posts by them."""

    of = models.ForeignKey(Post, models.PROTECT, related_name="past", db_index=False)
    position = models.TextField()
    is_main = models.BooleanField()
    rate = models.DecimalField(max_digits=4, decimal_places=2)
    category = models.TextField(blank=True)
    is_full = models.BooleanField(default=False, db_default=False)
    grade = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "until"], name="one_past_of_a_post")]
        triggers = [*history()]


class PostCount(ScopedModel):
    """How many posts of one position, ending on one day or on none, an authority has.

    Kept by triggers on posts, so that numbers by position cost the ministry a few thousand rows and
    not one for each of 440,000 posts. A place of the tree whose last post went keeps a row of zero.
    """

    id = models.BigAutoField(primary_key=True)
    oblast_id = models.IntegerField(null=True)
    raion_id = models.IntegerField(null=True)
    hromada_id = models.IntegerField(null=True)
    district_id = models.IntegerField(null=True)
    position = models.TextField()
    ends_on = models.DateField(null=True)
    posts = models.IntegerField()
    rates = models.DecimalField(max_digits=12, decimal_places=2)

    SCOPE = {level.removesuffix("_id"): level for level in LEVELS}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=COUNTED_BY.split(", "), nulls_distinct=False, name="one_count_of_posts"
            )
        ]
        indexes = [
            models.Index(fields=[level], name=f"post_count_{level.removesuffix('_id')}")
            for level in ("raion_id", "hromada_id", "district_id")
        ]


def lasting(day: datetime.date, at: str = "") -> Q:
    """What has not ended by a day and ever began, that to come too; `at` is the way to it."""
    later = Q(**{f"{at}ends_on__gt": day}) & Q(**{f"{at}ends_on__gt": F(f"{at}starts_on")})
    return Q(**{f"{at}ends_on": None}) | later
