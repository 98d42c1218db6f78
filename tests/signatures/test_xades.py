"""XAdES: what holds, what does not, and what has served attacks on XML signatures."""

import base64
import datetime
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import signxml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import call_command
from lxml import etree
from signxml import xades as signxml_xades

from signatures import inspection, kept, oids, work, xmldsig
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, build_crl, build_token
from signatures.portal import answer
from signatures.result import Overall, Reason, SignerResult, Status, VerificationResult
from signatures.revocation import parse_crl
from signatures.trust import TrustStore
from tests.signatures import xml_documents as make
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.test_asic import zipped
from tests.signatures.xml_documents import DOCUMENT, DS, XADES, Key, Reference

HOUR = datetime.timedelta(hours=1)
FILES = {"order.pdf": b"%PDF order", "pupils.csv": b"name;class\n"}


@pytest.fixture(scope="module")
def tsa(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "TSA")], at=NOW, extended_key_usage=(oids.EKU_TIME_STAMPING,)
    )


@pytest.fixture(scope="module")
def trust(authority: Authority, tsa: Key) -> TrustStore:
    return authority.trust(NOW).with_more([tsa[1]])


@pytest.fixture(scope="module")
def classics(authority: Authority) -> dict[str, Key]:
    return {
        "RSA": make.classic(authority, rsa.generate_private_key(65537, 2048)),
        "ECDSA": make.classic(authority, ec.generate_private_key(ec.SECP256R1())),
    }


def look(data: bytes, trust: TrustStore, content: bytes | None = None) -> VerificationResult:
    return inspection.verify_file(data, content, at=NOW, trust=trust)


def one(data: bytes, trust: TrustStore, content: bytes | None = None) -> SignerResult:
    (signer,) = look(data, trust, content).signers
    return signer


# ── what holds ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("canonical", [make.EXC_C14N, make.C14N])
@pytest.mark.parametrize("uri", ["", "#doc"])
def test_a_document_signed_inside_itself_holds(
    olena: Key, trust: TrustStore, canonical: str, uri: str
) -> None:
    result = look(make.enveloped(olena, uri=uri, canonical=canonical), trust)

    assert (result.kind, result.overall, result.reason) == ("xml", Overall.VALID, None)
    (signer,) = result.signers
    assert (signer.family, signer.level, signer.ess) == ("XAdES", "BES", Status.VALID)
    assert (signer.algorithm, signer.signing_time) == ("ДСТУ 4145 з ГОСТ 34.311", NOW)
    assert signer.certificate is not None
    assert signer.certificate.rnokpp == "7146711424"
    assert answer.explain(result).title == "Підпис дійсний"


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
def test_classic_keys_hold(classics: dict[str, Key], trust: TrustStore, kind: str) -> None:
    key = classics[kind]

    assert look(make.enveloped(key), trust).valid
    assert look(make.enveloping(key), trust).valid
    assert look(make.detached(key, {"a.pdf": b"x"}), trust, b"x").valid


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
def test_what_another_library_signs_holds(
    classics: dict[str, Key], trust: TrustStore, kind: str
) -> None:
    key, certificate = classics[kind]
    signer = signxml_xades.XAdESSigner(
        method=signxml.methods.enveloped,
        signature_algorithm=signxml.SignatureMethod(key.scheme),
        digest_algorithm="sha256",
        c14n_algorithm=signxml.CanonicalizationMethod(make.C14N),
    )
    made = signer.sign(
        etree.fromstring(DOCUMENT), key=key.key,
        cert=[x509.load_der_x509_certificate(certificate.der)],
    )  # fmt: skip
    data = etree.tostring(made, encoding="UTF-8")

    result = look(data, trust)

    assert (result.overall, result.signers[0].level) == (Overall.VALID, "BES")
    assert look(data.replace("Зарахувати".encode(), "Відрахувати".encode()), trust).reason is (
        Reason.HASH_FAILURE
    )


