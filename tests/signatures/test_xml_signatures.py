"""The signature of a trusted list: what holds, what is no signature of it, and who is believed."""

import base64
import datetime
import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import CommandError, call_command
from lxml import etree

from accounts import actors
from signatures import oids, trustlists, xmldsig
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.errors import TrustListRejected
from signatures.models import TrustListVersion
from signatures.selectors import trust as selector
from signatures.services import trust as service
from signatures.trust import TrustStore
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.trusted_lists import (
    C14N,
    DS,
    EXC_C14N,
    Publisher,
    certificate_of,
    dstu_publisher,
    publisher,
    service_of,
    sign_classic,
    sign_dstu,
    trusted_list,
)


@pytest.fixture(scope="module")
def rsa_publisher() -> Publisher:
    return publisher(rsa.generate_private_key(65537, 2048), NOW)


@pytest.fixture
def plain(authority: Authority) -> bytes:
    return trusted_list(service_of("CA/QC", "granted", authority.issuer))


@pytest.fixture
def signed(plain: bytes, rsa_publisher: Publisher) -> bytes:
    return sign_classic(plain, rsa_publisher)


# ── what holds ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("canonical", [C14N, EXC_C14N])
@pytest.mark.parametrize(
    "scheme", ["RSA_SHA256", "RSA_SHA512", "SHA256_RSA_MGF1", "SHA384_RSA_MGF1"]
)
def test_an_rsa_list_by_another_library_holds(
    plain: bytes, rsa_publisher: Publisher, scheme: str, canonical: str
) -> None:
    found = xmldsig.verify_enveloped(
        sign_classic(plain, rsa_publisher, scheme=scheme, canonical=canonical)
    )

    assert found.signer == certificate_of(rsa_publisher)
    assert b"ListIssueDateTime" in found.content
    assert b"SignatureValue" not in found.content


@pytest.mark.parametrize(
    ("curve", "scheme"),
    [
        (ec.SECP256R1(), "ECDSA_SHA256"),
        (ec.SECP384R1(), "ECDSA_SHA384"),
        (ec.SECP521R1(), "ECDSA_SHA512"),
    ],
)
@pytest.mark.parametrize("reference", [None, "TL"])
def test_an_ecdsa_list_by_another_library_holds(
    plain: bytes, curve: Any, scheme: str, reference: str | None
) -> None:
    who = publisher(ec.generate_private_key(curve), NOW)

    data = sign_classic(plain, who, scheme=scheme, reference=reference)

    assert xmldsig.verify_enveloped(data).signer == certificate_of(who)


@pytest.mark.parametrize("canonical", [C14N, EXC_C14N, f"{C14N}#WithComments"])
@pytest.mark.parametrize(
    ("scheme", "hash_oid"),
    [
        ("dstu4145", oids.GOST34311),
        ("dstu4145-gost34311", oids.GOST34311),
        ("dstu4145-dstu7564-256", oids.KUPYNA256),
    ],
)
def test_a_dstu_list_holds(
    authority: Authority, plain: bytes, scheme: str, hash_oid: str, canonical: str
) -> None:
    who = dstu_publisher(authority, NOW, hash_oid=hash_oid)

    found = xmldsig.verify_enveloped(sign_dstu(plain, *who, scheme=scheme, canonical=canonical))

    assert found.signer == who[1]


def test_only_what_was_signed_is_read(signed: bytes, authority: Authority) -> None:
    candidate = trustlists.read_list(signed)

    assert candidate.anchors == (authority.issuer,)
    assert (candidate.issued, candidate.until) == ("2026-11-01T00:00:00Z", "2027-05-01T00:00:00Z")
    assert candidate.signer is not None


# ── what does not ────────────────────────────────────────────────────────────
def changed(signed: bytes, change: Callable[[etree._Element, etree._Element], None]) -> bytes:
    root = etree.fromstring(signed)
    change(root, root.find(f"{{{DS}}}Signature"))
    return etree.tostring(root)


