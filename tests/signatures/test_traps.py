"""The twenty traps of Ukrainian signatures, each of which somebody's software fell into.

Numbers are those of the list in docs/signatures.md.
"""

import base64
import datetime
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes as classic
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signatures import certificates, cms, containers, der, keys, oids, trustlists
from signatures.algorithms import hashes
from signatures.algorithms.curves import BY_DEGREE
from signatures.algorithms.dstu4145 import arithmetic
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    SigningKey,
    attribute,
    build_certificate,
    build_crl,
    build_ocsp,
    build_token,
    encode_name,
    sign_cms,
    signed_data,
    signer_info,
)
from signatures.result import Overall, Reason, Status
from signatures.trust import TrustStore
from signatures.verification import ARCHIVE, ORDER, SIGN_IN, verify_cms
from tests.signatures.conftest import NOW, SAMPLES, issue_olena

Key = tuple[SigningKey, Certificate]
TEXT = "Наказ про зарахування".encode()
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(scope="module")
def trust(authority: Authority) -> TrustStore:
    return authority.trust(NOW)


def answer(cms_: bytes, trust: TrustStore, content: bytes | None = TEXT, **more: object) -> object:
    result = verify_cms(cms_, content, at=NOW, trust=trust, **more)  # type: ignore[arg-type]
    return result.overall.value, result.reason.value if result.reason else None


VALID = ("VALID", None)


def test_01_halves_are_little_endian_and_r_comes_first(olena: Key, trust: TrustStore) -> None:
    key, certificate = olena
    signed = sign_cms(TEXT, key, certificate)
    (info,) = cms.parse_signed_data(signed).signers
    r, s = info.signature[:32], info.signature[32:]

    def swapped(new: bytes) -> object:
        return answer(signed.replace(info.signature, new), trust)

    assert answer(signed, trust, policy=SIGN_IN) == VALID
    broken = ("INVALID", "SIG_CRYPTO_FAILURE")
    assert swapped(s + r) == swapped(r[::-1] + s[::-1]) == broken


def test_02_a_raw_pair_and_a_wrapped_one_are_both_signatures(olena: Key, trust: TrustStore) -> None:
    key, certificate = olena
    plain = sign_cms(TEXT, key, certificate)
    (info,) = cms.parse_signed_data(plain).signers
    wrapped = signer_info(TEXT, key, certificate)
    (parsed,) = cms.parse_signed_data(signed_data(None, [wrapped], [certificate])).signers
    assert parsed.signed_bytes is not None
    node = der.parse(wrapped).parts(6)
    signature = der.octet_string(der.octet_string(node[5].content))
    bouncy = der.sequence(*(part.raw for part in node[:5]), signature)

    assert len(info.signature) == 64
    assert answer(signed_data(None, [bouncy], [certificate]), trust) == VALID


def test_03_a_key_of_small_order_is_refused() -> None:
    curve = BY_DEGREE[257]
    key = SigningKey.generate()
    small = arithmetic(257).compress((0, arithmetic(257).sqrt(curve.b)))
    for packed in (0, 1, small):
        spki = der.sequence(
            key.key_algorithm, der.bit_string(der.octet_string(packed.to_bytes(33, "little")))
        )
        with pytest.raises(keys.UnusableKey, match=keys.BAD_POINT):
            keys.public_key(spki)


@pytest.mark.parametrize("m", [163, 257])
def test_04_a_hash_longer_than_the_field_and_a_zero_hash(m: int) -> None:
    key = SigningKey.generate(m, oids.KUPYNA512)
    public = keys.public_key(key.spki)
    algorithm = keys.SignatureAlgorithm(oids.DSTU4145_KUPYNA512, oids.KUPYNA512)
    digest = hashes.digest(oids.KUPYNA512, TEXT)
    h = keys.hash_to_field(digest, m)

    assert h.bit_length() <= m
    assert public.verify(algorithm, digest, key.sign(TEXT))
    assert keys.hash_to_field(bytes(64), m) == 1


