"""The signed row of an order of enrolment: what its bytes say, schema and version first."""

from __future__ import annotations

import datetime

import msgspec

from registry.movements.targets import ClassOf
from registry.process import SignedRow


class _Part(msgspec.Struct, frozen=True):
    pass


class Document(_Part, frozen=True):
    """The identity document that was shown."""

    type: str
    series: str
    number: str
    issued_by: str
    issued_on: datetime.date | None


class Applicant(_Part, frozen=True, omit_defaults=True):
    """Who applied: a lawful representative, or the pupil personally (relation SELF).

    `renamed`: the register knew the number under another name, and whoever formed the order said
    that it is the same person, whose name has changed.
    """

    relation: str
    surname: str
    given_name: str
    patronymic: str
    phone: str
    email: str
    rnokpp: str | None
    renamed: bool = False


class Address(_Part, frozen=True):
    """Where the child lives, and the declared place."""

    line: str
    country: str
    territory: str
    registered: str


class EnrolRow(SignedRow, frozen=True, kw_only=True, omit_defaults=True, tag="registry.enrol/1"):
    """One child to be enrolled. `is_known`: the profile was in the register already; `corrects` are
    its fields that said otherwise, and whoever formed the order said that the row is right."""

    is_known: bool
    sex: str
    citizenship: str
    rnokpp: str | None
    rnokpp_state: str
    unzr: str | None
    document: Document
    class_: ClassOf = msgspec.field(name="class")
    form: str
    applicant: Applicant
    address: Address
    corrects: tuple[str, ...] = ()
