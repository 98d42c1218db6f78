"""Answers that were wrong once: each stays right, and its kind with it (issue 9, section 3)."""

import io
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes as classic_hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.outside import is_public
from signatures import asic, cms, der, inspection, keys, oids
from signatures.algorithms import hashes
from signatures.algorithms.curves import BY_DEGREE
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    SigningKey,
    attribute,
    build_certificate,
    build_token,
    sign_cms,
    signed_data,
    signer_info,
)
from signatures.portal import answer
from signatures.result import Overall, Reason, Status, VerificationResult
from signatures.trust import TrustStore, load_files
from signatures.verification import ORDER, verify_cms
from tests.signatures.conftest import NOW, issue_olena

Key = tuple[SigningKey, Certificate]
HOSTILE = Path(__file__).parent / "hostile"
TEXT = b"order"


@pytest.fixture
def trust(authority: Authority) -> TrustStore:
    return authority.trust(NOW)


def look(data: bytes, trust: TrustStore, content: bytes | None = None) -> VerificationResult:
    return inspection.verify_file(data, content, at=NOW, trust=trust)


# ── two encodings, one meant ─────────────────────────────────────────────────
def test_a_raw_signature_that_begins_like_a_wrapped_one_is_raw() -> None:
    """One genuine signature in 65,536 begins with 04 3E."""
    given = load_files([HOSTILE / "r02_root.cer", HOSTILE / "r02_issuer.cer"])
    trust = TrustStore(given.certificates[:1], given.certificates)
    signed = (HOSTILE / "r02_genuine_04_3E.p7s").read_bytes()

    result = look(signed, trust, (HOSTILE / "r02_content.bin").read_bytes())

    assert (result.overall, result.signers[0].crypto) == (Overall.VALID, Status.VALID)


@pytest.mark.parametrize("m", [163, 257, 431])
def test_a_signature_is_raw_or_wrapped_by_its_length_alone(m: int) -> None:
    half = BY_DEGREE[m].order_bytes
    for first in (b"\x04", bytes([4, 2 * half - 2]), b"\x30"):
        raw = first.ljust(2 * half, b"\x07")
        pair = keys.split_signature(raw, half)
        assert pair == keys.split_signature(der.octet_string(raw), half)
        assert pair is not None
    r, s = raw[:half], raw[half:]
    for padded in (r + b"\0" + s + b"\0", r[:-1] + s[:-1], raw + b"\0", b""):
        assert keys.split_signature(padded, half) is None
    assert keys.split_signature(der.octet_string(raw + b"\0\0"), half) is None


# ── what was signed ──────────────────────────────────────────────────────────
def test_the_attributes_of_a_signature_are_no_document() -> None:
    """Without signed attributes the DER of somebody's attributes verifies as a file."""
    given = load_files([HOSTILE])
    forged = (HOSTILE / "r03_forged_no_attrs.p7s").read_bytes()
    trust = TrustStore(given.certificates)
    result = look(forged, trust, (HOSTILE / "r03_forged_doc.bin").read_bytes())

    assert result.overall is Overall.INDETERMINATE
    assert result.signers[0].level == "CMS"
    assert answer.explain(result).kind == "heed"


def without_attributes(key: Key, content: bytes) -> bytes:
    info = der.sequence(
        der.integer(1),
        der.sequence(key[1].issuer, der.tlv(der.INTEGER, key[1].serial)),
        der.sequence(der.oid(oids.GOST34311)),
        key[0].algorithm,
        der.octet_string(key[0].sign(content)),
    )
    return signed_data(None, [info], [key[1]])


def test_a_signature_without_signed_attributes_is_never_green(
    olena: Key, trust: TrustStore
) -> None:
    result = look(without_attributes(olena, TEXT), trust, TEXT)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.SIG_CONSTRAINTS_FAILURE,
    )
    assert result.signers[0].crypto is Status.VALID