def test_05_the_substitution_table_comes_with_the_key(authority: Authority) -> None:
    """The issuer's own table for certificates, the signer's for signatures."""
    (table,) = keys.TABLES - {SigningKey.generate().table}
    special = Authority.from_keys(
        SigningKey(BY_DEGREE[257], 12345, table), SigningKey(BY_DEGREE[257], 54321, table)
    )
    key, certificate = issue_olena(special, key=SigningKey(BY_DEGREE[257], 777, table))
    trust = special.trust(NOW)

    assert certificates.signed_by(certificate, special.issuer)
    assert answer(sign_cms(TEXT, key, certificate), trust) == VALID
    # the same bytes under the default table do not verify
    algorithm = keys.signature_algorithm(certificate.algorithm_node)
    default = keys.public_key(SigningKey(BY_DEGREE[257], 54321).spki)
    digest = hashes.digest(oids.GOST34311, certificate.tbs)
    assert not default.verify(algorithm, digest, certificate.signature)


def explicit_parameters(**changes: int) -> bytes:
    """The SPKI of d=99 with the curve written out, one number changed."""
    curve = BY_DEGREE[257]
    math = arithmetic(257)
    values = {
        "a": curve.a,
        "b": curve.b,
        "n": curve.n,
        "base": math.compress((curve.x, curve.y)),
        "k": 12,
    } | changes
    parameters = der.sequence(
        der.sequence(der.integer(257), der.integer(values["k"])),
        der.integer(values["a"]),
        der.octet_string(values["b"].to_bytes(33, "little")),
        der.integer(values["n"]),
        der.octet_string(values["base"].to_bytes(33, "little")),
    )
    algorithm = der.sequence(der.oid(oids.DSTU4145_GOST), der.sequence(parameters))
    packed = SigningKey(curve, 99).packed
    return der.sequence(algorithm, der.bit_string(der.octet_string(packed)))


def test_06_explicit_parameters_are_taken_only_when_they_are_the_standard_curve() -> None:
    math = arithmetic(257)
    other_base = math.compress(math.times_base(2))

    assert keys.public_key(explicit_parameters()).curve.m == 257  # type: ignore[attr-defined]
    for change in (
        {"a": 1},
        {"b": BY_DEGREE[257].b ^ 1},
        {"n": BY_DEGREE[257].n + 2},
        {"base": other_base},  # the CurveBall pattern: a base point of the forger's choice
        {"k": 13},
    ):
        with pytest.raises(keys.UnusableKey, match=keys.NON_STANDARD_CURVE):
            keys.public_key(explicit_parameters(**change))


def test_06_explicit_parameters_of_a_nist_curve_are_refused_too() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = der.parse(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    algorithm, bits = spki.parts(2)
    explicit = der.sequence(algorithm.parts(1)[0].raw, der.sequence(der.integer(1)))

    with pytest.raises(keys.UnusableKey, match=keys.NON_STANDARD_CURVE):
        keys.public_key(der.sequence(explicit, bits.raw))


def test_07_a_big_endian_key_is_read_and_a_normal_basis_named_unsupported() -> None:
    key = SigningKey.generate()
    parameters = der.sequence(der.oid(key.curve.oid))
    big = der.sequence(der.oid(oids.DSTU4145_BIG_ENDIAN), parameters)
    spki = der.sequence(big, der.bit_string(der.octet_string(key.packed[::-1])))
    read, plain = keys.public_key(spki), keys.public_key(key.spki)
    assert read.point == plain.point  # type: ignore[attr-defined]

    normal = der.sequence(der.oid(oids.DSTU4145_NORMAL_BASIS + ".1"), parameters)
    with pytest.raises(keys.UnusableKey, match=keys.UNSUPPORTED):
        keys.public_key(der.sequence(normal, der.bit_string(der.octet_string(key.packed))))


@pytest.mark.parametrize("hash_oid", [oids.KUPYNA256, oids.KUPYNA512])
@pytest.mark.parametrize("m", [257, 431])
def test_08_kupyna_signs_certificates_and_documents(hash_oid: str, m: int) -> None:
    modern = Authority.in_memory(m, hash_oid)
    key, certificate = issue_olena(modern, key=SigningKey.generate(m, hash_oid))

    result = verify_cms(
        sign_cms(TEXT, key, certificate), TEXT, policy=SIGN_IN, at=NOW, trust=modern.trust(NOW)
    )

    assert result.valid
    assert "Купиною" in result.signers[0].algorithm


def test_09_attributes_are_hashed_as_they_came_even_unsorted(olena: Key, trust: TrustStore) -> None:
    key, certificate = olena
    digest = hashes.digest(oids.GOST34311, TEXT)
    attributes = [
        attribute(oids.MESSAGE_DIGEST, der.octet_string(digest)),
        attribute(oids.CONTENT_TYPE, der.oid(oids.DATA)),
    ]
    assert attributes != sorted(attributes)
    unsorted = der.tlv(der.SET, *attributes)
    info = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial)),
        der.sequence(der.oid(oids.GOST34311)),
        der.implicit(0, unsorted),
        key.algorithm,
        der.octet_string(key.sign(unsorted)),
    )

    assert answer(signed_data(None, [info], [certificate]), trust) == VALID


