"""Classes of a school year (handbook D.4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kernel.audit.triggers import History
from kernel.ids import UuidV7
from kernel.scoping import ScopedModel
from registry.classifiers.models import SchoolYear
from registry.fields.labels import label
from registry.institutions.models.institutions import Institution
from registry.staff.models import StaffMember


class ClassGroup(ScopedModel):
    """A class: parallel and letter apart («5» and «А»), form, type, language, class teacher."""

    id = models.AutoField(primary_key=True)
    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="classes")
    school_year = models.ForeignKey(SchoolYear, models.PROTECT)
    grade = models.SmallIntegerField()
    letter = models.CharField(max_length=8, blank=True, default="")
    form = models.TextField(default="FULL_TIME")
    type = models.TextField(default="GENERAL")
    language = models.CharField(max_length=3, default="uk")
    profile = models.TextField(blank=True, default="")
    shift = models.SmallIntegerField(default=1)
    capacity = models.SmallIntegerField(null=True)
    teacher = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="classes")
    is_closed = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    SCOPE = {
        "oblast": "institution__oblast_id",
        "raion": "institution__raion_id",
        "hromada": "institution__hromada_id",
        "district": "institution__district_id",
        "institution": "institution_id",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "school_year", "grade", "letter"],
                condition=Q(is_closed=False),
                name="one_class_of_a_name",
            ),
            # 0 is the preparatory class of special schools.
            models.CheckConstraint(condition=Q(grade__gte=0, grade__lte=13), name="grade_0_to_13"),
        ]
        triggers = [History(unit="institution_id")]

    @property
    def label(self) -> str:
        """«5-А»; «5» without a letter."""
        return label(self.grade, self.letter)

    def __str__(self) -> str:
        return self.label