@pytest.mark.parametrize(
    ("digest", "signature", "fine"),
    [
        (oids.GOST34311, oids.DSTU4145_GOST, True),
        (oids.SHA256, oids.DSTU4145_GOST, False),
        (oids.GOST34311, oids.DSTU4145_KUPYNA256, False),
    ],
)
def test_the_algorithms_are_those_that_were_signed(
    olena: Key, trust: TrustStore, digest: str, signature: str, fine: bool
) -> None:
    said = der.sequence(der.sequence(der.oid(digest)), der.tlv(0xA1, der.oid(signature)))
    protection = attribute(oids.CMS_ALGORITHM_PROTECTION, said)

    result = look(sign_cms(TEXT, *olena, more_signed=[protection]), trust, TEXT)

    assert result.valid is fine
    assert fine or result.reason is Reason.FORMAT_FAILURE


def test_a_version_fits_the_signers_identifier(olena: Key, trust: TrustStore) -> None:
    info = signer_info(TEXT, *olena)
    other = info.replace(b"\x02\x01\x01", b"\x02\x01\x03", 1)
    assert info != other

    assert look(signed_data(None, [other], [olena[1]]), trust, TEXT).overall is Overall.MALFORMED


def test_two_sets_of_signers_are_refused(olena: Key, trust: TrustStore) -> None:
    """A reader of the first set and one of the last would see different signers."""
    root = der.parse(sign_cms(TEXT, *olena))
    fields = root.parts(2)[1].inner().parts(4)
    body = der.sequence(*(part.raw for part in fields), fields[-1].raw)
    twice = der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, body))

    assert look(twice, trust, TEXT).overall is Overall.MALFORMED


# ── everyone who signed ──────────────────────────────────────────────────────
def countersigned(signed: bytes, by: Key, over: bytes | None = None) -> bytes:
    (info,) = cms.parse_signed_data(signed).signers
    covered = info.signature if over is None else over
    inner = der.parse(signer_info(covered, *by)).parts(5)
    # no content type in a countersignature: its attributes are put together again
    kept = [
        part.raw
        for part in inner[3].children
        if der.parse(part.raw).parts(2)[0].oid != oids.CONTENT_TYPE
    ]
    attributes = der.set_of(*kept)
    made = der.sequence(
        *(part.raw for part in inner[:3]),
        der.implicit(0, attributes),
        inner[4].raw,
        der.octet_string(by[0].sign(attributes)),
    )
    return cms.add_unsigned(signed, 0, attribute(oids.COUNTERSIGNATURE, made))


def test_whoever_countersigned_is_shown_and_judged(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    other = issue_olena(
        authority, rnokpp="7146712113", full_name="Директор Петро", surname="Директор"
    )
    signed = sign_cms(TEXT, *olena, more_certificates=[other[1]])

    good, bad = countersigned(signed, other), countersigned(signed, other, b"other")

    result = look(good, trust, TEXT)
    assert result.valid
    assert [one.certificate.rnokpp for one in result.signers if one.certificate] == [
        "7146711424",
        "7146712113",
    ]
    assert "a countersignature" in result.signers[1].notes
    refused = look(bad, trust, TEXT)
    assert (refused.overall, refused.reason) == (Overall.INVALID, Reason.HASH_FAILURE)
    assert refused.signers[0].overall is Overall.VALID


def test_every_signer_of_a_signature_of_a_signature_is_shown_and_judged(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    other = issue_olena(authority, rnokpp="7146712113")
    stranger = Authority.in_memory()
    inner = sign_cms(TEXT, *olena, detached=False)
    unknown = sign_cms(TEXT, *issue_olena(stranger), detached=False)

    for attached in (True, False):
        outer = sign_cms(inner, *other, detached=not attached)
        result = look(outer, trust, None if attached else inner)
        assert (result.valid, len(result.signers)) == (True, 2)
        spoilt = sign_cms(unknown, *other, detached=not attached)
        result = look(spoilt, trust, None if attached else unknown)
        assert result.reason is Reason.NO_CERTIFICATE_CHAIN_FOUND


def test_a_signature_over_a_signature_is_found_in_either_order(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    inner = sign_cms(TEXT, *olena, detached=False)
    outer = sign_cms(inner, *issue_olena(authority, rnokpp="7146712113"))
    files = [("a.p7s", inner), ("a.p7s.p7s", outer)]

    for order in (files, files[::-1]):
        assert inspection.verify_files(order, at=NOW, trust=trust).valid


# ── keys nobody may believe ──────────────────────────────────────────────────
def test_a_table_that_nobody_accredited_is_not_believed(authority: Authority) -> None:
    """With a table of zeros one signature holds over two documents."""
    for table in (bytes(64), bytes(range(64))):
        key = SigningKey(BY_DEGREE[257], 777, table)
        signed = sign_cms(TEXT, *issue_olena(authority, key=key))
        for policy in (ORDER, None):
            more = {"policy": policy} if policy else {}
            result = verify_cms(signed, TEXT, at=NOW, trust=authority.trust(NOW), **more)
            assert (result.overall, result.reason) == (
                Overall.INDETERMINATE,
                Reason.CRYPTO_CONSTRAINTS_FAILURE,
            )


def rsa_signed(authority: Authority, bits: int, exponent: int) -> bytes:
    key = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    name = [(oids.COMMON_NAME, "x"), (oids.SERIAL_NUMBER, "TINUA-7146711424")]
    _, certificate = authority.issue(name, at=NOW, spki=spki)
    digest = hashes.digest(oids.SHA256, TEXT)
    named = der.sequence(der.octet_string(hashes.digest(oids.SHA256, certificate.der)))
    attributes = der.set_of(
        attribute(oids.CONTENT_TYPE, der.oid(oids.DATA)),
        attribute(oids.MESSAGE_DIGEST, der.octet_string(digest)),
        attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(named))),
    )
    info = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial)),
        der.sequence(der.oid(oids.SHA256)),
        der.implicit(0, attributes),
        der.sequence(der.oid(oids.RSA), der.null()),
        der.octet_string(key.sign(attributes, padding.PKCS1v15(), classic_hashes.SHA256())),
    )
    return signed_data(None, [info], [certificate], hash_oids=[oids.SHA256])