def test_10_ess_names_its_hash_and_a_foreign_certificate_is_noticed(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    key, certificate = olena
    # the same key and name in another certificate: only ESS tells them apart
    _, twin = issue_olena(authority, key=key)
    own = signer_info(TEXT, key, certificate)
    parts = der.parse(own).parts(6)
    renamed = der.sequence(
        parts[0].raw,
        der.sequence(twin.issuer, der.tlv(der.INTEGER, twin.serial)),
        *(part.raw for part in parts[2:]),
    )

    assert (
        verify_cms(sign_cms(TEXT, key, certificate), TEXT, at=NOW, trust=trust).signers[0].ess
        is Status.VALID
    )
    assert answer(signed_data(None, [renamed], [twin]), trust) == (
        "INDETERMINATE",
        "NO_SIGNING_CERTIFICATE_FOUND",
    )


def test_10_without_ess_nobody_signs_in(olena: Key, trust: TrustStore) -> None:
    key, certificate = olena
    digest = attribute(oids.MESSAGE_DIGEST, der.octet_string(hashes.digest(oids.GOST34311, TEXT)))
    signed = der.set_of(attribute(oids.CONTENT_TYPE, der.oid(oids.DATA)), digest)
    info = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial)),
        der.sequence(der.oid(oids.GOST34311)),
        der.implicit(0, signed),
        key.algorithm,
        der.octet_string(key.sign(signed)),
    )
    bare = signed_data(None, [info], [certificate])

    assert answer(bare, trust) == VALID
    assert answer(bare, trust, policy=SIGN_IN) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")


@pytest.mark.parametrize(
    "attributes",
    [
        lambda d: [attribute(oids.CONTENT_TYPE, der.oid(oids.DATA))],
        lambda d: [
            attribute(oids.CONTENT_TYPE, der.oid(oids.DATA)),
            attribute(oids.MESSAGE_DIGEST, d, der.octet_string(bytes(32))),
        ],
        lambda d: [
            attribute(oids.CONTENT_TYPE, der.oid(oids.DATA)),
            attribute(oids.MESSAGE_DIGEST, d),
            attribute(oids.MESSAGE_DIGEST, der.octet_string(bytes(32))),
        ],
        lambda d: [attribute(oids.MESSAGE_DIGEST, d)],
        lambda d: [
            attribute(oids.CONTENT_TYPE, der.oid(oids.TST_INFO)),
            attribute(oids.MESSAGE_DIGEST, d),
        ],
    ],
    ids=["no digest", "two values", "two digests", "no content type", "another content type"],
)
def test_11_attributes_that_rfc_5652_forbids(
    olena: Key, trust: TrustStore, attributes: Callable[[bytes], list[bytes]]
) -> None:
    key, certificate = olena
    digest = der.octet_string(hashes.digest(oids.GOST34311, TEXT))
    signed = der.set_of(*attributes(digest))
    info = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial)),
        der.sequence(der.oid(oids.GOST34311)),
        der.implicit(0, signed),
        key.algorithm,
        der.octet_string(key.sign(signed)),
    )

    assert answer(signed_data(None, [info], [certificate]), trust) == ("INVALID", "FORMAT_FAILURE")


def test_11_attached_content_and_another_file_do_not_agree(olena: Key, trust: TrustStore) -> None:
    attached = sign_cms(TEXT, *olena, detached=False)

    assert answer(attached, trust, None) == VALID
    assert answer(attached, trust, TEXT) == VALID
    assert answer(attached, trust, TEXT + b" ") == ("INVALID", "HASH_FAILURE")


