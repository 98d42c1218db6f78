"""The answer of id.gov.ua about a person: opened, believed, read."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import json
from typing import Any

import structlog

from integrations.isei import errors
from integrations.isei.client import FIELDS
from integrations.isei.conf import Configuration
from signatures import api as signatures
from signatures.certificates import Certificate

log = structlog.get_logger(__name__)

LONGEST_VALUE = 1000
# How old certificates and their readers write «none».
_NOTHING = {"", "-", "—", "null", "none"}
_YES = {"1", "true", "yes"}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What id.gov.ua says of a person; every value a plain string, "" when it says nothing.

    `signed_by` is the fingerprint of the certificate that signed the answer, "" for a plain one.
    """

    values: dict[str, str] = dataclasses.field(repr=False)
    signed_by: str = ""
    encrypted: bool = False

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def auth_type(self) -> str:
        """How the person was identified there, in its own words.

        Older answers leave it out: then a certificate that was read means a signature.
        """
        return self["auth_type"] or ("dig_sign" if self["issuer"] and self["serial"] else "")

    @property
    def full_name(self) -> str:
        """Surname, name, patronymic; the last may stand within the name, as in certificates."""
        parts = [self["lastname"], self["givenname"]]
        if self["middlename"] and self["middlename"] not in self["givenname"]:
            parts.append(self["middlename"])
        return " ".join(part for part in parts if part) or self["subjectcn"]

    @property
    def evidence(self) -> dict[str, str | bool]:
        """What is kept of how the person was identified; their codes are kept elsewhere."""
        kept = ("issuer", "issuercn", "serial", "subjectcn", "o", "title")
        return {
            "auth_type": self.auth_type,
            **{name: self[name] for name in kept if self[name]},
            "isqscd": self["isqscd"].lower() in _YES,
            "encrypted": self.encrypted,
            "signed_by": self.signed_by,
        }


@dataclasses.dataclass(frozen=True)
class Reader:
    """Opens and believes answers: what is asked for encrypted must come encrypted and signed.

    Without `key` answers are asked for plain, and rest on TLS alone.
    """

    key: signatures.OwnKey | None
    partners: tuple[Certificate, ...] = ()
    signed: bool = True

    @classmethod
    def of(cls, configuration: Configuration) -> Reader:
        """The reader of a configuration.

        Raises:
            UnusableKeyFile: its files are missing, wrong or of different keys.
        """
        if not configuration.encrypted:
            return cls(None)
        return cls(configuration.own_key(), configuration.partners(), configuration.signed_answers)

    @property
    def certificate(self) -> Certificate | None:
        """To whom answers are to be encrypted."""
        return self.key.certificate if self.key else None

    def read(self, raw: dict[str, Any], *, at: datetime.datetime) -> Answer:
        """The answer inside whatever came.

        Raises:
            IseiUnreadable: broken, plain where a sealed one was asked for, not for us, or not by
                id.gov.ua.
            IseiSilent: whether its certificate still holds cannot be learnt now.
        """
        if self.key is None:
            return Answer(_values(raw))
        letter = self._opened(raw, self.key, at)
        try:
            inside = json.loads(letter.content)
        except (ValueError, RecursionError) as error:
            raise _unreadable("the content is not JSON") from error
        if not isinstance(inside, dict):
            raise _unreadable("the content is not an object")
        return Answer(_values(inside), letter.signed_by, encrypted=True)

    def _opened(
        self, raw: dict[str, Any], key: signatures.OwnKey, at: datetime.datetime
    ) -> signatures.Letter:
        try:
            sealed = base64.b64decode(str(raw.get("encryptedUserInfo", "")), validate=True)
        except (binascii.Error, ValueError) as error:
            raise _unreadable("not base64") from error
        try:
            letter = signatures.open_letter(sealed, key, self.partners, at=at)
        except signatures.CannotOpen as error:
            raise _unreadable(f"{type(error).__name__}: {error}") from error
        except signatures.NotFromPartner as error:
            if error.result.reason is signatures.Reason.TRY_LATER:
                log.warning("isei_certificate_unchecked")
                raise errors.IseiSilent from error
            raise _unreadable(f"signature: {error}") from error
        if not letter.encrypted:
            raise _unreadable("the answer is not encrypted")
        # An unsigned answer is at least agreed upon with the key of id.gov.ua.
        known = {partner.fingerprint for partner in self.partners}
        if not letter.signed_by and (self.signed or letter.encrypted_by not in known):
            raise _unreadable("the answer is not signed")
        return letter


def _unreadable(reason: str) -> errors.IseiUnreadable:
    log.error("isei_unreadable", path="get-user-info", reason=reason)
    return errors.IseiUnreadable()


def _values(raw: dict[str, Any]) -> dict[str, str]:
    """The known fields as strings of a sane size; what is no plain value counts as absent."""
    return {
        name: text
        for name in (*FIELDS, "auth_type")
        if isinstance(value := raw.get(name), str | int | bool)
        and (text := " ".join(str(value).split()))[:1]
        and text.lower() not in _NOTHING
        and len(text) <= LONGEST_VALUE
    }
