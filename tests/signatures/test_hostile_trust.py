"""Evidence and paths as an adversary would make them: each looks right in all points but one."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives import hashes as classic_hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signatures import certificates, cms, der, egress, oids, revocation, timestamps
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    AUTHORITY_USAGE,
    SigningKey,
    attribute,
    build_certificate,
    build_ocsp,
    build_token,
    build_token_of_imprint,
    encode_name,
    extension,
    sign_cms,
    signed_data,
)
from signatures.result import Overall, Reason, Status
from signatures.revocation import Finding, parse_crl, parse_ocsp
from signatures.trust import TrustStore
from signatures.verification import MAX_CARRIED, ORDER, verify_cms
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.responders import Responder

Key = tuple[SigningKey, Certificate]
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
TEXT = b"order"
SHA1 = classic_hashes.SHA1()  # noqa: S303 - what must be refused


def crl_of(
    authority: Authority,
    *,
    revoked: Sequence[bytes] = (),
    entry: Sequence[bytes] = (),
    more: Sequence[bytes] = (),
    at: datetime.datetime = NOW - HOUR,
    until: datetime.datetime | None = NOW + DAY,
) -> bytes:
    """A list with whatever extensions, honestly signed."""
    key = authority.issuer_key
    entries = [
        der.sequence(
            der.tlv(der.INTEGER, serial),
            der.moment(NOW - 2 * HOUR),
            *([der.sequence(*entry)] if entry else []),
        )
        for serial in revoked
    ]
    tbs = der.sequence(
        der.integer(1),
        key.algorithm,
        authority.issuer.subject,
        der.moment(at),
        *([der.moment(until)] if until else []),
        *([der.sequence(*entries)] if entries else []),
        *([der.explicit(0, der.sequence(*more))] if more else []),
    )
    return der.sequence(tbs, key.algorithm, key.sign_x509(tbs))


def limited_to(*options: bytes) -> bytes:
    return extension(oids.ISSUING_DISTRIBUTION_POINT, der.sequence(*options), critical=True)


def point(url: str) -> bytes:
    return der.tlv(0xA0, der.tlv(0xA0, der.tlv(0x86, url.encode())))


def said(authority: Authority, certificate: Certificate, raw: bytes, **more: Any) -> Finding:
    return revocation.assess(
        certificate, authority.issuer, [parse_crl(raw)], at=more.pop("at", NOW), **more
    )


# ── revocation lists ─────────────────────────────────────────────────────────
def test_a_whole_list_says_good_and_one_for_others_says_nothing(
    authority: Authority, olena: Key
) -> None:
    _, certificate = olena
    assert said(authority, certificate, crl_of(authority)).state == "good"

    for tag in (0x81, 0x82, 0x83, 0x84, 0x85):
        raw = crl_of(authority, more=[limited_to(der.tlv(tag, b"\xff"))])
        assert said(authority, certificate, raw).state == "unknown", hex(tag)


def test_a_list_of_another_distribution_point_says_nothing(authority: Authority) -> None:
    points = der.sequence(der.sequence(point("http://ca.example/one.crl")))
    _, certificate = authority.issue(
        [(oids.COMMON_NAME, "x")],
        at=NOW,
        more=[extension(oids.CRL_DISTRIBUTION_POINTS, points)],
    )

    own = crl_of(authority, more=[limited_to(point("http://ca.example/one.crl"))])
    other = crl_of(authority, more=[limited_to(point("http://ca.example/two.crl"))])
    assert said(authority, certificate, own).state == "good"
    assert said(authority, certificate, other).state == "unknown"


def test_a_number_of_another_authority_in_an_indirect_list_is_not_ours(
    authority: Authority, olena: Key
) -> None:
    _, certificate = olena
    name = der.sequence(der.tlv(0xA4, encode_name([(oids.COMMON_NAME, "інший надавач")])))
    whose = extension(oids.CERTIFICATE_ISSUER, name, critical=True)
    marked = crl_of(
        authority,
        revoked=[certificate.serial],
        entry=[whose],
        more=[limited_to(der.tlv(0x84, b"\xff"))],
    )
    unmarked = crl_of(authority, revoked=[certificate.serial], entry=[whose])

    assert said(authority, certificate, marked).state == "unknown"
    assert said(authority, certificate, unmarked).state == "unknown"
    plain = crl_of(authority, revoked=[certificate.serial])
    assert said(authority, certificate, plain).state == "revoked"


def test_a_list_that_does_not_say_until_when_is_soon_out_of_date(
    authority: Authority, olena: Key
) -> None:
    raw = crl_of(authority, until=None, at=NOW - 10 * DAY)

    assert said(authority, olena[1], raw).stale
    assert not said(authority, olena[1], crl_of(authority, until=None, at=NOW)).stale


@pytest.mark.parametrize("made", [NOW - HOUR, NOW + DAY])
def test_good_news_that_came_along_open_no_door(
    authority: Authority, olena: Key, made: datetime.datetime
) -> None:
    """Last week's or dated ahead: for what takes effect now only what was fetched here counts."""
    raw = crl_of(authority, at=made, until=made + 9 * DAY)
    (info,) = der.parse(sign_cms(TEXT, *olena)).parts(2)[1].inner().parts(4)[-1].children
    signed = signed_data(None, [info.raw], [olena[1]], revocation=[raw])
    trust = TrustStore((authority.root,), (authority.issuer,))

    assert verify_cms(signed, TEXT, policy=ORDER, at=NOW, trust=trust).reason is Reason.TRY_LATER
    brought = trust.with_more(evidence=[parse_crl(crl_of(authority))])
    assert verify_cms(signed, TEXT, policy=ORDER, at=NOW, trust=brought).valid
    assert verify_cms(signed, TEXT, at=NOW, trust=trust).signers[0].revocation is Status.VALID


