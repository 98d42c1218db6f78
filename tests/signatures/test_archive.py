"""Archive time-stamps (CAdES-A): what they prove, and what they no longer prove when it is gone.

The vectors are put together here from EN 319 122-1 clause 5.5.3 with asn1crypto's parser and
hashlib, apart from the product's own reading of the same clause.
"""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import core, parser

from signatures import cms, oids
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    SigningKey,
    attribute,
    build_crl,
    build_token,
    build_token_of_imprint,
    sign_cms,
)
from signatures.result import Overall, Reason, Status
from signatures.revocation import parse_crl
from signatures.trust import TrustStore
from signatures.verification import verify_cms
from tests.signatures.conftest import NOW
from tests.signatures.test_long_term import TEXT, YEARS_LATER, bare, responder, tsa, x_long

__all__ = ["responder", "tsa"]
Key = tuple[SigningKey, Certificate]
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
KEY_COMPROMISE, SUPERSEDED = 1, 4
ARCHIVE_V3 = "0.4.0.1733.2.4"
INDEX_V3 = "0.4.0.19122.1.5"
SHA256 = "2.16.840.1.101.3.4.2.1"


# ── the clause, straightforwardly ────────────────────────────────────────────
def inside(raw: bytes) -> list[bytes]:
    """Encodings of a constructed value's parts."""
    _, _, _, _, contents, _ = parser.parse(raw)
    found = []
    while contents:
        size = parser.peek(contents)
        found.append(contents[:size])
        contents = contents[size:]
    return found


def tlv(tag: int, *parts: bytes) -> bytes:
    return parser.emit(tag >> 6, tag >> 5 & 1, tag & 31, b"".join(parts))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def archive_of(signed: bytes, content: bytes, *, named: bool = True) -> tuple[bytes, bytes]:
    """Imprint and ATSHashIndexV3 of the first signer, by SHA-256."""
    signed_data = inside(inside(signed)[1])[0]
    parts = inside(signed_data)
    kind = inside(parts[2])[0]
    certificates = [one for part in parts if part[0] == 0xA0 for one in inside(part)]
    revocation = [one for part in parts if part[0] == 0xA1 for one in inside(part)]
    signer = inside(inside(parts[-1])[0])
    unsigned = signer[-1] if signer[-1][0] == 0xA1 else b"\xa1\x00"
    own = signer[:-1] if signer[-1][0] == 0xA1 else signer
    values = [
        name + value
        for name, group in (inside(one) for one in inside(unsigned))
        for value in inside(group)
    ]
    index = tlv(
        0x30,
        *([tlv(0x30, core.ObjectIdentifier(SHA256).dump())] if named else []),
        *(
            tlv(0x30, *(tlv(0x04, sha256(one)) for one in group))
            for group in (certificates, revocation, values)
        ),
    )
    return sha256(kind + sha256(content) + b"".join(own) + index), index


def tokens_of(signed: bytes, content: bytes) -> list[tuple[bytes, bytes]]:
    """Each archive-time-stamp-v3 of the first signer with what its token must be over; its index
    names nothing that is not there, and the last one's all that was."""
    parts = inside(inside(inside(signed)[1])[0])
    signer = inside(inside(parts[-1])[0])
    values = [
        (name, value)
        for name, group in (inside(one) for one in inside(signer[-1]))
        for value in inside(group)
    ]
    held = {sha256(one) for part in parts if part[0] in (0xA0, 0xA1) for one in inside(part)}
    held |= {sha256(name + value) for name, value in values}
    found = []
    for name, token in values:
        if core.ObjectIdentifier.load(name).dotted != ARCHIVE_V3:
            continue
        stamp = inside(inside(inside(inside(inside(token)[1])[0])[-1])[0])
        ((kind, index),) = (inside(one) for one in inside(stamp[-1]))
        assert core.ObjectIdentifier.load(kind).dotted == INDEX_V3
        (listed,) = inside(index)
        named = {core.OctetString.load(one).native for g in inside(listed)[1:] for one in inside(g)}
        assert named <= held
        type_ = inside(parts[2])[0]
        found.append((token, type_ + sha256(content) + b"".join(signer[:-1]) + listed))
    assert named == held - {sha256(core.ObjectIdentifier(ARCHIVE_V3).dump() + token)}
    return found


