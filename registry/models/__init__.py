"""Tables of the register, a file per aggregate."""

from registry.classes.models import ClassGroup, ClassPast
from registry.classifiers.models import ClassifierItem, SchoolYear, Territory
from registry.drafts.models import Draft, DraftRow, DraftStep, DraftTable
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.groups.models import GroupClass, GroupPlacement, StudyGroup
from registry.identity.models import PossibleDuplicate, PupilMerge, PupilTrace, TraceDue
from registry.institutions.models.institutions import Institution, InstitutionStatus
from registry.institutions.models.uploads import StagedUpload
from registry.orders.models import Order, OrderRow, OrderTask
from registry.people.models.guardians import Guardian, Guardianship
from registry.people.models.names import NameWord
from registry.people.models.pupils import (
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
)
from registry.people.models.residence import ResidenceScope
from registry.quality.models import QualityCheck, QualityFinding, QualityMonth
from registry.staff.models import Employee, Post, PostCount, PostPast
from registry.tallies.models import Tally, TallySum

__all__ = [
    "ClassGroup",
    "ClassPast",
    "ClassPlacement",
    "ClassifierItem",
    "Draft",
    "DraftRow",
    "DraftStep",
    "DraftTable",
    "Employee",
    "Enrolment",
    "GroupClass",
    "GroupPlacement",
    "Guardian",
    "Guardianship",
    "Institution",
    "InstitutionStatus",
    "NameWord",
    "Order",
    "OrderRow",
    "OrderTask",
    "PossibleDuplicate",
    "Post",
    "PostCount",
    "PostPast",
    "Pupil",
    "PupilAddress",
    "PupilCategory",
    "PupilDocument",
    "PupilMerge",
    "PupilTrace",
    "QualityCheck",
    "QualityFinding",
    "QualityMonth",
    "ResidenceScope",
    "SchoolYear",
    "StagedUpload",
    "StudyGroup",
    "Tally",
    "TallySum",
    "Territory",
    "TraceDue",
]