def test_kupyna_and_hashes_of_ukraine_hold(authority: Authority, trust: TrustStore) -> None:
    kupyna = issue_olena(authority, key=SigningKey.generate(257, oids.KUPYNA256))
    scheme = f"{make.MORE}dstu4145-dstu7564-256"
    named = f"urn:oid:{oids.DSTU4145_KUPYNA256}"

    for spelt in (scheme, named):
        made = make.enveloped(kupyna, scheme=spelt, data_digest=make.KUPYNA, digest=make.GOST)
        assert look(made, trust).valid


def test_a_file_inside_the_signature_holds_and_is_the_file_beside(
    olena: Key, trust: TrustStore
) -> None:
    made = make.enveloping(olena, b"%PDF")

    assert look(made, trust).valid
    assert look(made, trust, b"%PDF").valid
    assert look(made, trust, b"other").reason is Reason.HASH_FAILURE


def test_a_file_elsewhere_is_the_one_that_came_along(olena: Key, trust: TrustStore) -> None:
    made = make.detached(olena, {"http://example.org/order.pdf": b"%PDF"})

    assert look(made, trust, b"%PDF").valid
    assert look(made, trust, b"other").reason is Reason.HASH_FAILURE
    alone = look(made, trust)
    assert (alone.overall, alone.reason) == (Overall.INDETERMINATE, Reason.SIGNED_DATA_NOT_FOUND)
    both = inspection.verify_files([("order.pdf", b"%PDF"), ("s.xml", made)], at=NOW, trust=trust)
    assert (both.valid, both.covered) == (True, ("order.pdf",))


def test_a_canonical_file_elsewhere_holds_however_it_is_written(
    olena: Key, trust: TrustStore
) -> None:
    reference = Reference("order.xml", make.c14n(etree.fromstring(DOCUMENT)), [make.EXC_C14N])
    made = etree.tostring(make.signature(olena, [reference]))

    assert look(made, trust, DOCUMENT.replace(b" n='1'", b'  n="1"')).valid
    assert not look(made, trust, DOCUMENT.replace(b"'1'", b"'2'")).valid


@pytest.mark.parametrize("form", [make.enveloped, make.enveloping])
def test_a_time_stamp_proves_the_time(
    olena: Key, tsa: Key, trust: TrustStore, form: Callable[..., bytes]
) -> None:
    signer = one(form(olena, stamp=tsa, stamped_at=NOW - HOUR), trust)

    assert (signer.overall, signer.level) == (Overall.VALID, "T")
    assert (signer.timestamp, signer.proven_time) == (Status.VALID, NOW - HOUR)


def test_a_time_stamp_of_the_content_holds(olena: Key, tsa: Key, trust: TrustStore) -> None:
    def stamped(covered: bytes) -> bytes:
        token = build_token(covered, key=tsa[0], certificate=tsa[1], at=NOW - HOUR)
        text = (
            "<xades:SignedDataObjectProperties><xades:AllDataObjectsTimeStamp>"
            f"<xades:EncapsulatedTimeStamp>{base64.b64encode(token).decode()}"
            "</xades:EncapsulatedTimeStamp></xades:AllDataObjectsTimeStamp>"
            "</xades:SignedDataObjectProperties>"
        )
        return make.enveloping(olena, b"%PDF", more_data=text)

    (stamp,) = one(stamped(b"%PDF"), trust).timestamps
    assert (stamp.kind, stamp.status) == ("content", Status.VALID)
    assert look(stamped(b"other"), trust).reason is Reason.HASH_FAILURE


def test_kept_evidence_makes_it_long_lived(authority: Authority, olena: Key, tsa: Key) -> None:
    crl = build_crl(
        issuer=authority.issuer, key=authority.issuer_key, number=1,
        this_update=NOW + HOUR, next_update=NOW + 2 * HOUR,
    )  # fmt: skip
    certificates = "".join(
        f"<xades:EncapsulatedX509Certificate>{base64.b64encode(one.der).decode()}"
        "</xades:EncapsulatedX509Certificate>"
        for one in (tsa[1],)
    )
    values = (
        f"<xades:CertificateValues>{certificates}</xades:CertificateValues>"
        "<xades:RevocationValues><xades:CRLValues><xades:EncapsulatedCRLValue>"
        f"{base64.b64encode(crl).decode()}</xades:EncapsulatedCRLValue></xades:CRLValues>"
        "</xades:RevocationValues>"
    )
    made = make.enveloped(olena, stamp=tsa, unsigned=values)

    trust = TrustStore((authority.root,), (authority.issuer,))
    result = inspection.verify_file(made, at=NOW + 3 * HOUR, trust=trust)

    assert (result.valid, result.confirmed, result.signers[0].level) == (True, True, "LT")