def archived(signed: bytes, tsa: Key, at: datetime.datetime, **changes: Any) -> bytes:
    """The signature with an archive time-stamp over everything it holds."""
    imprint, index = archive_of(
        signed, changes.get("content", TEXT), named=changes.get("named", True)
    )
    token = build_token_of_imprint(
        changes.get("imprint", imprint),
        key=tsa[0],
        certificate=tsa[1],
        at=at,
        hash_oid=oids.SHA256,
        serial=2,
        nonce=None,
        include_certificate=True,
    )
    for one in changes.get("indexes", [index] * changes.get("times", 1)):
        token = cms.add_unsigned(token, 0, attribute(INDEX_V3, one))
    return cms.add_unsigned(signed, 0, attribute(ARCHIVE_V3, token))


@pytest.fixture
def second_tsa(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу архіву")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )


@pytest.fixture
def long_lived(authority: Authority, olena: Key, tsa: Key, responder: Key) -> bytes:
    return x_long(authority, olena, tsa, responder)


def revoking(
    authority: Authority, when: datetime.datetime, reason: int, *revoked: Certificate
) -> TrustStore:
    """Trust in the root alone, with a list that names these certificates."""
    crl = build_crl(
        issuer=authority.issuer,
        key=authority.issuer_key,
        number=9,
        this_update=when,
        next_update=when + DAY,
        revoked=[(one.serial, when, reason) for one in revoked],
    )
    return bare(authority).with_more(evidence=[parse_crl(crl)])


def judged(signed: bytes, trust: TrustStore, content: bytes | None = TEXT) -> Any:
    result = verify_cms(signed, content, at=YEARS_LATER, trust=trust)
    return result.signers[0] if result.signers else result


# ── what it proves ───────────────────────────────────────────────────────────
@pytest.mark.parametrize("named", [True, False], ids=["hash named", "hash by default"])
def test_an_archived_signature_is_of_the_archive_level(
    authority: Authority, long_lived: bytes, second_tsa: Key, named: bool
) -> None:
    signer = judged(archived(long_lived, second_tsa, NOW + DAY, named=named), bare(authority))

    assert (signer.overall, signer.level) == (Overall.VALID, "LTA")
    assert [(one.kind, one.status) for one in signer.timestamps] == [
        ("signature", Status.VALID),
        ("archive", Status.VALID),
    ]
    assert signer.proven_time == NOW


def test_an_archived_attached_signature_with_a_gost_imprint_holds(
    authority: Authority, olena: Key, tsa: Key, second_tsa: Key
) -> None:
    plain = sign_cms(TEXT, *olena, detached=False, signing_time=NOW)
    (info,) = cms.parse_signed_data(plain).signers
    token = build_token(info.signature, key=tsa[0], certificate=tsa[1], at=NOW)
    stamped = cms.add_unsigned(plain, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))
    trust = authority.trust(NOW).with_more([tsa[1]])

    signer = verify_cms(archived(stamped, second_tsa, NOW + DAY), at=YEARS_LATER, trust=trust)

    assert signer.signers[0].level == "LTA"


def test_a_time_stamp_whose_key_was_stolen_later_counts_only_when_archived_before(
    authority: Authority, long_lived: bytes, tsa: Key, second_tsa: Key
) -> None:
    stolen = revoking(authority, NOW + 10 * DAY, KEY_COMPROMISE, tsa[1])

    bare_signature = judged(long_lived, stolen)
    before = judged(archived(long_lived, second_tsa, NOW + DAY), stolen)
    after = judged(archived(long_lived, second_tsa, NOW + 11 * DAY), stolen)

    assert [one.reason for one in bare_signature.timestamps] == [Reason.REVOKED_NO_POE]
    assert bare_signature.proven_time is None
    assert (before.overall, before.proven_time) == (Overall.VALID, NOW)
    assert [one.reason for one in after.timestamps] == [Reason.REVOKED_NO_POE, None]
    assert after.proven_time == NOW + 11 * DAY


def test_a_time_stamp_whose_authority_merely_changed_its_key_stays_good(
    authority: Authority, long_lived: bytes, tsa: Key
) -> None:
    signer = judged(long_lived, revoking(authority, NOW + 10 * DAY, SUPERSEDED, tsa[1]))

    assert (signer.overall, signer.proven_time) == (Overall.VALID, NOW)