# ── OCSP ─────────────────────────────────────────────────────────────────────
def responder_of(authority: Authority, **more: Any) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВИЙ OCSP")],
        at=NOW,
        extended_key_usage=more.pop("usage", (oids.EKU_OCSP_SIGNING,)),
        **more,
    )


def answered(authority: Authority, certificate: Certificate, responder: Key, **more: Any) -> bytes:
    return build_ocsp(
        certificate=certificate,
        issuer=authority.issuer,
        responder=responder[1],
        key=responder[0],
        at=more.pop("at", NOW),
        **more,
    )


def weighed(
    authority: Authority, certificate: Certificate, *evidence: Any, trust: TrustStore | None = None
) -> str:
    pool = trust.pool if trust else ()
    return revocation.assess(
        certificate,
        authority.issuer,
        evidence,
        at=NOW,
        responders=pool,
        trusted=lambda one, when: bool(trust) and trust.chain(one, when).trusted,  # type: ignore[union-attr]
    ).state


def renamed(authority: Authority, organisation: str) -> Authority:
    """Another issuing authority below the same root."""
    key = SigningKey.generate()
    name = [(oids.ORGANIZATION, organisation), (oids.COMMON_NAME, f"{organisation}, ще один ключ")]
    issuer = build_certificate(
        subject=name,
        spki=key.spki,
        identifier=key.identifier,
        issuer=authority.root.subject,
        issuer_key=authority.root_key,
        serial=77,
        not_before=NOW - DAY,
        not_after=NOW + 900 * DAY,
        key_usage=AUTHORITY_USAGE,
        authority=True,
    )
    return replace(authority, issuer_key=key, issuer=issuer)


def test_the_responder_of_another_provider_answers_for_nobody_else(
    authority: Authority, olena: Key
) -> None:
    """Both are in the trust list; RFC 6960 4.2.2.2 lets only the issuer's own answer."""
    ours = authority.issuer.subject_names[oids.ORGANIZATION]
    for organisation, expected in ((ours, "good"), ("ТЕСТОВИЙ інший надавач", "unknown")):
        other = renamed(authority, organisation)
        responder = responder_of(other)
        trust = TrustStore((authority.root,), (authority.issuer, other.issuer, responder[1]))
        raw = answered(authority, olena[1], responder)
        found = weighed(authority, olena[1], parse_ocsp(raw), trust=trust)
        assert found == expected, organisation