def attribute_of(path: str, name: str, value: str) -> Callable[..., None]:
    def change(root: etree._Element, signature: etree._Element) -> None:
        signature.find(path.replace("ds:", f"{{{DS}}}")).set(name, value)

    return change


def another_date(root: etree._Element, signature: etree._Element) -> None:
    root.find(".//{*}ListIssueDateTime").text = "2030-01-01T00:00:00Z"


def unsigned(root: etree._Element, signature: etree._Element) -> None:
    root.remove(signature)


def nameless(node: etree._Element) -> etree._Element:
    """A copy without identifiers."""
    copy = etree.fromstring(etree.tostring(node))
    for one in copy.iter():
        one.attrib.pop("Id", None)
    return copy


def twice(root: etree._Element, signature: etree._Element) -> None:
    root.append(nameless(signature))


def wrapped(root: etree._Element, signature: etree._Element) -> None:
    """The signed list goes into a corner, another takes its place above the same signature."""
    inner = etree.fromstring(etree.tostring(root))
    inner.remove(inner.find(f"{{{DS}}}Signature"))
    for child in list(root):
        if child is not signature:
            root.remove(child)
    etree.SubElement(root, "Extra").append(inner)
    root.set("Id", "forged")


def deeper(root: etree._Element, signature: etree._Element) -> None:
    etree.SubElement(root, "Corner").append(signature)


def same_identifier(root: etree._Element, signature: etree._Element) -> None:
    etree.SubElement(root, "Extra").set("id", "TL")


def no_references(root: etree._Element, signature: etree._Element) -> None:
    info = signature.find(f"{{{DS}}}SignedInfo")
    for reference in info.findall(f"{{{DS}}}Reference"):
        info.remove(reference)


def many_references(root: etree._Element, signature: etree._Element) -> None:
    info = signature.find(f"{{{DS}}}SignedInfo")
    for _ in range(5):
        info.append(nameless(info.find(f"{{{DS}}}Reference")))


def second_signed_info(root: etree._Element, signature: etree._Element) -> None:
    signature.insert(0, nameless(signature[0]))


def foreign_certificate(root: etree._Element, signature: etree._Element) -> None:
    other = certificate_of(publisher(rsa.generate_private_key(65537, 2048), NOW))
    found = signature.find(f".//{{{DS}}}X509Certificate")
    found.text = base64.b64encode(other.der).decode()


def names_another(root: etree._Element, signature: etree._Element) -> None:
    signature.append(
        etree.fromstring(
            f'<a xmlns="{DS}" xmlns:x="{xmldsig.XADES[1:-1]}"><x:SigningCertificate><x:Cert>'
            '<x:CertDigest><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            "<DigestValue>AAAA</DigestValue></x:CertDigest></x:Cert></x:SigningCertificate></a>"
        )
    )


REFERENCE = "ds:SignedInfo/ds:Reference"
TRANSFORM = f"{REFERENCE}/ds:Transforms/ds:Transform"
SECOND = f"{TRANSFORM}[2]"
W3 = "http://www.w3.org/TR"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (another_date, "not what was signed"),
        (unsigned, "not one signature"),
        (twice, "not one signature"),
        (wrapped, "part of the document"),
        (deeper, "not one signature"),
        (same_identifier, "two elements with one identifier"),
        (no_references, "does not cover the document"),
        (many_references, "too many references"),
        (second_signed_info, "SignedInfo is missing or repeated"),
        (foreign_certificate, "not what was signed"),
        (names_another, "names another certificate"),
        (attribute_of(REFERENCE, "URI", "http://127.0.0.1:9/list.xml"), "outside the document"),
        (attribute_of(REFERENCE, "URI", "file:///etc/passwd"), "outside the document"),
        (attribute_of(REFERENCE, "URI", "#xpointer(/)"), "to nothing"),
        (attribute_of(REFERENCE, "URI", "#nothing"), "to nothing"),
        (attribute_of(TRANSFORM, "Algorithm", f"{W3}/1999/REC-xslt-19991116"), "not an enveloped"),
        (attribute_of(SECOND, "Algorithm", f"{W3}/1999/REC-xpath-19991116"), "a transform that"),
        (
            attribute_of(f"{REFERENCE}/ds:DigestMethod", "Algorithm", f"{DS}sha1"),
            "digest algorithm",
        ),
        (
            attribute_of("ds:SignedInfo/ds:SignatureMethod", "Algorithm", f"{DS}hmac-sha1"),
            "signature algorithm",
        ),
        (
            attribute_of("ds:SignedInfo/ds:SignatureMethod", "Algorithm", f"{DS}rsa-sha1"),
            "signature algorithm",
        ),
        (
            attribute_of("ds:SignedInfo/ds:CanonicalizationMethod", "Algorithm", "urn:none"),
            "canonicalisation",
        ),
    ],
)
def test_anything_else_is_no_signature_of_the_list(
    signed: bytes, change: Callable[..., None], why: str
) -> None:
    xmldsig.verify_enveloped(changed(signed, lambda root, signature: None))

    with pytest.raises(xmldsig.BadSignature, match=why):
        xmldsig.verify_enveloped(changed(signed, change))


