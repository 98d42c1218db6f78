"""Tables of the register, a file per aggregate."""

from registry.models.classes import ClassGroup
from registry.models.classifiers import ClassifierItem, SchoolYear, Territory
from registry.models.enrolments import Enrolment
from registry.models.institutions import Institution, InstitutionStatus
from registry.models.names import NameWord
from registry.models.orders import (
    EnrolmentDraft,
    EnrolmentDraftChange,
    EnrolmentDraftRow,
    Order,
    OrderRow,
)
from registry.models.pupils import (
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    Representative,
)
from registry.models.staff import StaffMember
from registry.models.uploads import StagedUpload

__all__ = [
    "ClassGroup",
    "ClassifierItem",
    "Enrolment",
    "EnrolmentDraft",
    "EnrolmentDraftChange",
    "EnrolmentDraftRow",
    "Institution",
    "InstitutionStatus",
    "NameWord",
    "Order",
    "OrderRow",
    "Pupil",
    "PupilAddress",
    "PupilCategory",
    "PupilDocument",
    "Representative",
    "SchoolYear",
    "StaffMember",
    "StagedUpload",
    "Territory",
]