def test_a_certificate_not_for_responding_answers_nothing(authority: Authority, olena: Key) -> None:
    for usage in ((), (oids.EKU_TIME_STAMPING,)):
        raw = answered(authority, olena[1], responder_of(authority, usage=usage))
        assert weighed(authority, olena[1], parse_ocsp(raw)) == "unknown"
    raw = answered(authority, olena[1], responder_of(authority))
    assert weighed(authority, olena[1], parse_ocsp(raw)) == "good"


def test_a_responder_out_of_its_time_answers_nothing(authority: Authority, olena: Key) -> None:
    late = responder_of(authority, not_before=NOW - 9 * DAY, not_after=NOW - DAY)

    assert (
        weighed(authority, olena[1], parse_ocsp(answered(authority, olena[1], late))) == "unknown"
    )


def test_a_revoked_responder_answers_nothing(authority: Authority, olena: Key) -> None:
    responder = responder_of(authority)
    raw = answered(authority, olena[1], responder)
    stolen = parse_crl(crl_of(authority, revoked=[responder[1].serial], more=[limited_to()]))
    trust = TrustStore((authority.root,), (authority.issuer, responder[1]))

    alone = revocation.assess(
        olena[1], authority.issuer, [parse_ocsp(raw)], at=NOW, responders=trust.pool
    )
    both = revocation.assess(
        olena[1], authority.issuer, [parse_ocsp(raw), stolen], at=NOW, responders=trust.pool
    )
    assert (alone.source, both.source) == ("OCSP", "CRL")


def test_of_two_statements_in_one_answer_the_worse_counts(authority: Authority, olena: Key) -> None:
    responder = responder_of(authority)
    good = parse_ocsp(answered(authority, olena[1], responder))
    bad = parse_ocsp(answered(authority, olena[1], responder, revoked_at=NOW - HOUR))
    unknown = replace(good.answers[0], entry=revocation.Entry("unknown"))

    def both(*answers: revocation.SingleAnswer) -> str:
        return weighed(authority, olena[1], replace(good, answers=answers))

    assert both(good.answers[0], bad.answers[0]) == "revoked"
    assert both(good.answers[0], unknown) == "unknown"
    assert both(good.answers[0]) == "good"


def test_an_answer_about_the_same_number_of_another_authority_is_not_ours(
    authority: Authority,
) -> None:
    """Numbers are unique within one authority only."""
    other = Authority.in_memory()
    key, ours = issue_olena(authority)
    theirs = build_certificate(
        subject=[(oids.COMMON_NAME, "x")],
        spki=key.spki,
        identifier=key.identifier,
        issuer=other.issuer.subject,
        issuer_key=other.issuer_key,
        serial=int.from_bytes(ours.serial, "big"),
        not_before=NOW - DAY,
        not_after=NOW + DAY,
    )
    responder = responder_of(authority)  # the honest one, which answers about both

    assert theirs.serial == ours.serial
    raw = answered(other, theirs, responder)
    assert weighed(authority, ours, parse_ocsp(raw)) == "unknown"
    raw = answered(authority, ours, responder)
    assert weighed(authority, ours, parse_ocsp(raw)) == "good"


# ── asking ───────────────────────────────────────────────────────────────────
class Memory(dict[str, Any]):
    def set(self, key: str, value: Any, timeout: int | None) -> None:
        self[key] = value


def test_a_forged_list_is_neither_believed_nor_kept(
    authority: Authority, responder: Responder
) -> None:
    cache = Memory()
    client = egress.Client(hosts=frozenset({responder.host}), clock=lambda: NOW, cache=cache)
    url = responder.url("full.crl")
    for raw in (
        crl_of(Authority.in_memory()),  # the same names, other keys
        crl_of(authority, at=NOW + DAY, until=NOW + 9 * DAY),
    ):
        responder.answer = lambda path, body, raw=raw: (200, raw)
        with pytest.raises(egress.Silent):
            client.crl(url, authority.issuer)
        assert not cache
    responder.answer = lambda path, body: (200, crl_of(authority))
    client.crl(url, authority.issuer)
    assert cache