def test_a_certificate_that_did_not_sign_is_not_the_signer(
    plain: bytes, authority: Authority
) -> None:
    other = base64.b64encode(issue_olena(authority)[1].der).decode()
    root = etree.fromstring(sign_dstu(plain, *dstu_publisher(authority, NOW)))
    root.find(f".//{{{DS}}}X509Data/{{{DS}}}X509Certificate").text = other

    with pytest.raises(xmldsig.BadSignature, match="no carried certificate"):
        xmldsig.verify_enveloped(etree.tostring(root.getroottree()))


def test_a_signature_over_a_part_of_the_document_is_refused(
    authority: Authority, rsa_publisher: Publisher
) -> None:
    """Signed honestly, by its own key, but over an element beside the one that is read."""
    text = trusted_list(service_of("CA/QC", "granted", authority.issuer))
    text = text.replace(b"<SchemeInformation>", b'<SchemeInformation Id="part">')

    with pytest.raises(xmldsig.BadSignature, match="part of the document"):
        xmldsig.verify_enveloped(sign_classic(text, rsa_publisher, reference="part"))


LAUGHS = "".join(
    f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{("&l" + str(n - 1) + ";") * 9 if n else ""}">'
    for n in range(12)
)


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE TrustServiceStatusList>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
        f"<!DOCTYPE a [{LAUGHS}]>",
    ],
    ids=["empty", "external entity", "external subset", "a billion laughs"],
)
@pytest.mark.parametrize("where", ["text", "attribute", "nowhere"])
def test_a_document_type_is_refused_before_it_does_anything(
    signed: bytes, declaration: str, where: str
) -> None:
    data = signed.replace(
        b"<TrustServiceStatusList", declaration.encode() + b"<TrustServiceStatusList", 1
    )
    name = b"&l11;" if "l11" in declaration else b"&x;" if "ENTITY" in declaration else b""
    if where == "text":
        data = data.replace(b"<SchemeInformation>", b"<SchemeInformation>" + name)
    elif where == "attribute":
        data = data.replace(b'TSLTag="', b'TSLTag="' + name)
    why = "document type" if where == "nowhere" or not name else None

    with pytest.raises(xmldsig.BadSignature, match=why):
        xmldsig.verify_enveloped(data)


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a/>", b"\xff" * 40, b"<a>" * 10_000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(xmldsig.BadSignature):
        xmldsig.verify_enveloped(data)


def test_a_spoilt_signature_value_does_not_hold(authority: Authority, plain: bytes) -> None:
    data = sign_dstu(plain, *dstu_publisher(authority, NOW))
    root = etree.fromstring(data)
    value = root.find(f".//{{{DS}}}SignatureValue")
    raw = bytearray(base64.b64decode(value.text))
    raw[5] ^= 1
    value.text = base64.b64encode(raw).decode()

    with pytest.raises(xmldsig.BadSignature, match="no carried certificate"):
        xmldsig.verify_enveloped(etree.tostring(root.getroottree()))