def test_a_newer_archive_time_stamp_keeps_an_older_one_alive(
    authority: Authority, long_lived: bytes, tsa: Key, second_tsa: Key
) -> None:
    third = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу, третя")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    stolen = revoking(authority, NOW + 10 * DAY, KEY_COMPROMISE, tsa[1], second_tsa[1])
    once = archived(long_lived, second_tsa, NOW + DAY)

    assert judged(once, stolen).proven_time is None
    twice = judged(archived(once, third, NOW + 2 * DAY), stolen)
    assert [one.status for one in twice.timestamps] == [Status.VALID] * 3
    assert (twice.overall, twice.proven_time) == (Overall.VALID, NOW)


def test_what_is_added_after_archiving_harms_nothing(
    authority: Authority, long_lived: bytes, second_tsa: Key
) -> None:
    signed = archived(long_lived, second_tsa, NOW + DAY)
    more = cms.add_unsigned(signed, 0, attribute("1.2.3.4", b"\x04\x01x"))

    assert judged(more, bare(authority)).level == "LTA"


# ── what it does not ─────────────────────────────────────────────────────────
def without_a_certificate(signed: bytes) -> bytes:
    outer = inside(signed)
    parts = inside(inside(outer[1])[0])
    parts = [tlv(0xA0, *inside(one)[:-1]) if one[0] == 0xA0 else one for one in parts]
    return tlv(0x30, outer[0], tlv(0xA0, tlv(0x30, *parts)))


def without_an_attribute(signed: bytes) -> bytes:
    """CAdES-X-Long's certificate values are taken out after they were archived."""
    outer = inside(signed)
    parts = inside(inside(outer[1])[0])
    signer = inside(inside(parts[-1])[0])
    name = core.ObjectIdentifier(oids.CERTIFICATE_VALUES).dump()
    signer[-1] = tlv(0xA1, *(one for one in inside(signer[-1]) if inside(one)[0] != name))
    return tlv(0x30, outer[0], tlv(0xA0, tlv(0x30, *parts[:-1], tlv(0x31, tlv(0x30, *signer)))))


@pytest.mark.parametrize("change", [without_a_certificate, without_an_attribute])
def test_what_was_covered_and_is_gone_is_told(
    authority: Authority,
    long_lived: bytes,
    second_tsa: Key,
    change: Callable[[bytes], bytes],
) -> None:
    signed = change(archived(long_lived, second_tsa, NOW + DAY))
    trust = authority.trust(NOW)

    result = verify_cms(signed, TEXT, at=YEARS_LATER, trust=trust)

    assert result.overall is Overall.INVALID
    assert "what the archive time-stamp covered is gone" in result.signers[0].notes
    assert result.signers[0].level != "LTA"


@pytest.mark.parametrize(
    "changes",
    [
        {"content": b"another document"},
        {"imprint": bytes(32)},
        {"indexes": []},
        {"indexes": [b"\x30\x06\x30\x00\x30\x00\x30\x00"]},
        {"indexes": [b"\x30\x00"]},
        {"times": 2},
    ],
    ids=["content", "imprint", "no index", "empty index", "broken index", "two indexes"],
)
def test_a_time_stamp_of_something_else_is_invalid(
    authority: Authority, long_lived: bytes, second_tsa: Key, changes: dict[str, Any]
) -> None:
    signer = judged(archived(long_lived, second_tsa, NOW + DAY, **changes), bare(authority))

    assert signer.overall is Overall.INVALID
    assert signer.level != "LTA"


def test_without_the_document_nothing_is_proven(
    authority: Authority, long_lived: bytes, second_tsa: Key
) -> None:
    signed = archived(long_lived, second_tsa, NOW + DAY)

    signer = judged(signed, bare(authority), content=None)

    assert (signer.overall, signer.reason) == (
        Overall.INDETERMINATE,
        Reason.SIGNED_DATA_NOT_FOUND,
    )
    assert signer.level != "LTA"