def test_12_key_identifiers_hash_the_whole_bit_string(sample: Callable[[str], bytes]) -> None:
    certificate = certificates.load(sample("certs/diia-test-sign-7775603.cer"))
    key = der.parse(certificate.spki).parts(2)[1].bits

    assert key[:2] == b"\x04\x21"
    assert hashes.digest(oids.GOST34311, key) == certificate.key_identifier


def test_13_a_root_with_the_same_name_is_another_root(trust: TrustStore) -> None:
    forged = Authority.in_memory()
    key, certificate = issue_olena(forged)
    signed = sign_cms(TEXT, key, certificate, more_certificates=[forged.issuer, forged.root])
    genuine = trust.anchors[0]

    assert forged.root.subject == genuine.subject
    assert answer(signed, trust) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_13_test_roots_are_never_anchors() -> None:
    kinds = list(trustlists.pinned().values())

    assert kinds.count("test") == 8
    assert kinds.count("czo") == 11
    assert kinds.count("nbu") == 7


@pytest.mark.parametrize(
    ("subject", "directory", "codes"),
    [
        ([], [(oids.SDA_RNOKPP, "7146711424"), (oids.SDA_EDRPOU, "39301337")], ("7146711424", "39301337", None)),
        ([(oids.SERIAL_NUMBER, "TINUA-7146711424")], [], ("7146711424", None, None)),
        ([(oids.ORGANIZATION_IDENTIFIER, "NTRUA-39301337")], [], (None, "39301337", None)),
        ([], [(oids.SDA_UNZR, "20950101-00017")], (None, None, "20950101-00017")),
        ([(oids.SERIAL_NUMBER, "TINUA-7146711424")], [(oids.SDA_RNOKPP, "7146711424")], ("7146711424", None, None)),
        ([], [(oids.SDA_EDRPOU, "00000000"), (oids.SDA_RNOKPP, "АА123456".translate({1040: "A"}))], ("AA123456", None, None)),
    ],
    ids=["directory", "serial number", "organisation identifier", "УНЗР", "twice", "passport"],
)  # fmt: skip
def test_14_codes_are_read_from_every_place(
    authority: Authority,
    subject: list[tuple[str, str]],
    directory: list[tuple[str, str]],
    codes: tuple[str | None, ...],
) -> None:
    _, certificate = authority.issue(
        [(oids.COMMON_NAME, "Хтось"), *subject], at=NOW, directory=directory
    )
    info = certificate.info

    assert (info.rnokpp, info.edrpou, info.unzr) == codes
    assert not info.conflicts


def test_14_places_that_disagree_are_told_and_sign_nobody_in(
    authority: Authority, trust: TrustStore
) -> None:
    key, certificate = authority.issue(
        [(oids.COMMON_NAME, "Хтось"), (oids.SERIAL_NUMBER, "TINUA-7146711424")],
        at=NOW,
        directory=[(oids.SDA_RNOKPP, "7146712113"), (oids.SDA_EDRPOU, "39301337")],
    )

    assert certificate.info.conflicts == ("rnokpp",)
    assert certificate.info.rnokpp is None
    assert answer(sign_cms(TEXT, key, certificate), trust, policy=SIGN_IN) == (
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
    )


@pytest.mark.parametrize(
    ("rnokpp", "edrpou", "kind", "seal"),
    [
        (None, "39301337", "seal", True),
        ("7146711424", "39301337", "employee", False),
        ("7146711424", "7146711424", "sole_trader", False),
        ("7146711424", None, "person", False),
        (None, None, "unknown", False),
    ],
)
def test_15_who_holds_the_key(
    authority: Authority, rnokpp: str | None, edrpou: str | None, kind: str, seal: bool
) -> None:
    codes = [(oids.SDA_RNOKPP, rnokpp), (oids.SDA_EDRPOU, edrpou)]
    _, certificate = authority.issue(
        [(oids.COMMON_NAME, "Хтось")],
        at=NOW,
        directory=[(oid, code) for oid, code in codes if code],
    )

    assert (certificate.info.kind, certificate.info.is_seal) == (kind, seal)