def test_the_delta_is_asked_for_beside_the_full_list(
    authority: Authority, responder: Responder
) -> None:
    full, delta = responder.url("full.crl"), responder.url("delta.crl")
    _, certificate = authority.issue(
        [(oids.COMMON_NAME, "x")],
        at=NOW,
        more=[
            extension(oids.CRL_DISTRIBUTION_POINTS, der.sequence(der.sequence(point(full)))),
            extension(oids.FRESHEST_CRL, der.sequence(der.sequence(point(delta)))),
        ],
    )
    lists = {
        "/full.crl": crl_of(authority),
        "/delta.crl": crl_of(
            authority,
            revoked=[certificate.serial],
            more=[extension(oids.DELTA_CRL, der.integer(1))],
        ),
    }
    responder.answer = lambda path, body: (200, lists[path])
    client = egress.Client(hosts=frozenset({responder.host}), clock=lambda: NOW)

    evidence = list(client.lookup(certificate, authority.issuer, NOW))

    assert revocation.assess(certificate, authority.issuer, evidence, at=NOW).state == "revoked"
    assert said(authority, certificate, lists["/full.crl"]).state == "good"


# ── time ─────────────────────────────────────────────────────────────────────
def stamping(authority: Authority, **more: Any) -> Key:
    usage = more.pop("usage", (oids.EKU_TIME_STAMPING,))
    return authority.issue([(oids.COMMON_NAME, "TSA")], at=NOW, extended_key_usage=usage, **more)


def judged(authority: Authority, token: bytes) -> Any:
    covered = [memoryview(TEXT)]
    return timestamps.verify_token(token, covered, "signature", authority.trust(NOW))


def token_of(key: Key, **more: Any) -> bytes:
    fields = {"at": NOW, "include_certificate": True} | more
    return build_token(TEXT, key=key[0], certificate=key[1], **fields)


def test_only_a_time_stamping_authority_stamps(authority: Authority) -> None:
    assert judged(authority, token_of(stamping(authority))).status is Status.VALID
    for usage in ((), (oids.EKU_OCSP_SIGNING,), ("2.5.29.37.0",)):
        found = judged(authority, token_of(stamping(authority, usage=usage)))
        assert found.reason is Reason.CHAIN_CONSTRAINTS_FAILURE


def test_an_imprint_by_a_broken_hash_proves_no_time(authority: Authority) -> None:
    key, certificate = stamping(authority)
    token = build_token_of_imprint(
        hashes.digest(oids.SHA1, TEXT),
        key=key,
        certificate=certificate,
        at=NOW,
        hash_oid=oids.SHA1,
        serial=1,
        nonce=None,
        include_certificate=True,
    )

    found = judged(authority, token)

    assert (found.status, found.reason) == (
        Status.INDETERMINATE,
        Reason.CRYPTO_CONSTRAINTS_FAILURE,
    )


def token_naming(made: tuple[Any, Any], *named: bytes) -> bytes:
    """A token whose signing-certificate attribute has these names, or is absent without any."""
    key, certificate = made
    content = cms.parse_signed_data(token_of(made)).content_bytes() or b""
    attributes = [
        attribute(oids.CONTENT_TYPE, der.oid(oids.TST_INFO)),
        attribute(oids.MESSAGE_DIGEST, der.octet_string(hashes.digest(oids.GOST34311, content))),
    ]
    if named:
        attributes.append(
            attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(*named)))
        )
    signed = der.set_of(*attributes)
    info = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial)),
        der.sequence(der.oid(oids.GOST34311)),
        der.implicit(0, signed),
        key.algorithm,
        der.octet_string(key.sign(signed)),
    )
    return signed_data(content, [info], [certificate], content_type=oids.TST_INFO)


def test_a_token_that_does_not_name_its_authority_is_none(authority: Authority) -> None:
    assert judged(authority, token_naming(stamping(authority))).status is Status.INVALID


@pytest.mark.parametrize(("plus", "status"), [(0, Status.VALID), (1, Status.INVALID)])
def test_a_token_that_names_another_serial_number_is_none(
    authority: Authority, plus: int, status: Status
) -> None:
    made = stamping(authority)
    certificate = made[1]
    named = der.sequence(
        der.sequence(der.oid(oids.GOST34311)),
        der.octet_string(hashes.digest(oids.GOST34311, certificate.der)),
        der.sequence(
            der.sequence(der.explicit(4, certificate.issuer)),
            der.integer(int.from_bytes(certificate.serial, "big") + plus),
        ),
    )
    assert judged(authority, token_naming(made, named)).status is status


