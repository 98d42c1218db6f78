"""What the rules found: derived rows, made anew by every check."""

from __future__ import annotations

from django.db import models

from kernel.scoping import ScopedModel
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil

_SCOPE = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}


class QualityCheck(ScopedModel):
    """When an institution's children were last checked, by which pack, and how many there were."""

    institution = models.OneToOneField(Institution, models.PROTECT, primary_key=True)
    checked_at = models.DateTimeField()
    checked_on = models.DateField(db_index=True)
    pack = models.TextField()
    pupils = models.IntegerField()

    SCOPE = _SCOPE
    KIND = "institution__type"


class QualityMonth(ScopedModel):
    """What the last check of a month found at an institution: children by rule, for the year after.
    Findings themselves are of today alone."""

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    found = models.JSONField()  # {rule: children}

    SCOPE = _SCOPE
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "month"], name="one_quality_of_a_month")
        ]


class QualityFinding(ScopedModel):
    """A rule that a child's data break, and since which check. Words are made when shown."""

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.CASCADE, related_name="findings", db_index=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    rule = models.TextField()
    found_on = models.DateField()

    SCOPE = _SCOPE
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pupil", "rule"], name="one_finding_of_a_rule")
        ]
        indexes = [
            models.Index(fields=["institution", "rule", "pupil"], name="finding_by_institution")
        ]