def test_16_qualified_by_either_statement_and_no_policy_is_required(authority: Authority) -> None:
    subject = [(oids.COMMON_NAME, "Хтось"), (oids.SERIAL_NUMBER, "TINUA-7146711424")]
    for statement, qualified, carrier in (
        ([oids.QC_COMPLIANCE], True, "file"),
        ([oids.QC_UKRAINE], True, "file"),
        ([oids.QC_COMPLIANCE, oids.QC_SSCD], True, "qscd"),
        ([], False, "file"),
    ):
        value = der.sequence(*(der.sequence(der.oid(oid)) for oid in statement))
        extension = der.sequence(der.oid(oids.QC_STATEMENTS), der.octet_string(value))
        _, certificate = authority.issue(
            subject, at=NOW, qualified=False, more=[extension] if statement else []
        )
        assert (certificate.info.qualified, certificate.info.carrier) == (qualified, carrier)


def test_16_an_unqualified_key_signs_nobody_in(authority: Authority, trust: TrustStore) -> None:
    key, certificate = authority.issue(
        [(oids.COMMON_NAME, "Хтось"), (oids.SERIAL_NUMBER, "TINUA-7146711424")],
        at=NOW,
        qualified=False,
    )
    signed = sign_cms(TEXT, key, certificate)

    assert answer(signed, trust) == VALID
    assert answer(signed, trust, policy=SIGN_IN) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")


def test_a_qualified_key_without_any_code_signs_nobody_in(
    authority: Authority, trust: TrustStore
) -> None:
    key, certificate = authority.issue([(oids.COMMON_NAME, "Хтось")], at=NOW)
    signed = sign_cms(TEXT, key, certificate)

    assert answer(signed, trust) == VALID
    assert answer(signed, trust, policy=SIGN_IN) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")


def test_17_the_agreement_key_of_a_container_may_not_sign(
    authority: Authority, trust: TrustStore
) -> None:
    key, certificate = issue_olena(authority, key_usage=("keyAgreement",))

    result = verify_cms(sign_cms(TEXT, key, certificate), TEXT, at=NOW, trust=trust)

    assert result.signers[0].crypto is Status.VALID
    assert result.signers[0].key_usage is Status.INVALID
    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.CHAIN_CONSTRAINTS_FAILURE,
    )


def test_18_a_delta_list_alone_says_nobody_is_good(authority: Authority, olena: Key) -> None:
    from signatures.revocation import parse_crl

    def store(*lists: bytes) -> TrustStore:
        return TrustStore(
            (authority.root,), (authority.issuer,), tuple(parse_crl(item) for item in lists)
        )

    def crl(delta_of: int | None, *revoked: tuple[bytes, datetime.datetime, int]) -> bytes:
        return build_crl(
            issuer=authority.issuer,
            key=authority.issuer_key,
            number=7,
            this_update=NOW - HOUR,
            next_update=NOW + HOUR,
            revoked=revoked,
            delta_of=delta_of,
        )

    key, certificate = olena
    signed = sign_cms(TEXT, key, certificate)
    mine = (certificate.serial, NOW - HOUR, 1)

    assert answer(signed, store(crl(6)), policy=SIGN_IN) == ("INDETERMINATE", "TRY_LATER")
    assert answer(signed, store(crl(None)), policy=SIGN_IN) == VALID
    # what a delta list does name as revoked is revoked
    assert answer(signed, store(crl(None), crl(6, mine)), policy=SIGN_IN) == ("INVALID", "REVOKED")


def test_18_tokens_and_answers_without_certificates_use_the_trust_list(
    authority: Authority, olena: Key
) -> None:
    tsa_key, tsa = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    key, certificate = olena
    plain = sign_cms(TEXT, key, certificate)
    (info,) = cms.parse_signed_data(plain).signers
    token = build_token(info.signature, key=tsa_key, certificate=tsa, at=NOW)
    stamped = cms.add_unsigned(plain, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))

    without = verify_cms(stamped, TEXT, at=NOW, trust=authority.trust(NOW))
    known = verify_cms(stamped, TEXT, at=NOW, trust=authority.trust(NOW).with_more([tsa]))

    assert without.signers[0].timestamp is Status.INDETERMINATE
    assert known.valid
    assert known.signers[0].level == "T"
    assert known.signers[0].proven_time == NOW