# ── paths ────────────────────────────────────────────────────────────────────
def below(
    above: Authority, *, more: Sequence[bytes] = (), number: int = 5, **changes: Any
) -> tuple[SigningKey, Certificate]:
    """An authority that the root issued."""
    key = SigningKey.generate()
    fields: dict[str, Any] = {
        "subject": [(oids.COMMON_NAME, f"ТЕСТОВИЙ проміжний {number}")],
        "spki": key.spki,
        "identifier": key.identifier,
        "issuer": above.root.subject,
        "issuer_key": above.root_key,
        "serial": number,
        "not_before": NOW - DAY,
        "not_after": NOW + 900 * DAY,
        "key_usage": AUTHORITY_USAGE,
        "authority": True,
        "more": more,
    } | changes
    return key, build_certificate(**fields)


def leaf_of(key: SigningKey, issuer: Certificate, **more: Any) -> Key:
    own = SigningKey.generate()
    fields: dict[str, Any] = {
        "subject": [(oids.COMMON_NAME, "Шкільна Олена"), (oids.SERIAL_NUMBER, "TINUA-7146711424")],
        "spki": own.spki,
        "identifier": own.identifier,
        "issuer": issuer.subject,
        "issuer_key": key,
        "serial": 9,
        "not_before": NOW - DAY,
        "not_after": NOW + DAY,
    } | more
    return own, build_certificate(**fields)


@pytest.mark.parametrize("critical", [True, False])
def test_name_constraints_that_nobody_checks_are_not_passed_over(
    authority: Authority, critical: bool
) -> None:
    permitted = der.sequence(
        der.explicit(0, der.sequence(der.tlv(0xA4, encode_name([(oids.COUNTRY, "PL")]))))
    )
    limits = extension(oids.NAME_CONSTRAINTS, permitted, critical=critical)
    key, issuer = below(authority, more=[limits])

    chain = TrustStore((authority.root,), (issuer,)).chain(leaf_of(key, issuer)[1], NOW)

    assert not chain.trusted


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"authority": False}, Reason.CHAIN_CONSTRAINTS_FAILURE),
        ({"key_usage": ("digitalSignature",)}, Reason.CHAIN_CONSTRAINTS_FAILURE),
        ({"not_after": NOW - HOUR}, Reason.OUT_OF_BOUNDS_NO_POE),
        (
            {"more": [extension("1.2.3.4", der.null(), critical=True)]},
            Reason.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        ),
    ],
    ids=["no authority", "may not sign certificates", "expired", "unknown critical"],
)
def test_an_issuer_that_may_not_issue_makes_no_path(
    authority: Authority, changes: dict[str, Any], reason: Reason
) -> None:
    key, issuer = below(authority, **changes)

    chain = TrustStore((authority.root,), (issuer,)).chain(leaf_of(key, issuer)[1], NOW)

    assert chain.reason is reason


def test_a_path_longer_than_its_authority_allows_is_refused(authority: Authority) -> None:
    key, issuer = below(authority, path_length=0)
    deeper_key, deeper = below(
        authority, number=6, issuer=issuer.subject, issuer_key=key, path_length=None
    )
    trust = TrustStore((authority.root,), (issuer, deeper))

    assert trust.chain(leaf_of(key, issuer)[1], NOW).trusted
    assert trust.chain(leaf_of(deeper_key, deeper)[1], NOW).reason is (
        Reason.CHAIN_CONSTRAINTS_FAILURE
    )


