"""The answer of every verification: never a yes or no alone, always what was checked and why.

Codes follow ETSI EN 319 102-1 v1.3.1 clause 5.1.3. A status word per check: VALID, INVALID,
INDETERMINATE (could not be decided) or ABSENT (there was nothing to check).
"""

import base64
import dataclasses
import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from kernel import clock
from signatures.certificates import CertificateInfo


class Overall(StrEnum):
    VALID = "VALID"
    INVALID = "INVALID"
    INDETERMINATE = "INDETERMINATE"
    MALFORMED = "MALFORMED"


class Status(StrEnum):
    VALID = "VALID"
    INVALID = "INVALID"
    INDETERMINATE = "INDETERMINATE"
    ABSENT = "ABSENT"


class Reason(StrEnum):
    """Subindications of EN 319 102-1; the Ukrainian sentence for people is in `EXPLANATIONS`."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    TRY_LATER = "TRY_LATER"
    GENERIC = "GENERIC"


CLOCK_OFF = "the claimed signing time is far from now"  # a note of a signature just made

EXPLANATIONS: dict[str, str] = {
    Reason.FORMAT_FAILURE: "Файл пошкоджено або це не електронний підпис.",
    Reason.HASH_FAILURE: "Підписані дані змінено після підписання або підпис належить до іншого файлу.",
    Reason.SIG_CRYPTO_FAILURE: "Підпис не відповідає ключу підписувача: його змінено або зроблено не тим ключем.",
    Reason.REVOKED: "На час підписання сертифікат уже скасовано.",
    Reason.EXPIRED: "На час підписання строк дії сертифіката вже закінчився.",
    Reason.NOT_YET_VALID: "На час підписання сертифікат ще не почав діяти.",
    Reason.SIG_CONSTRAINTS_FAILURE: "Підпис не відповідає вимогам для цієї дії.",
    Reason.CHAIN_CONSTRAINTS_FAILURE: "Сертифікат не призначено для підписання або його видано з порушенням обмежень.",
    Reason.CERTIFICATE_CHAIN_GENERAL_FAILURE: "Ланцюжок сертифікатів побудовано з помилками.",
    Reason.CRYPTO_CONSTRAINTS_FAILURE: "Алгоритм підпису не підтримується або вже не вважається надійним.",
    Reason.NO_SIGNING_CERTIFICATE_FOUND: "Сертифіката підписувача немає у файлі або він не той, на який посилається підпис.",
    Reason.NO_CERTIFICATE_CHAIN_FOUND: "Сертифікат видав надавач, якого немає в довірчому списку.",
    Reason.REVOKED_NO_POE: "Сертифікат скасовано, а доказу, що підпис поставлено раніше, немає.",
    Reason.REVOKED_CA_NO_POE: "Скасовано сертифікат надавача, а доказу, що підпис поставлено раніше, немає.",
    Reason.OUT_OF_BOUNDS_NO_POE: "Строк дії сертифіката закінчився, а доказу, що підпис поставлено раніше, немає.",
    Reason.TIMESTAMP_ORDER_FAILURE: "Позначки часу суперечать одна одній.",
    Reason.SIGNED_DATA_NOT_FOUND: "Підпис зберігається окремо від даних: додайте файл, який було підписано.",
    Reason.TRY_LATER: "Не вдалося дізнатися, чи не скасовано сертифікат. Спробуйте пізніше.",
    Reason.GENERIC: "Підпис не вдалося перевірити.",
}


@dataclass(frozen=True, slots=True)
class TimestampResult:
    """One RFC 3161 token: what it covers, when it was made, and how much of it holds."""

    kind: Literal["content", "signature", "archive", "file"]
    status: Status
    reason: Reason | None
    time: datetime.datetime | None
    authority: str
    imprint: Status = Status.INDETERMINATE
    crypto: Status = Status.INDETERMINATE
    chain: Status = Status.INDETERMINATE
    token: bytes = field(default=b"", repr=False)
    # Until when it proves by itself: its authorities' certificates and its algorithms are in force.
    until: datetime.datetime | None = None
    lapsed: bool = False  # that time is over, and no archive time-stamp took it over before
    chain_certificates: tuple[bytes, ...] = field(default=(), repr=False)  # the authority's first


@dataclass(frozen=True, slots=True)
class SignerResult:
    """One signature of a container, check by check."""

    overall: Overall
    reason: Reason | None
    crypto: Status
    digest: Status
    ess: Status
    chain: Status
    revocation: Status
    timestamp: Status
    key_usage: Status
    level: str  # CMS, XMLDSIG, BES, T, C, XL, LT, LTA
    algorithm: str
    certificate: CertificateInfo | None
    signing_time: datetime.datetime | None  # as the signer claims
    proven_time: datetime.datetime | None  # the earliest trustworthy timestamp
    timestamps: tuple[TimestampResult, ...] = ()
    chain_certificates: tuple[bytes, ...] = field(default=(), repr=False)  # leaf first, DER
    revocation_source: str = ""
    revoked_at: datetime.datetime | None = None
    on_hold: bool = False  # revoked for a while: the authority may take it back
    # VALID, and known not to have been revoked at the moment proven. Without it what is proven is
    # that the signature is whole and its certificate genuine.
    confirmed: bool = False
    evidence: tuple[bytes, ...] = field(default=(), repr=False)  # CRL and OCSP answers used, DER
    notes: tuple[str, ...] = ()
    family: str = ""  # CAdES, PAdES, XAdES; nothing for what is no signature of a document

    @property
    def qualified(self) -> bool:
        """A qualified signature: the certificate is, and its chain is trusted."""
        return bool(self.certificate and self.certificate.qualified) and self.chain is Status.VALID

    def as_json(self) -> dict[str, Any]:
        certificate = self.certificate
        data: dict[str, Any] = {
            "overall": self.overall,
            "reason": self.reason,
            "crypto": self.crypto,
            "digest": self.digest,
            "ess": self.ess,
            "chain": self.chain,
            "revocation": self.revocation,
            "timestamp": self.timestamp,
            "key_usage": self.key_usage,
            "level": self.level,
            "family": self.family or None,
            "qualified": self.qualified,
            "algorithm": self.algorithm,
            "signing_time": _moment(self.signing_time),
            "proven_time": _moment(self.proven_time),
            "revoked_at": _moment(self.revoked_at),
            "revocation_source": self.revocation_source or None,
            "on_hold": self.on_hold,
            "confirmed": self.confirmed,
            "notes": list(self.notes),
            "timestamps": [
                {
                    "kind": stamp.kind,
                    "status": stamp.status,
                    "reason": stamp.reason,
                    "time": _moment(stamp.time),
                    "authority": stamp.authority,
                    "imprint": stamp.imprint,
                    "crypto": stamp.crypto,
                    "chain": stamp.chain,
                    "until": _moment(stamp.until),
                    "lapsed": stamp.lapsed,
                }
                for stamp in self.timestamps
            ],
        }
        names = ("rnokpp", "edrpou", "unzr", "full_name", "organisation", "title", "kind")
        data |= {name: getattr(certificate, name, None) for name in names}
        data["seal"] = certificate.is_seal if certificate else None
        data["carrier"] = certificate.carrier if certificate else None
        data["certificate"] = certificate_json(certificate) if certificate else None
        return data


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The answer for a whole input. `covered` and `uncovered` name files of an ASiC container."""

    overall: Overall
    reason: Reason | None
    signers: tuple[SignerResult, ...] = ()
    covered: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    kind: str = "cms"
    detail: str = ""
    trust_version: str = ""
    at: datetime.datetime | None = None

    @property
    def valid(self) -> bool:
        return self.overall is Overall.VALID

    @property
    def confirmed(self) -> bool:
        """Valid, and no signer's certificate can have been revoked when it signed."""
        return self.valid and all(signer.confirmed for signer in self.signers)

    @property
    def explanation(self) -> str:
        """One Ukrainian sentence for a person."""
        if self.reason is None:
            return "Підпис дійсний." if self.valid else "Підпис не вдалося перевірити."
        claimed = next((one.signing_time for one in self.signers if CLOCK_OFF in one.notes), None)
        if self.reason is Reason.SIG_CONSTRAINTS_FAILURE and claimed and self.at:
            told, true = (f"{clock.local(one):%d.%m.%Y %H:%M}" for one in (claimed, self.at))
            return (
                f"Годинник вашого компʼютера показував {told} за Києвом, а було {true}. Виправте на "
                "ньому дату, час і часовий пояс та підпишіть ще раз."
            )
        return EXPLANATIONS[self.reason]

    def as_json(self) -> dict[str, Any]:
        return {
            "overall": self.overall,
            "reason": self.reason,
            "confirmed": self.confirmed,
            "kind": self.kind,
            "detail": self.detail or None,
            "at": _moment(self.at),
            "trust_version": self.trust_version or None,
            "signers": [signer.as_json() for signer in self.signers],
            "covered": list(self.covered),
            "uncovered": list(self.uncovered),
            "missing": list(self.missing),
        }

    def evidence(self) -> dict[str, Any]:
        """What to keep beside a signature so that it can be judged again: base64 of DER."""
        return {
            "trust_version": self.trust_version,
            "signers": [
                {
                    "chain": [_b64(item) for item in signer.chain_certificates],
                    "revocation": [_b64(item) for item in signer.evidence],
                    "timestamps": [_b64(stamp.token) for stamp in signer.timestamps],
                }
                for signer in self.signers
            ],
        }


def malformed(detail: str = "", kind: str = "unknown") -> VerificationResult:
    return VerificationResult(
        Overall.MALFORMED, Reason.FORMAT_FAILURE, kind=kind, detail=detail[:200]
    )


def certificate_json(certificate: CertificateInfo) -> dict[str, Any]:
    """Plain JSON values of a certificate."""
    return {f.name: _plain(getattr(certificate, f.name)) for f in dataclasses.fields(certificate)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return _moment(value)
    return list(value) if isinstance(value, tuple) else value


def _moment(value: datetime.datetime | None) -> str | None:
    return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z") if value else None


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def worst(results: list[tuple[Overall, Reason | None]]) -> tuple[Overall, Reason | None]:
    """The overall answer of several: any INVALID, else MALFORMED, else INDETERMINATE, else VALID."""
    for level in (Overall.INVALID, Overall.MALFORMED, Overall.INDETERMINATE):
        for overall, reason in results:
            if overall is level:
                return overall, reason
    return Overall.VALID, None