@pytest.mark.parametrize(
    "disguise",
    [
        base64.b64encode,
        base64.encodebytes,
        lambda d: b"\xef\xbb\xbf" + base64.b64encode(d) + b"\r\n",
        lambda d: b"-----BEGIN CMS-----\n" + base64.encodebytes(d) + b"-----END CMS-----\n",
        lambda d: d + b"\0" * 17,
        lambda d: d + b"trailing",
    ],
    ids=["base64", "lines", "BOM", "PEM", "zeros after", "text after"],
)
def test_19_what_people_send_is_read(
    olena: Key, trust: TrustStore, disguise: Callable[[bytes], bytes]
) -> None:
    assert answer(disguise(sign_cms(TEXT, *olena)), trust) == VALID


def to_indefinite(node: der.Node, depth: int, keep: bytes) -> bytes:
    """BER of the same: indefinite lengths above, the certificate itself as it is."""
    if not node.tag & 0x20 or not depth or node.raw == keep:
        return node.raw
    inner = b"".join(to_indefinite(child, depth - 1, keep) for child in node.children)
    return bytes([node.tag, 0x80]) + inner + b"\0\0"


def test_19_indefinite_lengths_are_read(olena: Key, trust: TrustStore) -> None:
    attached = sign_cms(TEXT, *olena, detached=False)
    whole = der.octet_string(TEXT)
    halves = der.tlv(0x24, der.octet_string(TEXT[:5]), der.octet_string(TEXT[5:]))
    in_pieces = bytes([0x24, 0x80]) + halves[2:] + b"\0\0"
    ber = to_indefinite(der.parse(attached), 5, olena[1].der).replace(whole, in_pieces)

    assert in_pieces in ber
    assert answer(ber, trust, None) == VALID


def test_20_a_container_of_two_keys_opens_and_a_wrong_password_does_not() -> None:
    """The browser side of this trap (a hanging opener) is tested with the signing worker."""
    from signatures.demo import keystore

    data = (SAMPLES / "keys/prozorro_Key-6.pfx").read_bytes()
    keys_, _ = keystore.unpack(data, "12345677")

    assert sorted(key.curve.m for key in keys_) == [191, 257]
    with pytest.raises((containers.WrongPassword, der.DerError)):
        keystore.unpack(data, "12345678")


# ── bad input beyond the list ────────────────────────────────────────────────
def test_any_single_changed_byte_is_never_valid_with_another_meaning(
    olena: Key, trust: TrustStore
) -> None:
    """A flipped byte is refused, or it was in a place that says nothing (lengths of trailing
    material do not exist here), in which case the signer and content stay the same."""
    signed = sign_cms(TEXT, *olena)
    genuine = verify_cms(signed, TEXT, policy=ORDER, at=NOW, trust=trust)
    assert genuine.valid
    survivors = []
    for position in range(0, len(signed), 3):
        forged = bytearray(signed)
        forged[position] ^= 0x41
        result = verify_cms(bytes(forged), TEXT, policy=ORDER, at=NOW, trust=trust)
        if result.valid:
            survivors.append(position)
            assert result.signers[0].certificate == genuine.signers[0].certificate
    # the version numbers and the set of digest algorithms are not signed in CMS
    assert len(survivors) <= 12


def test_truncation_at_any_byte_is_malformed(olena: Key, trust: TrustStore) -> None:
    signed = sign_cms(TEXT, *olena)
    for length in range(0, len(signed), 7):
        result = verify_cms(signed[:length], TEXT, at=NOW, trust=trust)
        assert result.overall is Overall.MALFORMED


