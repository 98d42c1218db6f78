"""The signed row of a transfer between schools."""

from __future__ import annotations

import datetime
import uuid

import msgspec

from registry.movements.enrol.signed import Applicant
from registry.movements.targets import ClassOf
from registry.process import SignedRow


class _Part(msgspec.Struct, frozen=True):
    pass


class Shown(_Part, frozen=True):
    """The document by which the child was found."""

    type: str
    series: str
    number: str


class From(_Part, frozen=True):
    """Where the child learnt until that day."""

    institution: uuid.UUID
    name: str
    class_label: str


class TransferRow(SignedRow, frozen=True, kw_only=True, tag="registry.transfer/1"):
    """One child: from which school and class, to which class, who applied and when."""

    document: Shown
    from_: From = msgspec.field(name="from")
    class_: ClassOf = msgspec.field(name="class")
    form: str
    applicant: Applicant
    applied_on: datetime.date
