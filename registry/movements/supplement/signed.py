"""The signed rows of learning beside the main school."""

from __future__ import annotations

import datetime

import msgspec

from registry.movements.enrol.signed import Applicant
from registry.movements.targets import ClassOf
from registry.movements.transfer.signed import Shown
from registry.process import SignedRow


class SupplementRow(SignedRow, frozen=True, kw_only=True, tag="registry.supplement/1"):
    """One child: by which document it was found, to which class, who applied and when."""

    document: Shown
    class_: ClassOf = msgspec.field(name="class")
    form: str
    applicant: Applicant
    applied_on: datetime.date


class SupplementEndRow(SignedRow, frozen=True, kw_only=True, tag="registry.supplement_end/1"):
    """One child who ends: from which class, why, shown by what document."""

    class_label: str
    reason: str
    document: str