def test_several_signers_are_all_judged(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    _, certificate = olena
    other = issue_olena(authority, rnokpp="7146712113", full_name="Сусідній Петро Юрійович")
    both = [signer_info(TEXT, *olena), signer_info(TEXT, *other)]
    joint = signed_data(None, both, [certificate, other[1]])

    result = verify_cms(joint, TEXT, at=NOW, trust=trust)
    assert result.valid
    assert len(result.signers) == 2

    stranger = issue_olena(Authority.in_memory())
    mixed = signed_data(
        None, [signer_info(TEXT, *olena), signer_info(TEXT, *stranger)], [certificate, stranger[1]]
    )
    mixed_result = verify_cms(mixed, TEXT, at=NOW, trust=trust)
    assert mixed_result.overall is Overall.INDETERMINATE
    assert [s.overall for s in mixed_result.signers] == [Overall.VALID, Overall.INDETERMINATE]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"not_after": NOW - HOUR}, ("INVALID", "EXPIRED")),
        ({"not_before": NOW + HOUR}, ("INVALID", "NOT_YET_VALID")),
    ],
    ids=["expired", "not yet valid"],
)
def test_a_key_out_of_its_time_signs_nothing_now(
    authority: Authority,
    trust: TrustStore,
    changes: dict[str, datetime.datetime],
    expected: tuple[str, str],
) -> None:
    key, certificate = issue_olena(authority, **({"not_before": NOW - 48 * HOUR} | changes))

    assert answer(sign_cms(TEXT, key, certificate), trust, policy=SIGN_IN) == expected


def test_a_revoked_key_is_refused_and_an_earlier_proven_signature_stays(
    authority: Authority,
) -> None:
    key, certificate = issue_olena(authority)
    tsa_key, tsa = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу")],
        at=NOW - 48 * HOUR,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    authority.revoke(certificate, NOW - 2 * HOUR)
    trust = authority.trust(NOW).with_more([tsa])
    plain = sign_cms(TEXT, key, certificate)
    (info,) = cms.parse_signed_data(plain).signers

    def stamped(at: datetime.datetime) -> bytes:
        token = build_token(info.signature, key=tsa_key, certificate=tsa, at=at)
        return cms.add_unsigned(plain, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))

    assert answer(plain, trust, policy=SIGN_IN) == ("INVALID", "REVOKED")
    assert answer(plain, trust) == ("INDETERMINATE", "REVOKED_NO_POE")
    assert answer(stamped(NOW - 3 * HOUR), trust) == VALID
    assert answer(stamped(NOW - HOUR), trust) == ("INVALID", "REVOKED")


def test_a_timestamp_of_another_signature_is_noticed(authority: Authority, olena: Key) -> None:
    tsa_key, tsa = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    plain = sign_cms(TEXT, *olena)
    foreign = build_token(b"another signature", key=tsa_key, certificate=tsa, at=NOW)
    stamped = cms.add_unsigned(plain, 0, attribute(oids.SIGNATURE_TIMESTAMP, foreign))
    trust = authority.trust(NOW).with_more([tsa])

    result = verify_cms(stamped, TEXT, at=NOW, trust=trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)
    assert result.signers[0].timestamps[0].imprint is Status.INVALID


def test_an_ordinary_key_stamps_no_time(authority: Authority, olena: Key) -> None:
    key, certificate = olena
    plain = sign_cms(TEXT, key, certificate)
    (info,) = cms.parse_signed_data(plain).signers
    token = build_token(info.signature, key=key, certificate=certificate, at=NOW)
    stamped = cms.add_unsigned(plain, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))

    result = verify_cms(stamped, TEXT, at=NOW, trust=authority.trust(NOW).with_more([certificate]))

    assert result.signers[0].proven_time is None
    assert result.reason is Reason.CHAIN_CONSTRAINTS_FAILURE


def test_ocsp_answers_count_and_a_strangers_answer_does_not(
    authority: Authority, olena: Key
) -> None:
    from signatures.revocation import parse_ocsp

    key, certificate = olena
    responder_key, responder = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВИЙ OCSP")],
        at=NOW,
        extended_key_usage=(oids.EKU_OCSP_SIGNING,),
    )
    stranger_key, stranger = Authority.in_memory().issue(
        [(oids.COMMON_NAME, "ТЕСТОВИЙ OCSP")],
        at=NOW,
        extended_key_usage=(oids.EKU_OCSP_SIGNING,),
    )

    def store(
        by: Certificate, by_key: SigningKey, revoked_at: datetime.datetime | None = None,
        at: datetime.datetime = NOW,
    ) -> TrustStore:  # fmt: skip
        said = build_ocsp(
            certificate=certificate,
            issuer=authority.issuer,
            responder=by,
            key=by_key,
            at=at,
            revoked_at=revoked_at,
        )
        return TrustStore((authority.root,), (authority.issuer,), (parse_ocsp(said),))

    signed = sign_cms(TEXT, key, certificate)
    later = ("INDETERMINATE", "TRY_LATER")
    assert answer(signed, store(responder, responder_key), policy=SIGN_IN) == VALID
    assert answer(signed, store(stranger, stranger_key), policy=SIGN_IN) == later
    assert answer(signed, store(certificate, key), policy=SIGN_IN) == later  # no OCSP usage
    assert answer(signed, store(responder, responder_key, NOW - HOUR), policy=SIGN_IN) == (
        "INVALID",
        "REVOKED",
    )
    # older evidence is the stated fallback, for a day
    hours = {2: VALID, 30: later}
    for age, expected in hours.items():
        old = store(responder, responder_key, at=NOW - age * HOUR)
        assert answer(signed, old, policy=SIGN_IN) == expected