@pytest.mark.parametrize(
    ("bits", "exponent", "fine"), [(2048, 65537, True), (1024, 65537, False), (2048, 3, False)]
)
def test_a_weak_key_signs_no_order(
    authority: Authority, trust: TrustStore, bits: int, exponent: int, fine: bool
) -> None:
    signed = rsa_signed(authority, bits, exponent)

    result = verify_cms(signed, TEXT, policy=ORDER, at=NOW, trust=trust)

    assert result.valid is fine
    assert fine or result.reason is Reason.CRYPTO_CONSTRAINTS_FAILURE
    assert verify_cms(signed, TEXT, at=NOW, trust=trust).valid  # an older document may have it


@pytest.mark.parametrize("number", [0, -5])
def test_a_number_that_is_none_is_told(authority: Authority, number: int) -> None:
    key = SigningKey.generate()
    certificate = build_certificate(
        subject=[(oids.COMMON_NAME, "x")],
        spki=key.spki,
        identifier=key.identifier,
        issuer=authority.issuer.subject,
        issuer_key=authority.issuer_key,
        serial=number,
        not_before=NOW,
        not_after=NOW,
    )
    trust = authority.trust(NOW)
    found = inspection.verify_certificate(certificate, at=NOW, trust=trust)
    signed = verify_cms(sign_cms(TEXT, key, certificate), TEXT, at=NOW, trust=trust)

    assert any("zero or negative" in note for note in found.notes)
    assert any("zero or negative" in note for note in signed.signers[0].notes)


# ── who somebody is ──────────────────────────────────────────────────────────
@pytest.mark.parametrize("code", ["PNOUA-19900101-12345", "IDCUA-123456789", "TINUA-7146711424"])
def test_an_employee_known_by_another_number_is_no_seal(authority: Authority, code: str) -> None:
    name = [
        (oids.COMMON_NAME, "Шкільна Олена"),
        (oids.SERIAL_NUMBER, code),
        (oids.ORGANIZATION_IDENTIFIER, "NTRUA-39301337"),
    ]
    info = authority.issue(name, at=NOW)[1].info

    assert (info.kind, info.is_seal) == ("employee", False)


