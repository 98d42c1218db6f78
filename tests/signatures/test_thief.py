"""A thief with a stolen key: revoked since, with whatever still looks good brought along; and
the times that a signer merely claims."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from signatures import cms, der, oids, revocation
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    SigningKey,
    attribute,
    build_crl,
    build_ocsp,
    build_token,
    encode_name,
    extension,
    sign_cms,
    signed_data,
    signer_info,
)
from signatures.portal import answer
from signatures.result import Overall, Reason, Status, VerificationResult
from signatures.revocation import parse_crl, parse_ocsp
from signatures.trust import TrustStore
from signatures.verification import ORDER, SIGN_IN, verify_cms
from tests.signatures.conftest import NOW
from tests.signatures.responders import Answer
from tests.signatures.test_egress import World, here  # noqa: F401 - a fixture
from tests.signatures.test_hostile_trust import crl_of

Key = tuple[SigningKey, Certificate]
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
TEXT = b"challenge"


@pytest.fixture
def ocsp(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "OCSP")], at=NOW, extended_key_usage=(oids.EKU_OCSP_SIGNING,)
    )


@pytest.fixture
def tsa(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "TSA")], at=NOW, extended_key_usage=(oids.EKU_TIME_STAMPING,)
    )


def carrying(
    key: Key, *brought: bytes, stamp: tuple[Key, datetime.datetime] | None = None, **more: Any
) -> bytes:
    """A signature with these lists and OCSP answers inside, time-stamped when asked."""
    info = signer_info(TEXT, *key, **more)
    choices = [
        one
        if one[:1] == b"0" and der.parse(one).parts(1)[0].tag == der.SEQUENCE
        else der.tlv(0xA1, der.oid(oids.OCSP_RESPONSE_OTHER), one)
        for one in brought
    ]
    data = signed_data(None, [info], [key[1]], revocation=choices)
    if stamp is not None:
        (by, certificate), when = stamp
        (parsed,) = cms.parse_signed_data(data).signers
        token = build_token(parsed.signature, key=by, certificate=certificate, at=when)
        data = cms.add_unsigned(data, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))
    return data


# ── at the door ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("policy", [SIGN_IN, ORDER])
def test_what_is_left_of_last_weeks_good_news_is_asked_about_again(
    here: World,  # noqa: F811
    policy: Any,
) -> None:
    """The list runs until tomorrow, the answer is minutes old or good for a year: the key was
    revoked an hour ago, and the responder knows."""
    authority = here.authority
    week = crl_of(authority, at=NOW - 6 * DAY, until=NOW + DAY)

    def stale_answer(at: datetime.datetime, until: datetime.datetime | None) -> bytes:
        return build_ocsp(
            certificate=here.certificate,
            issuer=authority.issuer,
            responder=here.ocsp,
            key=here.ocsp_key,
            at=at,
            next_update=until,
        )

    brought = [
        week,
        stale_answer(NOW - 50 * MINUTE, None),
        stale_answer(NOW - 9 * DAY, NOW + 300 * DAY),
    ]
    here.says(revoked_at=NOW - 40 * MINUTE)
    trust = TrustStore((authority.root,), (authority.issuer,), lookup=here.client.lookup)

    for one in brought:
        signed = carrying((here.key, here.certificate), one)
        result = verify_cms(signed, TEXT, policy=policy, at=NOW, trust=trust)
        assert (result.overall, result.reason) == (Overall.INVALID, Reason.REVOKED)
    assert here.responder.asked


def test_a_responder_that_does_not_know_the_key_sends_to_the_list(
    here: World,  # noqa: F811
) -> None:
    """ "unknown" is no answer: the list says revoked, and the signer is told why it was asked."""
    answers = {"unknown": _with_status(here, der.tlv(0x82)), "tag": _with_status(here, b"\x60\x00")}
    for name, raw in answers.items():
        listed = crl_of(here.authority, revoked=[here.certificate.serial])
        here.responder.answer = lambda path, body, raw=raw, listed=listed: (
            200,
            listed if "crl" in path else raw,
        )
        here.client.cache.clear()  # type: ignore[union-attr]
        result = here.sign_in()
        assert result.reason is Reason.REVOKED, name
        assert any(note.startswith("OCSP: ") for note in result.signers[0].notes)


def _with_status(here: World, status: bytes) -> bytes:  # noqa: F811
    """An honest answer whose status is this."""
    good = build_ocsp(
        certificate=here.certificate,
        issuer=here.authority.issuer,
        responder=here.ocsp,
        key=here.ocsp_key,
        at=NOW,
    )
    parsed = parse_ocsp(good)
    tbs = der.parse(parsed.tbs).parts(3)
    single = tbs[2].parts()[0].parts(3)
    changed = der.sequence(
        tbs[0].raw,
        tbs[1].raw,
        der.sequence(der.sequence(single[0].raw, status, single[2].raw)),
    )
    return der.sequence(
        der.integer(0, der.ENUMERATED),
        der.explicit(
            0,
            der.sequence(
                der.oid(oids.OCSP_BASIC),
                der.octet_string(
                    der.sequence(
                        changed,
                        here.ocsp_key.algorithm,
                        here.ocsp_key.sign_x509(changed),
                        der.explicit(0, der.sequence(here.ocsp.der)),
                    )
                ),
            ),
        ),
    )


def test_one_forged_answer_hides_no_revocation(here: World) -> None:  # noqa: F811
    """Plain HTTP: whoever stands between may forge an answer once, and it is not remembered."""
    stranger, certificate = here.authority.issue([(oids.COMMON_NAME, "не OCSP")], at=NOW)

    def forged(path: str, body: bytes) -> Answer:
        if "crl" in path:
            return 404, b""
        request = der.parse(body).parts(1)[0].parts(1)
        nonce = request[-1].inner().parts(1)[0].parts(2)[-1].inner().content
        return 200, build_ocsp(
            certificate=here.certificate,
            issuer=here.authority.issuer,
            responder=certificate,
            key=stranger,
            at=NOW,
            nonce=nonce,
        )

    here.responder.answer = forged
    assert here.sign_in().reason is Reason.TRY_LATER
    here.says(revoked_at=NOW - HOUR)
    assert here.sign_in().reason is Reason.REVOKED


def test_a_wrongly_signed_answer_sends_to_the_list(here: World) -> None:  # noqa: F811
    other = Authority.in_memory()
    raw = build_ocsp(
        certificate=here.certificate,
        issuer=here.authority.issuer,
        responder=other.issuer,
        key=other.issuer_key,
        at=NOW,
    )
    listed = crl_of(here.authority)
    here.responder.answer = lambda path, body: (200, listed if "crl" in path else raw)

    result = here.sign_in()

    assert (result.valid, result.signers[0].revocation_source) == (True, "CRL")
    assert any("OCSP" in note for note in result.signers[0].notes)


def test_a_list_is_asked_for_anew_every_hour_and_never_goes_back(
    here: World,  # noqa: F811
) -> None:
    """A list holds for a week, but what it says is not kept that long when a newer one is there;
    and whoever stands between cannot put an earlier one in its place."""
    old = crl_of(here.authority, at=NOW - 5 * DAY, until=NOW + 2 * DAY)
    new = crl_of(here.authority, at=NOW, until=NOW + 7 * DAY, revoked=[here.certificate.serial])
    lists = [old]
    here.responder.answer = lambda path, body: (200, lists[0]) if "crl" in path else (503, b"")
    assert here.sign_in().valid
    lists[0] = new
    here.now[0] = NOW + 61 * MINUTE
    assert here.sign_in().reason is Reason.REVOKED
    lists[0] = old
    here.now[0] = NOW + 3 * HOUR
    assert here.sign_in().reason is Reason.REVOKED


def test_a_time_stamp_does_not_carry_a_revoked_key_past_its_revocation(
    authority: Authority, olena: Key, tsa: Key
) -> None:
    """What takes effect now is judged as of now, whatever its time-stamp proves."""
    signed = carrying(olena, stamp=(tsa, NOW - 2 * HOUR))
    listed = parse_crl(crl_of(authority, revoked=[olena[1].serial], at=NOW - MINUTE))
    trust = TrustStore((authority.root,), (authority.issuer, tsa[1]), (listed,))
    late = replace(trust, evidence=(parse_crl(_revoked_at(authority, olena[1], NOW - HOUR)),))

    for store in (trust, late):
        assert verify_cms(signed, TEXT, policy=ORDER, at=NOW, trust=store).reason is Reason.REVOKED
    assert verify_cms(signed, TEXT, at=NOW, trust=late).valid


def _revoked_at(
    authority: Authority, certificate: Certificate, when: datetime.datetime, **more: Any
) -> bytes:
    return build_crl(
        issuer=authority.issuer,
        key=authority.issuer_key,
        number=1,
        this_update=more.get("made", NOW),
        next_update=more.get("made", NOW) + DAY,
        revoked=[(certificate.serial, when, more.get("reason", 1))],
        delta_of=more.get("delta_of"),
    )


def test_a_revoked_time_stamping_authority_is_asked_about(
    authority: Authority, olena: Key, tsa: Key
) -> None:
    signed = carrying(olena, stamp=(tsa, NOW - HOUR))
    asked: list[Certificate] = []

    def lookup(certificate: Certificate, issuer: Certificate, at: datetime.datetime) -> list[Any]:
        asked.append(certificate)
        return [parse_crl(_revoked_at(authority, tsa[1], NOW - 2 * HOUR))]

    trust = TrustStore((authority.root,), (authority.issuer, tsa[1]), lookup=lookup)
    result = verify_cms(signed, TEXT, at=NOW, trust=trust)

    assert tsa[1] in asked
    assert (result.overall, result.reason) == (Overall.INDETERMINATE, Reason.REVOKED_NO_POE)


# ── hold, release, doubt ─────────────────────────────────────────────────────
def status(authority: Authority, certificate: Certificate, *lists: bytes) -> str:
    found = revocation.assess(
        certificate, authority.issuer, [parse_crl(one) for one in lists], at=NOW
    )
    return found.state


def test_a_hold_counts_until_a_newer_word_takes_it_back(authority: Authority, olena: Key) -> None:
    def entry(reason: int, made: datetime.datetime, delta_of: int | None = None) -> bytes:
        return _revoked_at(
            authority, olena[1], NOW - 3 * HOUR, made=made, reason=reason, delta_of=delta_of
        )

    hold = entry(6, NOW - 2 * HOUR)
    released, earlier = entry(8, NOW - HOUR, 1), entry(8, NOW - 4 * HOUR, 1)
    assert status(authority, olena[1], hold) == "hold"
    assert status(authority, olena[1], hold, released) == "good"
    assert status(authority, olena[1], hold, earlier) == "hold"
    assert status(authority, olena[1], hold, crl_of(authority, at=NOW - HOUR)) == "good"
    assert status(authority, olena[1], hold, crl_of(authority, at=NOW - 3 * HOUR)) == "hold"
    assert status(authority, olena[1], released) == "unknown"  # a delta alone says nothing good
    assert status(authority, olena[1], entry(8, NOW)) == "unknown"  # and only a delta releases
    stolen = entry(1, NOW - 2 * HOUR)
    assert status(authority, olena[1], stolen, released, crl_of(authority)) == "revoked"


def test_a_key_on_hold_signs_nothing_and_is_not_called_stolen(
    authority: Authority, olena: Key
) -> None:
    held = parse_crl(_revoked_at(authority, olena[1], NOW - HOUR, reason=6))
    trust = TrustStore((authority.root,), (authority.issuer,), (held,))

    for policy in (ORDER, SIGN_IN):
        result = verify_cms(sign_cms(TEXT, *olena), TEXT, policy=policy, at=NOW, trust=trust)
        assert (result.overall, result.reason) == (Overall.INDETERMINATE, Reason.TRY_LATER)
        assert result.signers[0].on_hold


def test_a_key_doubtful_since_before_its_revocation_was_doubtful_when_it_signed(
    authority: Authority, olena: Key, tsa: Key
) -> None:
    """invalidityDate: the theft was noticed later than it happened."""
    since = extension(oids.INVALIDITY_DATE, der.generalized(NOW - 10 * HOUR))
    listed = crl_of(authority, revoked=[olena[1].serial], entry=[since])  # revoked two hours ago
    signed = carrying(olena, stamp=(tsa, NOW - 5 * HOUR))
    before = carrying(olena, stamp=(tsa, NOW - 20 * HOUR))
    trust = TrustStore((authority.root,), (authority.issuer, tsa[1]), (parse_crl(listed),))

    result = verify_cms(signed, TEXT, at=NOW, trust=trust)
    assert (result.overall, result.reason) == (Overall.INVALID, Reason.REVOKED)
    assert result.signers[0].revoked_at == NOW - 2 * HOUR
    assert verify_cms(before, TEXT, at=NOW, trust=trust).signers[0].revocation is not Status.INVALID


def test_a_list_is_of_the_authority_it_means_however_its_name_is_spelt(
    authority: Authority, olena: Key
) -> None:
    """RFC 5280 7.1: case, spaces and the kind of string do not make another authority."""
    key = authority.issuer_key
    names = authority.issuer.subject_names
    spelt = encode_name([(oid, text.upper().replace(" ", "  ")) for oid, text in names.items()])
    entry = der.sequence(der.tlv(der.INTEGER, olena[1].serial), der.moment(NOW - HOUR))
    tbs = der.sequence(
        der.integer(1),
        key.algorithm,
        spelt,
        der.moment(NOW - HOUR),
        der.moment(NOW + DAY),
        der.sequence(entry),
    )
    raw = der.sequence(tbs, key.algorithm, key.sign_x509(tbs))

    assert spelt != authority.issuer.subject
    assert status(authority, olena[1], raw) == "revoked"


def test_a_list_made_after_the_certificate_expired_says_nothing_of_it(authority: Authority) -> None:
    """An authority drops what expired from its lists, and a stolen key would look good again."""
    _, certificate = authority.issue(
        [(oids.COMMON_NAME, "x")], at=NOW, not_before=NOW - 9 * DAY, not_after=NOW - 2 * HOUR
    )
    keeps = extension(oids.EXPIRED_CERTS_ON_CRL, der.generalized(NOW - 90 * DAY))

    assert status(authority, certificate, crl_of(authority, at=NOW - HOUR)) == "unknown"
    assert status(authority, certificate, crl_of(authority, at=NOW - 3 * HOUR)) == "good"
    assert status(authority, certificate, crl_of(authority, at=NOW - HOUR, more=[keeps])) == "good"


@pytest.mark.parametrize(
    "tag", [b"\xa0\x00", b"\x40\x00", b"\x60\x00", b"\x80\x01\x00", b"\x05\x00"]
)
def test_a_status_that_nobody_defined_is_not_good(here: World, tag: bytes) -> None:  # noqa: F811
    with pytest.raises(der.DerError):
        parse_ocsp(_with_status(here, tag))


# ── what the page says ───────────────────────────────────────────────────────
def shown(result: VerificationResult) -> tuple[str, str]:
    explained = answer.explain(result)
    return explained.title, explained.kind


def test_green_only_with_revocation_known_good_at_the_proven_time(
    authority: Authority, olena: Key, tsa: Key, ocsp: Key
) -> None:
    bare = TrustStore((authority.root,), (authority.issuer, tsa[1], ocsp[1]))

    def judged(data: bytes, *own: Any, trust: TrustStore = bare) -> tuple[str, str]:
        return shown(verify_cms(data, TEXT, at=NOW, trust=trust.with_more(evidence=own)))

    def said(at: datetime.datetime) -> bytes:
        return build_ocsp(
            certificate=olena[1], issuer=authority.issuer, responder=ocsp[1], key=ocsp[0], at=at
        )

    whole = (answer.UNCONFIRMED, "heed")
    good = ("Підпис дійсний", "good")
    signed = sign_cms(TEXT, *olena)
    assert judged(signed) == whole  # nobody said anything
    assert judged(signed, parse_crl(crl_of(authority, until=NOW - 10 * MINUTE))) == whole
    assert judged(signed, parse_crl(crl_of(authority))) == good
    week = crl_of(authority, at=NOW - 6 * DAY, until=NOW + DAY)
    assert judged(carrying(olena, week)) == whole  # brought along, made before the theft
    stamp = (tsa, NOW - 5 * HOUR)
    assert judged(carrying(olena, week, stamp=stamp)) == whole
    assert judged(carrying(olena, said(NOW - 6 * HOUR), stamp=stamp)) == whole
    assert judged(carrying(olena, said(NOW - 5 * HOUR), stamp=stamp)) == good
    assert judged(carrying(olena, said(NOW - 4 * HOUR), stamp=stamp)) == good


def test_the_page_says_how_to_find_out(authority: Authority, olena: Key) -> None:
    trust = TrustStore((authority.root,), (authority.issuer,))
    result = verify_cms(sign_cms(TEXT, *olena), TEXT, at=NOW, trust=trust)

    explained = answer.explain(result)

    assert "czo.gov.ua" in explained.sentence
    assert (explained.signers[0].kind, explained.signers[0].word) == ("heed", "Цілісний")
    assert result.as_json()["confirmed"] is False


# ── the time that is only claimed ────────────────────────────────────────────
def timed(olena: Key, *claimed: datetime.datetime, **more: Any) -> bytes:
    moments = [attribute(oids.SIGNING_TIME, der.moment(one)) for one in claimed]
    return carrying(olena, more_signed=moments, **more)


@pytest.mark.parametrize("far", [300 * DAY, 4 * HOUR, -2 * DAY])
def test_what_takes_effect_claims_a_time_near_to_now(
    authority: Authority, olena: Key, far: datetime.timedelta
) -> None:
    trust = authority.trust(NOW)

    result = verify_cms(timed(olena, NOW + far), TEXT, policy=ORDER, at=NOW, trust=trust)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.SIG_CONSTRAINTS_FAILURE,
    )
    near = timed(olena, NOW + 2 * HOUR)
    assert verify_cms(near, TEXT, policy=ORDER, at=NOW, trust=trust).valid


@pytest.mark.parametrize("claimed", [(NOW, NOW + DAY), (NOW, NOW)])
def test_a_time_that_stands_twice_is_refused(
    authority: Authority, olena: Key, claimed: Sequence[datetime.datetime]
) -> None:
    result = verify_cms(timed(olena, *claimed), TEXT, at=NOW, trust=authority.trust(NOW))

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.FORMAT_FAILURE)


def test_the_page_says_which_time_is_proven_and_which_is_claimed(
    authority: Authority, olena: Key, tsa: Key
) -> None:
    trust = authority.trust(NOW).with_more([tsa[1]])

    def facts(data: bytes) -> dict[str, str]:
        result = verify_cms(data, TEXT, at=NOW, trust=trust)
        return dict(answer.explain(result).signers[0].facts)

    ahead = facts(timed(olena, NOW + 300 * DAY))
    assert "Час доведено" not in ahead
    assert ahead["Час, який указав підписувач"].endswith(
        "цей час ще не настав, не зважайте на нього"
    )
    late = facts(timed(olena, NOW - HOUR, stamp=(tsa, NOW - 3 * HOUR)))
    assert late["Час доведено"] == "22.11.2026 08:00"
    assert "пізніше за доведений" in late["Час, який указав підписувач"]
    plain = facts(timed(olena, NOW - HOUR))
    assert plain["Час, який указав підписувач"] == "22.11.2026 10:00, не доведено"