@pytest.mark.parametrize(
    "usage", [("digitalSignature",), ("digitalSignature", "keyCertSign")], ids=["plain", "by usage"]
)
def test_an_end_entity_issues_no_certificates(
    authority: Authority, trust: TrustStore, usage: tuple[str, ...]
) -> None:
    key, certificate = issue_olena(authority, key_usage=usage)
    forged_key = SigningKey.generate()
    forged = build_certificate(
        subject=[(oids.COMMON_NAME, "Самозванець"), (oids.SERIAL_NUMBER, "TINUA-7146711424")],
        spki=forged_key.spki,
        identifier=forged_key.identifier,
        issuer=certificate.subject,
        issuer_key=key,
        serial=1,
        not_before=NOW - HOUR,
        not_after=NOW + HOUR,
    )
    signed = sign_cms(TEXT, forged_key, forged, more_certificates=[certificate])

    assert answer(signed, trust) == ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE")


def test_a_critical_extension_nobody_understands_stops_the_path(
    authority: Authority, trust: TrustStore
) -> None:
    unknown = der.sequence(
        der.oid("1.2.3.4"), der.boolean(value=True), der.octet_string(der.null())
    )
    key, certificate = authority.issue([(oids.COMMON_NAME, "Хтось")], at=NOW, more=[unknown])

    assert answer(sign_cms(TEXT, key, certificate), trust) == (
        "INDETERMINATE",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    )


def test_a_forged_certificate_with_the_right_names_is_not_trusted(
    authority: Authority, trust: TrustStore
) -> None:
    """Names and identifiers of the real authority over a key of the forger."""
    forger = SigningKey.generate()
    mine = SigningKey.generate()
    forged = build_certificate(
        subject=[(oids.COMMON_NAME, "Шкільна Олена Василівна")],
        spki=mine.spki,
        identifier=mine.identifier,
        issuer=authority.issuer.subject,
        issuer_key=forger,
        serial=1,
        not_before=NOW - HOUR,
        not_after=NOW + HOUR,
    )

    assert answer(sign_cms(TEXT, mine, forged), trust) == (
        "INDETERMINATE",
        "NO_CERTIFICATE_CHAIN_FOUND",
    )


def test_ecdsa_keys_are_judged_by_the_same_rules() -> None:
    """A European-style signature, made with `cryptography` alone."""
    from cryptography.hazmat.primitives.serialization import pkcs7

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Тест ECDSA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(NOW - 10_000 * HOUR)
        .not_valid_after(NOW + 100_000 * HOUR)
        .sign(key, classic.SHA256())
    )
    signed = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(TEXT)
        .add_signer(certificate, key, classic.SHA256())
        .sign(
            serialization.Encoding.DER,
            [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary],
        )
    )
    anchor = certificates.load(certificate.public_bytes(serialization.Encoding.DER))
    trust = TrustStore(anchors=(anchor,))

    result = verify_cms(signed, TEXT, policy=ARCHIVE, at=NOW, trust=trust)

    assert result.valid
    assert result.signers[0].level == "CMS"
    assert verify_cms(signed, TEXT + b"!", at=NOW, trust=trust).reason is Reason.HASH_FAILURE


def test_names_are_encoded_the_way_they_are_compared() -> None:
    """Case and runs of spaces do not matter between an issuer and its name in a certificate."""
    one = der.parse(encode_name([(oids.COMMON_NAME, "ЦЗО  України")]))
    two = der.parse(encode_name([(oids.COMMON_NAME, "цзо України")]))

    assert certificates.name_of(one) == certificates.name_of(two)