def test_a_broken_stamp_leaves_the_signature_undecided_not_wrong(
    authority: Authority, olena: Key
) -> None:
    """EN 319 102-1 pairs SIG_CRYPTO_FAILURE with a failed signature, which this is not."""
    tsa = authority.issue(
        [(oids.COMMON_NAME, "TSA")], at=NOW, extended_key_usage=(oids.EKU_TIME_STAMPING,)
    )
    signed = sign_cms(TEXT, *olena)
    (info,) = cms.parse_signed_data(signed).signers
    token = build_token(
        info.signature,
        key=SigningKey.generate(),
        certificate=tsa[1],
        at=NOW,
        include_certificate=True,
    )
    stamped = cms.add_unsigned(signed, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))

    result = look(stamped, authority.trust(NOW), TEXT)

    assert (result.overall, result.reason) == (Overall.INDETERMINATE, Reason.GENERIC)


# ── containers ───────────────────────────────────────────────────────────────
def packed(files: dict[str, bytes], raw_names: dict[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    data = buffer.getvalue()
    for placeholder, raw in (raw_names or {}).items():
        assert len(placeholder) == len(raw)
        data = data.replace(placeholder.encode(), raw)
    return data


@pytest.mark.parametrize("alphabet", ["cp866", "cp1251", "utf-8"])
def test_names_of_an_older_alphabet_are_those_the_manifest_means(
    olena: Key, trust: TrustStore, alphabet: str
) -> None:
    """Info-ZIP writes the alphabet of the machine and no UTF-8 flag."""
    name = "Наказ.txt"
    raw = name.encode(alphabet)
    manifest = asic.build_manifest({name: TEXT})
    data = packed(
        {
            "mimetype": asic.MIME_E.encode(),
            "A" * len(raw): TEXT,
            "META-INF/ASiCManifest001.xml": manifest,
            "META-INF/signature001.p7s": sign_cms(manifest, *olena),
        },
        {"A" * len(raw): raw},
    )

    result = look(data, trust)

    assert (result.overall, result.covered, result.missing) == (Overall.VALID, (name,), ())


def test_a_file_beside_the_signatures_is_not_hidden() -> None:
    given = load_files([HOSTILE])
    data = (HOSTILE / "r13_metainf.asice").read_bytes()

    result = look(data, TrustStore(given.certificates))

    assert "META-INF/Додаток.pdf" in result.uncovered


def container(olena: Key) -> bytes:
    manifest = asic.build_manifest({"a.txt": TEXT})
    return asic.build_asic_e({"a.txt": TEXT}, manifest, sign_cms(manifest, *olena))


def test_what_an_archive_does_not_list_is_told(olena: Key, trust: TrustStore) -> None:
    """Two containers one behind the other, a file only its own header names, bytes around."""
    good = container(olena)
    assert look(good, trust).valid
    central = good.index(b"PK\x01\x02")
    hidden = packed({"hidden.txt": b"x"})
    local = hidden[: hidden.index(b"PK\x01\x02")]
    moved = bytearray(good[:central] + local + good[central:])
    end = moved.rindex(b"PK\x05\x06") + 16
    moved[end : end + 4] = (central + len(local)).to_bytes(4, "little")
    for made in (good + good, packed({"b.txt": b"y"}) + good, bytes(moved), good + b"tail"):
        result = look(made, trust)
        assert not result.valid
        assert "more than it lists" in result.detail or result.overall is Overall.MALFORMED


def test_a_document_zipped_with_its_signature_is_verified(olena: Key, trust: TrustStore) -> None:
    def judged(files: dict[str, bytes]) -> VerificationResult:
        return look(packed(files), trust)

    signed = sign_cms(TEXT, *olena)
    result = judged({"Наказ.pdf": TEXT, "Наказ.pdf.p7s": signed})
    assert (result.overall, result.kind) == (Overall.VALID, "zip")
    assert "Наказ.pdf" in result.covered
    several = judged({"a.pdf": TEXT, "a.pdf.p7s": signed, "b.pdf": b"other"})
    assert (several.valid, several.uncovered) == (True, ("b.pdf",))
    assert judged({"a.pdf": b"other", "a.pdf.p7s": signed}).reason is Reason.HASH_FAILURE
    assert judged({"a.pdf": TEXT}).overall is Overall.MALFORMED


# ── the way out ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "address",
    ["64:ff9b:1::7f00:1", "fec0::1", "::7f00:1", "64:ff9b::7f00:1", "::a00:1", "::1", "::"],
)
def test_a_local_address_is_local_however_it_is_written(address: str) -> None:
    assert not is_public(address)
    assert is_public("2a00:1450:401b:800::200e")
