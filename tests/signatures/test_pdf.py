"""Signatures inside a PDF: what they cover, what was added, what they say."""

import datetime
import time

import pytest

from signatures import cms, inspection, oids, pdf
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, attribute, build_token, sign_cms
from signatures.portal import answer
from signatures.result import Overall, Reason, Status
from signatures.trust import TrustStore
from tests.signatures.conftest import NOW, issue_olena

Key = tuple[SigningKey, Certificate]
HOUR = datetime.timedelta(hours=1)
ROOM = 8192
PAGE = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\n"


def signed_pdf(
    key: Key,
    before: bytes = PAGE,
    *,
    stamp: Key | None = None,
    token_of: Key | None = None,
) -> bytes:
    """A PDF with one more signature, made as programs make it: room first, then signed."""
    after = b" >> endobj\n%%EOF\n"
    head = before + b"9 0 obj << /SubFilter /ETSI.CAdES.detached /ByteRange [%s] /Contents "
    size = len(head) - 2 + len(b"0 0000000000 0000000000 0000000000")
    numbers = b"0 %010d %010d %010d" % (size, size + ROOM + 2, len(after))
    start = head.replace(b"%s", numbers, 1)
    content = start + after
    if token_of is not None:
        made = build_token(content, key=token_of[0], certificate=token_of[1], at=NOW - HOUR)
    else:
        made = sign_cms(content, *key)
    if stamp is not None:
        (info,) = cms.parse_signed_data(made).signers
        token = build_token(info.signature, key=stamp[0], certificate=stamp[1], at=NOW - HOUR)
        made = cms.add_unsigned(made, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))
    return start + b"<" + made.hex().encode().ljust(ROOM, b"0") + b">" + after


@pytest.fixture
def tsa(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "TSA")], at=NOW, extended_key_usage=(oids.EKU_TIME_STAMPING,)
    )


@pytest.fixture
def trust(authority: Authority, tsa: Key) -> TrustStore:
    return authority.trust(NOW).with_more([tsa[1]])


def look(data: bytes, trust: TrustStore) -> inspection.VerificationResult:
    return inspection.verify_file(data, at=NOW, trust=trust)


def test_a_signed_pdf_answers_as_any_signature(olena: Key, trust: TrustStore, tsa: Key) -> None:
    result = look(signed_pdf(olena), trust)
    assert (result.overall, result.kind, result.signers[0].level) == (Overall.VALID, "pdf", "BES")
    assert answer.explain(result).title == "Підпис дійсний"
    stamped = look(signed_pdf(olena, stamp=tsa), trust)
    assert (stamped.signers[0].level, stamped.signers[0].proven_time) == ("T", NOW - HOUR)


def test_a_changed_pdf_is_told(olena: Key, trust: TrustStore) -> None:
    result = look(signed_pdf(olena).replace(b"/Catalog", b"/Katalog"), trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)


@pytest.mark.parametrize("added", [b"2 0 obj <</Type/Page>> endobj\n%%EOF\n", b"x"])
def test_what_was_added_after_the_signature_is_not_signed(
    olena: Key, trust: TrustStore, added: bytes
) -> None:
    """An incremental update shows another page, and the signature of the first still holds."""
    result = look(signed_pdf(olena) + added, trust)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.SIG_CONSTRAINTS_FAILURE,
    )
    assert result.signers[0].crypto is Status.VALID
    assert "something was added after signature 1" in result.detail
    assert look(signed_pdf(olena) + b"\r\n", trust).valid


def test_of_two_signers_each_is_judged_by_what_it_covers(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    second = issue_olena(authority, rnokpp="7146712113")

    result = look(signed_pdf(second, signed_pdf(olena)), trust)

    assert [one.overall for one in result.signers] == [Overall.INDETERMINATE, Overall.VALID]


def test_a_document_time_stamp_is_judged(olena: Key, trust: TrustStore, tsa: Key) -> None:
    data = signed_pdf(olena, token_of=tsa)
    result = look(data, trust)
    assert (result.overall, result.signers) == (Overall.VALID, ())
    assert answer.explain(result).title == "Підпису немає, є лише позначка часу"
    assert look(data.replace(b"/Catalog", b"/Katalog"), trust).overall is Overall.INVALID


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"[0 ", b"[1 "),  # the beginning left out
        (b"<30", b"(30"),  # a hole that is no hexadecimal string
        (b"<30", b"<3g"),
        (b"/ByteRange", b"/ByteRangf"),
    ],
)
def test_a_range_that_does_not_fit_is_no_signature(
    olena: Key, trust: TrustStore, old: bytes, new: bytes
) -> None:
    data = signed_pdf(olena)
    assert data.count(old) == 1

    assert look(data.replace(old, new), trust).overall is Overall.MALFORMED


def test_more_than_the_signature_in_the_hole_is_no_signature(olena: Key, trust: TrustStore) -> None:
    """What is hidden in the hole nobody signed."""
    data = signed_pdf(olena)
    end = data.index(b">", data.index(b"<30"))
    spoilt = data[: end - 20] + b"> /Evil true <000000" + data[end:]
    assert len(spoilt) == len(data)

    assert look(spoilt, trust).overall is Overall.MALFORMED
    assert look(b"%PDF-1.7 nothing", trust).kind == "pdf"


def test_ten_megabytes_take_less_than_a_second(olena: Key, trust: TrustStore) -> None:
    data = signed_pdf(olena, PAGE + bytes(10_000_000))
    taken = []
    for _ in range(3):  # the least of them: what else the machine does is no cost of ours
        began = time.process_time()
        assert look(data, trust).valid
        taken.append(time.process_time() - began)

    assert min(taken) < 1.0
    assert len(list(pdf.signatures_of(data))) == 1