def test_an_authority_nobody_trusts_makes_no_archive(
    authority: Authority, long_lived: bytes
) -> None:
    stranger = Authority.in_memory().issue(
        [(oids.COMMON_NAME, "ЧУЖА служба часу")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    signer = judged(archived(long_lived, stranger, NOW + DAY), bare(authority))

    assert (signer.overall, signer.reason, signer.level) == (
        Overall.INDETERMINATE,
        Reason.NO_CERTIFICATE_CHAIN_FOUND,
        "XL",
    )


def test_an_archive_time_stamp_from_the_future_proves_nothing(
    authority: Authority, long_lived: bytes, second_tsa: Key
) -> None:
    signed = archived(long_lived, second_tsa, NOW + 100 * DAY)

    result = verify_cms(signed, TEXT, at=NOW + DAY, trust=bare(authority))

    assert result.signers[0].level == "XL"


# ── the older form ───────────────────────────────────────────────────────────
def archived_v2(
    signed: bytes, tsa: Key, at: datetime.datetime, content: bytes | None = TEXT
) -> bytes:
    """RFC 5126 6.4.1: encapContentInfo, the content when it lies elsewhere, certificates and crls,
    then every element of SignerInfo, each as it is written."""
    parts = inside(inside(inside(signed)[1])[0])
    covered = b"".join(
        [
            parts[2],
            content or b"",
            *(one for one in parts[3:] if one[0] in (0xA0, 0xA1)),
            *inside(inside(parts[-1])[0]),
        ]
    )
    token = build_token_of_imprint(
        sha256(covered), key=tsa[0], certificate=tsa[1], at=at, hash_oid=oids.SHA256,
        serial=3, nonce=None, include_certificate=True,
    )  # fmt: skip
    return cms.add_unsigned(signed, 0, attribute("1.2.840.113549.1.9.16.2.48", token))


def test_the_older_form_holds_and_keeps_earlier_time_stamps_alive(
    authority: Authority, long_lived: bytes, tsa: Key, second_tsa: Key
) -> None:
    stolen = revoking(authority, NOW + 10 * DAY, KEY_COMPROMISE, tsa[1])

    before = judged(archived_v2(long_lived, second_tsa, NOW + DAY), stolen)
    after = judged(archived_v2(long_lived, second_tsa, NOW + 11 * DAY), stolen)

    assert (before.overall, before.level, before.proven_time) == (Overall.VALID, "LTA", NOW)
    assert after.proven_time == NOW + 11 * DAY


def test_the_older_form_under_another_and_under_the_newer_one_holds(
    authority: Authority, long_lived: bytes, tsa: Key, second_tsa: Key
) -> None:
    once = archived_v2(long_lived, tsa, NOW + DAY)

    for again in (archived_v2, archived):
        signer = judged(again(once, second_tsa, NOW + 2 * DAY), bare(authority))
        assert [one.status for one in signer.timestamps] == [Status.VALID] * 3


def test_the_older_form_of_an_attached_document_holds(
    authority: Authority, olena: Key, tsa: Key
) -> None:
    plain = sign_cms(TEXT, *olena, detached=False, signing_time=NOW)
    trust = authority.trust(NOW)

    result = verify_cms(archived_v2(plain, tsa, NOW, None), at=NOW + DAY, trust=trust)

    assert [one.status for one in result.signers[0].timestamps] == [Status.VALID]


@pytest.mark.parametrize(
    "change",
    [
        lambda signed: cms.add_unsigned(signed, 0, attribute("1.2.3.4", b"\x04\x01x")),
        without_a_certificate,
        without_an_attribute,
    ],
    ids=["something added", "a certificate gone", "an attribute gone"],
)
def test_whatever_changes_under_the_older_form_is_told(
    authority: Authority, long_lived: bytes, second_tsa: Key, change: Callable[[bytes], bytes]
) -> None:
    signed = change(archived_v2(long_lived, second_tsa, NOW + DAY))

    signer = verify_cms(signed, TEXT, at=YEARS_LATER, trust=authority.trust(NOW)).signers[0]

    assert (signer.overall, signer.level != "LTA") == (Overall.INVALID, True)


def test_without_the_document_the_older_form_proves_nothing(
    authority: Authority, long_lived: bytes, second_tsa: Key
) -> None:
    signer = judged(archived_v2(long_lived, second_tsa, NOW + DAY), bare(authority), content=None)

    assert (signer.reason, signer.level != "LTA") == (Reason.SIGNED_DATA_NOT_FOUND, True)