def test_authorities_that_certify_each_other_are_walked_once(authority: Authority) -> None:
    """A ring of twelve cross certificates under two names, without an anchor: 6⁷ ways."""
    keys_ = [SigningKey.generate() for _ in range(2)]
    names = [[(oids.COMMON_NAME, f"кільце {n}")] for n in range(2)]
    ring = [
        below(
            authority,
            number=100 + n,
            subject=names[n % 2],
            spki=keys_[n % 2].spki,
            identifier=keys_[n % 2].identifier,
            issuer=encode_name(names[(n + 1) % 2]),
            issuer_key=keys_[(n + 1) % 2],
        )[1]
        for n in range(12)
    ]
    _, leaf = leaf_of(keys_[0], ring[0])
    asked = 0
    signed_by = certificates.signed_by

    def counted(*pair: Certificate) -> bool:
        nonlocal asked
        asked += 1
        return signed_by(*pair)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificates, "signed_by", counted)
        chain = TrustStore((authority.root,)).chain(leaf, NOW, ring)

    assert chain.reason is Reason.NO_CERTIFICATE_CHAIN_FOUND
    assert asked <= 60


def test_a_certificate_signed_over_sha1_is_no_link(authority: Authority, olena: Key) -> None:
    key = rsa.generate_private_key(65537, 2048)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    _, issuer = below(authority, spki=spki)

    def leaf(hash_: Any, oid: str) -> Certificate:
        algorithm = der.sequence(der.oid(oid), der.null())
        tbs = der.sequence(
            der.explicit(0, der.integer(2)),
            der.integer(12),
            algorithm,
            issuer.subject,
            der.sequence(der.moment(NOW - DAY), der.moment(NOW + DAY)),
            encode_name([(oids.COMMON_NAME, "x")]),
            olena[0].spki,
        )
        signature = key.sign(tbs, padding.PKCS1v15(), hash_)
        return certificates.load(der.sequence(tbs, algorithm, der.bit_string(signature)))

    trust = TrustStore((authority.root,), (issuer,))
    strong = leaf(classic_hashes.SHA256(), "1.2.840.113549.1.1.11")
    weak = leaf(SHA1, "1.2.840.113549.1.1.5")
    assert trust.chain(strong, NOW).trusted
    assert trust.chain(weak, NOW).reason is Reason.CRYPTO_CONSTRAINTS_FAILURE
    algorithm = der.parse(der.sequence(der.oid("1.2.840.113549.1.1.5"), der.null()))
    made = key.sign(TEXT, padding.PKCS1v15(), SHA1)
    assert not revocation.signed_with(issuer, TEXT, algorithm, made)


# ── who signs ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("usage", [oids.EKU_TIME_STAMPING, oids.EKU_OCSP_SIGNING])
def test_the_key_of_a_service_signs_no_documents(authority: Authority, usage: str) -> None:
    key, certificate = authority.issue(
        [(oids.COMMON_NAME, "Служба"), (oids.SERIAL_NUMBER, "TINUA-7146711424")],
        at=NOW,
        extended_key_usage=(usage,),
    )

    result = verify_cms(
        sign_cms(TEXT, key, certificate), TEXT, policy=ORDER, at=NOW, trust=authority.trust(NOW)
    )

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.CHAIN_CONSTRAINTS_FAILURE,
    )


def test_an_authority_that_came_along_must_be_vouched_for(authority: Authority) -> None:
    """One that the accepted list names is; of another only its issuer can say."""
    key, issuer = below(authority)
    own, leaf = leaf_of(key, issuer)
    ours = replace(authority, issuer_key=key, issuer=issuer)
    evidence = (parse_crl(crl_of(ours)),)
    signed = sign_cms(TEXT, own, leaf, more_certificates=[issuer])

    def order(trust: TrustStore) -> Reason | None:
        return verify_cms(signed, TEXT, policy=ORDER, at=NOW, trust=trust).reason

    assert order(TrustStore((authority.root,), (issuer,), evidence)) is None
    assert order(TrustStore((authority.root,), (), evidence)) is Reason.TRY_LATER


def test_a_crowd_of_certificates_beside_a_signature_is_refused(
    authority: Authority, olena: Key
) -> None:
    class Raw(NamedTuple):
        der: bytes

    crowd = [Raw(der.sequence(der.integer(n))) for n in range(1, MAX_CARRIED + 2)]
    signed = sign_cms(TEXT, *olena, more_certificates=crowd)  # type: ignore[arg-type]

    assert verify_cms(signed, TEXT, at=NOW, trust=authority.trust(NOW)).overall is Overall.MALFORMED