# ── whose signature it is ────────────────────────────────────────────────────
@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`load(xml, answers…)`: the command with what the person types; its words."""
    selector.forget()
    clock = itertools.count()
    monkeypatch.setattr(
        "django.utils.timezone.now", lambda: NOW + datetime.timedelta(seconds=next(clock))
    )

    def run(data: bytes, *answers: str, **options: Any) -> str:
        file, out, typed = tmp_path / "TL-UA.xml", io.StringIO(), iter(answers)
        file.write_bytes(data)
        monkeypatch.setattr("builtins.input", lambda text: out.write(text) and next(typed))
        call_command("load_trust_list", str(file), stdout=out, **options)
        return out.getvalue()

    return run


def newer(authority: Authority, **more: str) -> bytes:
    extra = issue_olena(authority)[1]
    services = service_of("CA/QC", "granted", authority.issuer)
    fields = {"issued": "2026-11-15T00:00:00Z"} | more
    return trusted_list(services + service_of("TSA/QTST", "granted", extra), **fields)


@pytest.mark.django_db(transaction=True)
def test_the_first_list_needs_its_signer_named_and_the_next_remembers(
    load: Callable[..., str], signed: bytes, rsa_publisher: Publisher, authority: Authority
) -> None:
    signer = certificate_of(rsa_publisher).fingerprint
    with pytest.raises(CommandError, match="--signer-sha256"):
        load(signed, "так")
    with pytest.raises(CommandError, match="not 0000"):
        load(signed, "так", signer_sha256="0" * 64)
    assert not TrustListVersion.objects.exists()

    assert "Підпис списку дійсний" in load(signed, "так", signer_sha256=signer)
    assert TrustListVersion.objects.get().signer_sha256 == signer
    assert "Прийнято" in load(sign_classic(newer(authority), rsa_publisher), "так")


@pytest.mark.django_db(transaction=True)
def test_a_changed_signer_is_asked_about_by_itself(
    load: Callable[..., str], signed: bytes, rsa_publisher: Publisher, authority: Authority
) -> None:
    load(signed, "так", signer_sha256=certificate_of(rsa_publisher).fingerprint)
    other = publisher(ec.generate_private_key(ec.SECP256R1()), NOW)
    data = sign_classic(newer(authority), other, scheme="ECDSA_SHA256")

    with pytest.raises(CommandError, match="Nothing was accepted"):
        load(data, "ні")
    assert TrustListVersion.objects.count() == 1
    candidate = trustlists.read_list(data)
    current = selector.trust_at(NOW)
    with pytest.raises(CommandError, match="signer changed"):
        load(data, accept=trustlists.compare(candidate, current).digest)
    shown = load(data, "так", "так")
    assert "підписав інший сертифікат" in shown
    assert selector.last_signed().signer_sha256 == certificate_of(other).fingerprint  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_an_old_edition_in_place_of_a_new_one_is_told(
    load: Callable[..., str], signed: bytes, rsa_publisher: Publisher, authority: Authority
) -> None:
    signer = certificate_of(rsa_publisher).fingerprint
    load(sign_classic(newer(authority), rsa_publisher), "так", signer_sha256=signer)

    old = trusted_list(
        service_of("CA/QC", "granted", authority.issuer), until="2026-11-10T00:00:00Z"
    )
    shown = load(sign_classic(old, rsa_publisher), "так")
    assert "старіше за прийняте раніше" in shown
    assert "строк дії цього видання минув" in shown


@pytest.mark.django_db(transaction=True)
def test_the_service_itself_takes_no_list_of_another_signer(
    signed: bytes, authority: Authority, olena: tuple[object, Certificate]
) -> None:
    candidate = trustlists.read_list(signed)
    with pytest.raises(TrustListRejected, match="видавцем"):
        service.accept_list(
            actor=actors.system("test"),
            candidate=candidate,
            source="x",
            accepted_by="tester",
            accepted_difference=trustlists.compare(candidate, TrustStore()).digest,
            accepted_signer=olena[1].fingerprint,
            now=NOW,
        )
