"""Tables of the register, a file per aggregate."""

from registry.admission.models import (
    Application,
    Candidate,
    Draw,
    DrawSecret,
    Intake,
    ServiceStreet,
)
from registry.certificates.models import CertificateIssue, StudyCertificate
from registry.classes.models import ClassGroup, ClassPast
from registry.classifiers.models import ClassifierItem, SchoolYear, Territory
from registry.coverage.models import (
    CoverageCase,
    CoverageLetter,
    CoverageMonth,
    CoverageStep,
    LetterCase,
    LetterDelivery,
    MissingVisit,
)
from registry.drafts.models import Draft, DraftRow, DraftRun, DraftStep, DraftTable
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.groups.models import GroupClass, GroupPlacement, StudyGroup
from registry.identity.models import (
    EmployeeDue,
    EmployeeMerge,
    PossibleColleague,
    PossibleDuplicate,
    PupilMerge,
    PupilTrace,
    TraceDue,
)
from registry.institutions.models.institutions import Institution, InstitutionStatus
from registry.institutions.models.uploads import StagedUpload
from registry.movements.transfer.models import MissedLookup
from registry.orders.models import AskedRow, Order, OrderRow, OrderTask
from registry.parents.models import ParentPaper, ParentRequest
from registry.people.models.contact import ContactState
from registry.people.models.guardians import Guardian, Guardianship
from registry.people.models.names import NameWord
from registry.people.models.pupils import (
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
)
from registry.people.models.residence import ResidenceScope
from registry.quality.models import (
    CampaignSchool,
    QualityCampaign,
    QualityCheck,
    QualityFinding,
    QualityMonth,
    QualityTrend,
)
from registry.rollover.models import PlannedChild, PlannedClass, RolloverCall, RolloverPlan
from registry.staff.models.careers import Attestation, Course, Deferment, Education
from registry.staff.models.load import Load, LoadClass
from registry.staff.models.posts import Employee, Post, PostCount, PostPast
from registry.staff.models.vacancies import Vacancy
from registry.support.models import SupportMessage, SupportRequest
from registry.tallies.models import Tally, TallySum

__all__ = [
    "Application",
    "AskedRow",
    "Attestation",
    "CampaignSchool",
    "Candidate",
    "CertificateIssue",
    "ClassGroup",
    "ClassPast",
    "ClassPlacement",
    "ClassifierItem",
    "ContactState",
    "Course",
    "CoverageCase",
    "CoverageLetter",
    "CoverageMonth",
    "CoverageStep",
    "Deferment",
    "Draft",
    "DraftRow",
    "DraftRun",
    "DraftStep",
    "DraftTable",
    "Draw",
    "DrawSecret",
    "Education",
    "Employee",
    "EmployeeDue",
    "EmployeeMerge",
    "Enrolment",
    "GroupClass",
    "GroupPlacement",
    "Guardian",
    "Guardianship",
    "Institution",
    "InstitutionStatus",
    "Intake",
    "LetterCase",
    "LetterDelivery",
    "Load",
    "LoadClass",
    "MissedLookup",
    "MissingVisit",
    "NameWord",
    "Order",
    "OrderRow",
    "OrderTask",
    "ParentPaper",
    "ParentRequest",
    "PlannedChild",
    "PlannedClass",
    "PossibleColleague",
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
    "QualityCampaign",
    "QualityCheck",
    "QualityFinding",
    "QualityMonth",
    "QualityTrend",
    "ResidenceScope",
    "RolloverCall",
    "RolloverPlan",
    "SchoolYear",
    "ServiceStreet",
    "StagedUpload",
    "StudyCertificate",
    "StudyGroup",
    "SupportMessage",
    "SupportRequest",
    "Tally",
    "TallySum",
    "Territory",
    "TraceDue",
    "Vacancy",
]