def test_parallel_signatures_are_each_judged(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    second = issue_olena(authority, rnokpp="7146712113")
    first = make.enveloping(olena)
    other = make.enveloping(second, b"x", name="sig2")
    spoilt = first.replace(b"JVBERg", b"KVBERg")

    both = look(make.in_container(make.detached(olena, {"a": b"1"}), other), trust, b"1")

    assert [signer.overall for signer in both.signers] == [Overall.VALID, Overall.VALID]
    mixed = look(make.in_container(spoilt, other), trust)
    assert (mixed.overall, mixed.signers[1].overall) == (Overall.INVALID, Overall.VALID)


def test_a_signature_of_a_signature_is_judged(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    head = issue_olena(authority, rnokpp="7146712113")
    root = etree.fromstring(make.enveloped(olena, value_id="value"))
    value = root.find(f".//{{{DS}}}SignatureValue")
    over = make.signature(head, [Reference("#value", make.c14n(value), [make.EXC_C14N])], name="c")
    holder = root.find(f".//{{{XADES}}}QualifyingProperties")
    unsigned = etree.SubElement(holder, f"{{{XADES}}}UnsignedProperties")
    for name in ("UnsignedSignatureProperties", "CounterSignature"):
        unsigned = etree.SubElement(unsigned, f"{{{XADES}}}{name}")
    unsigned.append(over)

    result = look(etree.tostring(root), trust)

    assert [signer.overall for signer in result.signers] == [Overall.VALID, Overall.VALID]
    assert "a countersignature" in result.signers[1].notes


# ── in a container ───────────────────────────────────────────────────────────
def asice(*signatures: bytes, files: dict[str, bytes] = FILES) -> bytes:
    return zipped(
        {"mimetype": b"application/vnd.etsi.asic-e+zip", **files}
        | {f"META-INF/signatures{n}.xml": make.in_container(s) for n, s in enumerate(signatures)}
    )


def test_a_container_with_xml_signatures_says_what_is_covered(
    olena: Key, tsa: Key, trust: TrustStore
) -> None:
    named = {"%D0%9D%D0%B0%D0%BA%D0%B0%D0%B7%201.pdf": b"%PDF"}
    result = look(
        asice(make.detached(olena, named, stamp=tsa), files={"Наказ 1.pdf": b"%PDF"}), trust
    )

    assert (result.kind, result.overall, result.reason) == ("asic-e", Overall.VALID, None)
    assert (result.covered, result.uncovered) == (("Наказ 1.pdf",), ())
    assert result.signers[0].level == "T"


def test_what_a_container_adds_takes_or_changes_is_told(olena: Key, trust: TrustStore) -> None:
    made = make.detached(olena, FILES)

    added = look(asice(made, files=FILES | {"evil.pdf": b"x"}), trust)
    assert (added.valid, added.uncovered) == (True, ("evil.pdf",))
    assert answer.explain(added).kind == "heed"
    gone = look(asice(made, files={"order.pdf": FILES["order.pdf"]}), trust)
    assert (gone.overall, gone.missing) == (Overall.INVALID, ("pupils.csv",))
    changed = look(asice(made, files=FILES | {"pupils.csv": b"x"}), trust)
    assert (changed.reason, changed.covered) == (Reason.HASH_FAILURE, ())
    nothing = look(asice(make.enveloping(olena)), trust)
    assert (nothing.overall, nothing.covered) == (Overall.INDETERMINATE, ())


def test_a_container_may_mix_both_kinds(olena: Key, trust: TrustStore) -> None:
    from signatures import asic
    from signatures.demo.signing import sign_cms

    manifest = asic.build_manifest(FILES)
    both = zipped(
        FILES
        | {
            "META-INF/ASiCManifest001.xml": manifest,
            "META-INF/signature001.p7s": sign_cms(manifest, *olena),
            "META-INF/signatures.xml": make.in_container(make.detached(olena, FILES)),
        }
    )

    result = look(both, trust)

    assert [signer.family for signer in result.signers] == ["CAdES", "XAdES"]
    assert result.valid


# ── what does not hold ───────────────────────────────────────────────────────
def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    root = etree.fromstring(data)
    change(root)
    return etree.tostring(root)


def text_of(path: str, text: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        root.find(path, {"ds": DS, "x": XADES}).text = text

    return change


def attribute_of(path: str, name: str, value: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        root.find(path, {"ds": DS, "x": XADES}).set(name, value)

    return change


def taken_out(path: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        node = root.find(path, {"ds": DS, "x": XADES})
        node.getparent().remove(node)

    return change


def doubled(path: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        node = root.find(path, {"ds": DS, "x": XADES})
        node.addnext(etree.fromstring(etree.tostring(node, with_tail=False)))

    return change


def commented(path: str) -> Callable[[Any], None]:
    """What a reader of `.text` would not see."""

    def change(root: Any) -> None:
        node = root.find(path, {"ds": DS, "x": XADES})
        comment = etree.Comment("x")
        comment.tail, node.text = node.text[8:], node.text[:8]
        node.append(comment)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (text_of("{urn:order}row", "Відрахувати"), Reason.HASH_FAILURE),
        (text_of(".//x:SigningTime", "2020-01-01T00:00:00Z"), Reason.HASH_FAILURE),
        (text_of(".//ds:DigestValue", "AAAA"), Reason.HASH_FAILURE),
        (text_of(".//ds:SignatureValue", "AAAA"), Reason.SIG_CRYPTO_FAILURE),
        (text_of(".//ds:SignatureValue", "?"), Reason.FORMAT_FAILURE),
        (attribute_of(".//ds:Signature", "Id", "other"), Reason.FORMAT_FAILURE),
        (attribute_of(".//ds:Reference", "URI", "#nothing"), Reason.FORMAT_FAILURE),
        (taken_out(".//ds:SignatureValue"), Reason.FORMAT_FAILURE),
        (taken_out(".//ds:SignedInfo"), Reason.FORMAT_FAILURE),
        (doubled(".//ds:SignatureValue"), Reason.FORMAT_FAILURE),
        (commented(".//ds:DigestValue"), Reason.FORMAT_FAILURE),
        (commented(".//ds:SignatureValue"), Reason.FORMAT_FAILURE),
    ],
)
def test_a_spoilt_signature_does_not_hold(
    olena: Key, trust: TrustStore, change: Callable[[Any], None], reason: Reason
) -> None:
    result = look(edited(make.enveloped(olena), change), trust)

    assert (result.overall, result.reason) == (Overall.INVALID, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (taken_out(".//ds:KeyInfo"), Reason.NO_SIGNING_CERTIFICATE_FOUND),
        (attribute_of(".//ds:SignatureMethod", "Algorithm", f"{DS}hmac-sha1"),
         Reason.CRYPTO_CONSTRAINTS_FAILURE),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_undecided(
    olena: Key, trust: TrustStore, change: Callable[[Any], None], reason: Reason
) -> None:
    result = look(edited(make.enveloped(olena), change), trust)

    assert (result.overall, result.reason) == (Overall.INDETERMINATE, reason)


def test_another_certificate_of_the_same_key_is_not_the_one_named(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    other = issue_olena(authority, key=olena[0], rnokpp="7146712113")
    swapped = edited(
        make.enveloped(olena),
        text_of(".//ds:X509Certificate", base64.b64encode(other[1].der).decode()),
    )

    signer = one(swapped, trust)

    assert (signer.overall, signer.ess) == (Overall.INDETERMINATE, Status.INVALID)
    assert signer.reason is Reason.NO_SIGNING_CERTIFICATE_FOUND


def test_a_time_stamp_of_something_else_does_not_hold(
    olena: Key, tsa: Key, trust: TrustStore
) -> None:
    token = build_token(b"other", key=tsa[0], certificate=tsa[1], at=NOW)
    text = base64.b64encode(token).decode()

    spoilt = edited(make.enveloped(olena, stamp=tsa), text_of(".//x:EncapsulatedTimeStamp", text))

    assert look(spoilt, trust).reason is Reason.HASH_FAILURE


@pytest.mark.parametrize(
    ("stamp", "told"),
    [
        ("<xades:ArchiveTimeStamp/>", "ArchiveTimeStamp of XAdES is not read"),
        ("<xades:SigAndRefsTimeStamp/>", "SigAndRefsTimeStamp of XAdES is not read"),
        ("<xades:RefsOnlyTimeStamp/>", "RefsOnlyTimeStamp of XAdES is not read"),
        (
            '<xades:SignatureTimeStamp><xades:Include URI="#x"/><xades:EncapsulatedTimeStamp>AA=='
            "</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
            "a SignatureTimeStamp of this form is not read",
        ),
        (
            "<xades:SignatureTimeStamp><xades:XMLTimeStamp/></xades:SignatureTimeStamp>",
            "a SignatureTimeStamp of this form is not read",
        ),
    ],
)
def test_a_time_stamp_of_another_form_is_told_and_proves_nothing(
    olena: Key, trust: TrustStore, stamp: str, told: str
) -> None:
    """The forms of ETSI TS 101 903 1.3.2 whose cover is not ours to say (7.1.4, 7.5, 7.7)."""
    signer = one(make.enveloped(olena, unsigned=stamp), trust)

    assert (signer.overall, signer.level) == (Overall.VALID, "BES")
    assert (signer.proven_time, signer.timestamps) == (None, ())
    assert told in signer.notes


def test_plain_xml_signatures_name_no_certificate(olena: Key, trust: TrustStore) -> None:
    signer = one(make.enveloped(olena, plain=True), trust)

    assert (signer.level, signer.ess, signer.overall) == ("XMLDSIG", Status.ABSENT, Overall.VALID)


def test_a_document_that_only_speaks_of_signatures_is_none(trust: TrustStore) -> None:
    result = look(b"<note>SignatureValue</note>", trust)

    assert (result.overall, result.detail) == (Overall.MALFORMED, "no signature inside")


def test_a_signature_of_more_things_than_are_read_is_refused(
    olena: Key, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.xades.MAX_REFERENCES", 1)  # the document and its properties

    assert one(make.enveloped(olena), trust).reason is Reason.FORMAT_FAILURE


def test_broken_hashes_prove_nothing(olena: Key, trust: TrustStore) -> None:
    result = look(make.enveloped(olena, data_digest=f"{DS}sha1"), trust)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.CRYPTO_CONSTRAINTS_FAILURE,
    )


def test_a_revoked_or_strange_signer_is_told(olena: Key, trust: TrustStore) -> None:
    authority = Authority.in_memory()
    stranger = issue_olena(authority)
    made = make.enveloped(stranger)
    assert look(made, trust).reason is Reason.NO_CERTIFICATE_CHAIN_FOUND

    authority.revoke(stranger[1], NOW - HOUR)
    assert look(made, authority.trust(NOW)).signers[0].revocation is Status.INVALID


# ── attacks ──────────────────────────────────────────────────────────────────
def test_a_wrapped_document_is_not_the_signed_one(olena: Key, trust: TrustStore) -> None:
    """The signed document is moved aside, and another stands where a program looks."""
    signed = etree.fromstring(make.enveloped(olena, uri="#doc"))
    evil = etree.fromstring(DOCUMENT.replace("Зарахувати".encode(), "Відрахувати".encode()))
    evil.set("Id", "evil")
    evil.append(signed)

    result = look(etree.tostring(evil), trust)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.SIG_CONSTRAINTS_FAILURE,
    )


def test_two_elements_of_one_identifier_are_refused(olena: Key, trust: TrustStore) -> None:
    signed = etree.fromstring(make.enveloped(olena, uri="#doc"))
    signed.append(etree.fromstring("<evil xmlns='urn:order' ID='doc'/>"))

    assert look(etree.tostring(signed), trust).overall is Overall.MALFORMED


def test_a_part_beside_what_is_signed_is_told(olena: Key, trust: TrustStore) -> None:
    def beside(*parts: str) -> bytes:
        root = etree.fromstring(f"<all>{''.join(parts)}</all>")
        part = root[0]
        made = [Reference("#part", make.c14n(part), [make.EXC_C14N])]
        make.signature(olena, made, into=root)
        return etree.tostring(root)

    assert look(beside("<a Id='part'>1</a>"), trust).valid
    for more in ("<b>evil</b>", "words"):
        result = look(beside("<a Id='part'>1</a>", more), trust)
        assert result.reason is Reason.SIG_CONSTRAINTS_FAILURE
        assert result.signers[0].crypto is Status.VALID


def test_what_is_hidden_inside_the_signature_is_not_signed(olena: Key, trust: TrustStore) -> None:
    result = look(make.enveloped(olena, objects="<ds:Object><evil/></ds:Object>"), trust)
    assert result.reason is Reason.SIG_CONSTRAINTS_FAILURE

    strange = edited(make.enveloping(olena), lambda root: etree.SubElement(root, "evil"))
    assert look(strange, trust).reason is Reason.FORMAT_FAILURE


def test_signed_properties_elsewhere_are_none(olena: Key, trust: TrustStore) -> None:
    """Others' properties are put where a program looks; the signed ones stand in another object."""

    def swap(root: Any) -> None:
        holder = root.find(f".//{{{XADES}}}QualifyingProperties")
        signature = root.find(f".//{{{DS}}}Signature")
        aside = etree.SubElement(signature, f"{{{DS}}}Object")
        aside.append(etree.fromstring(etree.tostring(holder[0])))
        holder[0].set("Id", "evil")
        holder.find(f".//{{{XADES}}}SigningTime").text = "2020-01-01T00:00:00Z"

    result = look(edited(make.enveloped(olena), swap), trust)

    assert not result.valid
    assert result.signers[0].signing_time is None


def test_properties_that_nothing_signs_are_none(olena: Key, trust: TrustStore) -> None:
    signer = one(make.enveloped(olena, sign_properties=False), trust)

    assert (signer.overall, signer.level) == (Overall.INDETERMINATE, "XMLDSIG")
    assert (signer.signing_time, signer.ess) == (None, Status.ABSENT)


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
FILTER = "http://www.w3.org/2002/06/xmldsig-filter2"


@pytest.mark.parametrize(
    "transforms",
    [[XPATH], [XSLT], [FILTER], [make.ENVELOPED, XPATH], [make.EXC_C14N], [],
     [make.ENVELOPED, make.EXC_C14N, make.EXC_C14N]],
)  # fmt: skip
def test_other_transforms_are_not_taken(
    olena: Key, trust: TrustStore, transforms: list[str]
) -> None:
    signer = one(make.enveloped(olena, transforms=transforms), trust)

    assert (signer.overall, signer.reason) == (
        Overall.INDETERMINATE,
        Reason.SIG_CONSTRAINTS_FAILURE,
    )
    assert signer.digest is Status.INDETERMINATE


def test_a_list_of_references_is_not_followed(olena: Key, trust: TrustStore) -> None:
    root = etree.fromstring("<a Id='list'/>")
    kind = f"{DS}Manifest"
    make.signature(olena, [Reference("#list", make.c14n(root), kind=kind)], into=root)

    assert not look(etree.tostring(root), trust).valid


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE a [<!ENTITY x 'xx'><!ENTITY y '&x;&x;'>]>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'>",
    ],
)
def test_document_types_are_refused(olena: Key, trust: TrustStore, head: str) -> None:
    body = make.enveloped(olena).partition(b"?>")[2]

    result = look(head.encode() + body, trust)

    assert (result.overall, result.kind) == (Overall.MALFORMED, "xml")


def test_nothing_outside_is_fetched(
    olena: Key, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    for uri in ("http://127.0.0.1:1/x", "file:///etc/hostname", "//127.0.0.1/x", "../x", None):
        made = etree.tostring(make.signature(olena, [Reference(uri, b"x")]))
        assert look(made, trust).reason is Reason.SIGNED_DATA_NOT_FOUND


def nest(text: str, times: int, end: str) -> bytes:
    return (text * times + end * times).encode()


@pytest.mark.parametrize(
    "body",
    [
        nest("<a>", 100_000, "</a>"),
        b"<a>" + b"<b/>" * 400_000 + b"</a>",
        b"<a " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"/>",
        b"<a " + b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(50_000)) + b"/>",
        b"<a>" + b"<s:Signature xmlns:s='%s'/>" % DS.encode() * 3_000 + b"</a>",
        b"<" + b"a" * 20_000_000,
    ],
    ids=["deep", "wide", "attributes", "prefixes", "signatures", "large"],
)
def test_a_document_made_to_exhaust_is_refused_soon(trust: TrustStore, body: bytes) -> None:
    assert look(body, trust).overall is Overall.MALFORMED


def test_many_signatures_over_a_large_document_meet_the_budget(
    olena: Key, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounds of parts multiply: signatures, their references, the document made canonical each."""
    monkeypatch.setattr(work, "MAX_HASHED", 16 * 1024 * 1024)
    root = etree.fromstring(b"<a>" + b"<b>words</b>" * 10_000 + b"</a>")
    made = make.signature(olena, [Reference("", b"x", [make.ENVELOPED])] * 16, plain=True)
    for number in range(10):
        copy = etree.fromstring(etree.tostring(made))
        copy.set("Id", f"s{number}")
        root.append(copy)

    result = look(etree.tostring(root), trust)

    assert (result.overall, result.detail) == (Overall.MALFORMED, "too much work: bytes")
    first = etree.fromstring(etree.tostring(root))
    for other in first.findall(f"{{{DS}}}Signature")[1:]:
        first.remove(other)
    assert look(etree.tostring(first), trust).reason is Reason.HASH_FAILURE


def test_inherited_attributes_of_xml_count_in_inclusive_canonical_form() -> None:
    """W3C C14N 1.0 2.4, and 1.1 where xml:id stays behind."""
    root = etree.fromstring(
        '<a xml:lang="uk" xml:id="x" xmlns="urn:a"><b xml:space="default"/></a>'
    )
    (node,) = root

    assert xmldsig.canonical(node, node, [xmldsig.DEFAULT_CANONICAL]) == (
        b'<b xmlns="urn:a" xml:id="x" xml:lang="uk" xml:space="default"></b>'
    )
    assert xmldsig.canonical(node, node, ["http://www.w3.org/2006/12/xml-c14n11"]) == (
        b'<b xmlns="urn:a" xml:lang="uk" xml:space="default"></b>'
    )
    assert dict(node.attrib) == {f"{xmldsig.XML_SPACE}space": "default"}


def test_what_has_no_canonical_form_is_told(olena: Key, trust: TrustStore) -> None:
    """A namespace named by a relative address: the fuzz found that the page fell over it."""
    made = make.enveloped(olena, DOCUMENT).replace(b"urn:order", b"order")

    result = look(made, trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.FORMAT_FAILURE)


def test_an_archive_time_stamp_covers_all_that_stands_before_it(
    authority: Authority, olena: Key, tsa: Key, trust: TrustStore
) -> None:
    one = kept.of(make.enveloping(olena, b"%PDF", stamp=tsa)).widened([authority.issuer.der], [])
    covered, _ = one.to_archive(b"%PDF", oids.SHA256)
    token = build_token(covered, key=tsa[0], certificate=tsa[1], at=NOW, hash_oid=oids.SHA256)
    whole = one.archived(token)
    later = whole.widened([tsa[1].der], [])

    for held in (whole, later):  # what is added behind it is not covered, and changes nothing
        (signer,) = look(held.raw, trust, b"%PDF").signers
        assert (signer.overall, signer.level) == (Overall.VALID, "LTA")
        assert [stamp.status for stamp in signer.timestamps] == [Status.VALID] * 2
    before = base64.b64encode(authority.issuer.der)
    assert before in whole.raw
    for spoilt in (
        whole.raw.replace(before, base64.b64encode(authority.root.der)),
        whole.raw.replace(b"</ds:KeyInfo>", b"<!-- --> </ds:KeyInfo>"),
        kept.of(make.enveloping(olena, b"%PDF")).archived(token).raw,
    ):
        assert look(spoilt, trust, b"%PDF").reason is Reason.HASH_FAILURE


def test_an_archive_time_stamp_saves_an_earlier_one_whose_key_was_stolen_later(
    authority: Authority, olena: Key, tsa: Key
) -> None:
    second = authority.issue(
        [(oids.COMMON_NAME, "TSA 2")], at=NOW, extended_key_usage=(oids.EKU_TIME_STAMPING,)
    )
    stolen = build_crl(
        issuer=authority.issuer, key=authority.issuer_key, number=9,
        this_update=NOW + 3 * HOUR, next_update=NOW + 9 * HOUR,
        revoked=[(tsa[1].serial, NOW + 2 * HOUR, 1)],
    )  # fmt: skip
    trust = TrustStore(
        (authority.root,), (authority.issuer, tsa[1], second[1]), (parse_crl(stolen),)
    )
    one = kept.of(make.detached(olena, {"a": b"a"}, stamp=tsa))
    covered, _ = one.to_archive(b"a", oids.SHA256)

    def judged(at: datetime.datetime) -> Status:
        token = build_token(covered, key=second[0], certificate=second[1], at=at)
        (signer,) = inspection.verify_file(
            one.archived(token).raw, b"a", at=NOW + 4 * HOUR, trust=trust
        ).signers
        return signer.timestamps[0].status

    assert judged(NOW + HOUR) is Status.VALID
    assert judged(NOW + 3 * HOUR) is not Status.VALID


def test_what_cannot_be_archived_is_refused(olena: Key) -> None:
    made = kept.of(make.enveloping(olena, b"%PDF"))
    with pytest.raises(xmldsig.BadSignature):
        made.to_archive(b"other", oids.SHA256)
    strange = make.enveloping(olena, b"%PDF", canonical=make.C14N).replace(
        make.C14N.encode() + b'"/></ds:Transforms>', b'urn:other"/></ds:Transforms>'
    )
    with pytest.raises(xmldsig.BadSignature):
        kept.of(strange).to_archive(b"%PDF", oids.SHA256)


# ── for people and programs ──────────────────────────────────────────────────
def test_the_answer_names_the_level_of_its_kind(olena: Key, tsa: Key, trust: TrustStore) -> None:
    (shown,) = answer.explain(look(make.enveloped(olena, stamp=tsa), trust)).signers

    assert ("Рівень", "З позначкою часу (XAdES-T)") in shown.facts


def test_the_command_verifies_xml(
    authority: Authority, olena: Key, tmp_path: Any, certificate_files: Callable[..., list[str]]
) -> None:
    (tmp_path / "order.xml").write_bytes(make.enveloped(olena))
    printed = io.StringIO()

    call_command(
        "verify_signature", str(tmp_path / "order.xml"), "--json", "--at", NOW.isoformat(),
        "--trust", *certificate_files(authority.root), "--extra-certs",
        *certificate_files(authority.issuer), stdout=printed,
    )  # fmt: skip

    said = json.loads(printed.getvalue())
    assert (said["overall"], said["kind"]) == ("VALID", "xml")
    assert (said["signers"][0]["family"], said["signers"][0]["level"]) == ("XAdES", "BES")


@pytest.fixture
def certificate_files(tmp_path: Any) -> Callable[..., list[str]]:
    def write(*certificates: Certificate) -> list[str]:
        paths = [tmp_path / f"{one.fingerprint}.cer" for one in certificates]
        for path, certificate in zip(paths, certificates, strict=True):
            path.write_bytes(certificate.der)
        return [str(path) for path in paths]

    return write
