"""W3C XML-DSig: reading, canonical bytes, algorithm names; and the signature of a trusted list.

XML is read narrowly, because every freedom of it has served an attack: no DTD, no two elements of
one identifier, bounded nodes, attributes and prefixes. ДСТУ has no URIs of the W3C: those of Diia's
containers and the Ukrainian implementations are taken, listed below.

`verify_enveloped` is the profile of trusted lists: one signature, child of the root; it covers the
whole document (and its own signed properties, nothing else); only the enveloped transform and
canonicalisation. What is signed is given back as its canonical bytes: read those and never the
file, and there is nothing to wrap. Signatures of documents are judged by `signatures.xades`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, utils
from lxml import etree

from signatures import certificates, der, keys, oids
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.keys import SignatureAlgorithm

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
# Canonicalisation → whether exclusive. 1.1 differs from 1.0 in inherited xml: attributes only;
# see `_inherited`.
CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": True,
}
DEFAULT_CANONICAL = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DIGESTS = {
    "http://www.w3.org/2000/09/xmldsig#sha1": oids.SHA1,
    "http://www.w3.org/2001/04/xmlenc#sha256": oids.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": oids.SHA384,
    "http://www.w3.org/2001/04/xmlenc#sha512": oids.SHA512,
    "http://www.w3.org/2001/04/xmlenc#gost34311": oids.GOST34311,
    "http://www.w3.org/2001/04/xmlenc#dstu7564-256": oids.KUPYNA256,
    "http://www.w3.org/2001/04/xmlenc#dstu7564-384": oids.KUPYNA384,
    "http://www.w3.org/2001/04/xmlenc#dstu7564-512": oids.KUPYNA512,
}
_CLASSIC_HASHES = {"sha256": oids.SHA256, "sha384": oids.SHA384, "sha512": oids.SHA512}
_RSA = {"sha1": "5", "sha256": "11", "sha384": "12", "sha512": "13"}
_ECDSA = {"sha1": "1", "sha256": "3.2", "sha384": "3.3", "sha512": "3.4"}
_DSTU = {
    "dstu4145": (oids.DSTU4145_GOST, oids.GOST34311),
    "dstu4145-gost34311": (oids.DSTU4145_GOST, oids.GOST34311),
    "dstu4145-dstu7564-256": (oids.DSTU4145_KUPYNA256, oids.KUPYNA256),
    "dstu4145-dstu7564-384": (oids.DSTU4145_KUPYNA384, oids.KUPYNA384),
    "dstu4145-dstu7564-512": (oids.DSTU4145_KUPYNA512, oids.KUPYNA512),
}
SIGNATURES: dict[str, SignatureAlgorithm] = (
    {
        f"{_MORE}rsa-{n}": SignatureAlgorithm(f"1.2.840.113549.1.1.{_RSA[n]}", h)
        for n, h in _CLASSIC_HASHES.items()
    }
    | {
        f"http://www.w3.org/2007/05/xmldsig-more#{n}-rsa-MGF1": SignatureAlgorithm(
            oids.RSA_PSS, h, hashes.SIZES[h]
        )
        for n, h in _CLASSIC_HASHES.items()
    }
    | {
        f"{_MORE}ecdsa-{n}": SignatureAlgorithm(f"1.2.840.10045.4.{_ECDSA[n]}", h)
        for n, h in _CLASSIC_HASHES.items()
    }
    | {f"{_MORE}{n}": SignatureAlgorithm(oid, h) for n, (oid, h) in _DSTU.items()}
    | {f"urn:oid:{oid}": SignatureAlgorithm(oid, h) for oid, h in set(_DSTU.values())}
)
# Known, so that an old document is told why it proves nothing any more.
BROKEN_SIGNATURES = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": SignatureAlgorithm(oids.RSA, oids.SHA1),
    f"{_MORE}ecdsa-sha1": SignatureAlgorithm("1.2.840.10045.4.1", oids.SHA1),
}
# What an element may cost canonicalisation grows with its attributes and the prefixes in scope.
MAX_NODES = 2_000_000
MAX_ATTRIBUTES = 128
MAX_PREFIXES = 64
_PREFIX = re.compile(rb"xmlns(?::[^\s=]+)?\s*=")
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}"
MAX_CERTIFICATES = 16
MAX_REFERENCES = 4


class BadSignature(ValueError):
    """Not signed within the profile, or not by the key of its certificate."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, without the signature (canonical bytes), and by whose key."""

    content: bytes
    signer: Certificate


def digest_oid(uri: str) -> str | None:
    """The hash that a digest method URI means, or None."""
    if uri.lower().startswith("urn:oid:"):
        oid = uri[8:]
        return oid if oid in hashes.SIZES else None
    # the second spelling of GOST is met beside the first
    return DIGESTS.get(uri) or (oids.GOST34311 if uri == f"{_MORE}gost34311" else None)


def verify_enveloped(data: bytes) -> Signed:
    """Verify the one signature of a document over itself. Whether the signer is to be believed is
    for the caller.

    Raises:
        BadSignature: anything else than a whole, good signature.
    """
    document = parse(data)
    root = document.root
    signature = _only_signature(root)
    info = only(signature, "SignedInfo")
    references = info.findall(f"{DS}Reference")[: MAX_REFERENCES + 1]
    if len(references) > MAX_REFERENCES:
        raise BadSignature("too many references")
    documents = [one for one in references if _is_document(one, document, signature)]
    if len(documents) != 1:
        raise BadSignature("the signature does not cover the document once")
    content = _check_document(documents[0], root, signature)
    signer = _signer(signature, info)
    _check_named(signature, signer)
    return Signed(content, signer)


# ── the document ─────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Document:
    """A document read within the bounds above, and its elements by their identifiers."""

    root: etree._Element
    ids: dict[str, etree._Element] = field(repr=False)


def parse(data: bytes, *, nodes: int = MAX_NODES) -> Document:
    """Read XML that a stranger made.

    Raises:
        BadSignature: broken, or something in it that has served attacks.
    """
    if b"\0" in data[:4] or len(set(_PREFIX.findall(data))) > MAX_PREFIXES:
        raise BadSignature("an alphabet of wide characters, or too many prefixes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise BadSignature("broken XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadSignature("a document type declaration")
    ids: dict[str, etree._Element] = {}
    for number, node in enumerate(root.iter()):
        if number > nodes or node.tag is etree.Entity:
            raise BadSignature("too much, or an entity")
        if not isinstance(node.tag, str):
            continue
        if len(node.attrib) > MAX_ATTRIBUTES:
            raise BadSignature("too many attributes")
        for name, value in node.attrib.items():
            if etree.QName(name).localname.lower() == "id":
                if value in ids:
                    raise BadSignature("two elements with one identifier")
                ids[str(value)] = node
    return Document(root, ids)


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{DS}Signature"))
    if len(found) != 1 or found[0].getparent() is not root:
        raise BadSignature("not one signature, at its place")
    return found[0]


def only(parent: etree._Element, name: str) -> etree._Element:
    """The one child of this name in the namespace of XML-DSig.

    Raises:
        BadSignature: none, or several.
    """
    found = parent.findall(f"{DS}{name}")
    if len(found) != 1:
        raise BadSignature(f"{name} is missing or repeated")
    return found[0]


def _is_document(reference: etree._Element, document: Document, signature: etree._Element) -> bool:
    """Whether a reference means the whole document; anything but that or a checked part of the
    signature itself is refused."""
    target = _target(reference, document)
    if target is document.root:
        return True
    if not any(parent is signature for parent in target.iterancestors()):
        raise BadSignature("a reference to a part of the document")
    transforms = transforms_of(reference)
    if len(transforms) > 1 or not set(transforms) <= set(CANONICAL):
        raise BadSignature("a transform that is not canonicalisation")
    _compare(reference, canonical(target, reference, transforms))
    return False


def transforms_of(reference: etree._Element) -> list[str]:
    """Names of a reference's transforms, in their order."""
    return [t.get("Algorithm", "") for t in reference.iterfind(f"{DS}Transforms/{DS}Transform")]


def _target(reference: etree._Element, document: Document) -> etree._Element:
    uri = reference.get("URI")
    if uri == "":
        return document.root
    if uri is None or not uri.startswith("#") or len(uri) < 2:
        raise BadSignature("a reference outside the document")
    if uri[1:] not in document.ids:
        raise BadSignature("a reference to nothing")
    return document.ids[uri[1:]]


def _check_document(
    reference: etree._Element, root: etree._Element, signature: etree._Element
) -> bytes:
    transforms = transforms_of(reference)
    if transforms[:1] != [ENVELOPED] or len(transforms) > 2:
        raise BadSignature("not an enveloped signature")
    if not set(transforms[1:]) <= set(CANONICAL):
        raise BadSignature("a transform that is not canonicalisation")
    with taken_out(signature):
        # instructions beside the root count where the whole document is meant
        whole = root.getroottree() if reference.get("URI") == "" else root
        content = canonical(whole, reference, transforms[1:])
    _compare(reference, content)
    return content


@contextlib.contextmanager
def taken_out(node: etree._Element) -> Iterator[None]:
    """The document without an element, for a while; the text after it stays where it was."""
    parent, before, tail = node.getparent(), node.getprevious(), node.tail
    assert parent is not None  # noqa: S101 - a root is never taken out
    place = parent.index(node)
    held = parent.text if before is None else before.tail
    joined = (held or "") + (tail or "") or None
    parent.remove(node)
    if before is None:
        parent.text = joined
    else:
        before.tail = joined
    try:
        yield
    finally:
        if before is None:
            parent.text = held
        else:
            before.tail = held
        parent.insert(place, node)
        node.tail = tail


def canonical(
    node: etree._Element | etree._ElementTree,
    holder: etree._Element,
    algorithms: Sequence[str],
    *,
    comments: bool = False,
) -> bytes:
    """Canonical bytes; comments never belong to what a same-document reference means.

    Raises:
        BadSignature: there is none, or an inherited xml:base in canonicalisation 1.1.
    """
    algorithm = algorithms[0] if algorithms else DEFAULT_CANONICAL
    exclusive = CANONICAL[algorithm]
    prefixes = None
    inherited: dict[str, str] = {}
    if exclusive:
        for listed in holder.iter("{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces"):
            prefixes = (listed.get("PrefixList") or "").split()[:MAX_PREFIXES]
    elif isinstance(node, etree._Element):
        inherited = _inherited(node, algorithm)
        for name, value in inherited.items():
            node.set(name, value)
    try:
        return etree.tostring(
            node,
            method="c14n",
            exclusive=exclusive,
            with_comments=comments,
            inclusive_ns_prefixes=prefixes,
            with_tail=False,
        )
    except etree.LxmlError as error:  # a namespace named by a relative address
        raise BadSignature("no canonical form") from error
    finally:
        for name in inherited:
            del node.attrib[name]  # type: ignore[union-attr]


def _inherited(node: etree._Element, algorithm: str) -> dict[str, str]:
    """Attributes of xml: that inclusive canonicalisation takes from above, which lxml does not."""
    found: dict[str, str] = {}
    for above in node.iterancestors():
        for name, value in above.attrib.items():
            if str(name).startswith(XML_SPACE) and name not in node.attrib:
                found.setdefault(str(name), str(value))
    if algorithm.startswith("http://www.w3.org/2006/12/xml-c14n11"):
        if f"{XML_SPACE}base" in found:  # 1.1 joins the addresses
            raise BadSignature("an inherited xml:base")
        found.pop(f"{XML_SPACE}id", None)
    return found


def _compare(reference: etree._Element, content: bytes) -> None:
    method = only(reference, "DigestMethod").get("Algorithm", "")
    hash_oid = digest_oid(method)
    if hash_oid is None or hash_oid in hashes.BROKEN:
        raise BadSignature(f"digest algorithm {method!r}")
    if hashes.digest(hash_oid, content) != decoded(only(reference, "DigestValue")):
        raise BadSignature("the document is not what was signed")


def decoded(node: etree._Element) -> bytes:
    """The octets of an element's base64.

    Raises:
        BadSignature: something else; also a comment, behind which the rest would hide.
    """
    if len(node):
        raise BadSignature("a value with something inside")
    try:
        return base64.b64decode("".join((node.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("broken base64") from error


# ── the signature ────────────────────────────────────────────────────────────
def signed_info(signature: etree._Element) -> bytes:
    """What the key signed.

    Raises:
        BadSignature: not there, or canonical in an unknown way.
    """
    info = only(signature, "SignedInfo")
    method = only(info, "CanonicalizationMethod")
    name = method.get("Algorithm", "")
    if name not in CANONICAL:
        raise BadSignature(f"canonicalisation {name!r}")
    return canonical(info, method, [name], comments=name.endswith("#WithComments"))


def _signer(signature: etree._Element, info: etree._Element) -> Certificate:
    """The certificate, of those carried, whose key made the signature."""
    covered = signed_info(signature)
    scheme = only(info, "SignatureMethod").get("Algorithm", "")
    if scheme not in SIGNATURES:
        raise BadSignature(f"signature algorithm {scheme!r}")
    value = decoded(only(signature, "SignatureValue"))
    carried = signature.findall(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    for node in carried[:MAX_CERTIFICATES]:
        try:
            certificate = certificates.load(decoded(node))
            if _made_by(certificate, SIGNATURES[scheme], covered, value):
                return certificate
        except (der.DerError, keys.UnusableKey):
            continue
    raise BadSignature("no carried certificate's key made this signature")


def _made_by(
    certificate: Certificate, algorithm: SignatureAlgorithm, covered: bytes, value: bytes
) -> bool:
    key = certificate.public_key
    digest = hashes.digest(algorithm.hash_oid, covered, key.table)
    return key.verify(algorithm, digest, as_in_cms(key, value))


def as_in_cms(key: keys.PublicKey, value: bytes) -> bytes:
    """A signature's value the way keys take it: of ECDSA, XML has r and s side by side."""
    if not (isinstance(key, keys.ClassicKey) and isinstance(key.key, ec.EllipticCurvePublicKey)):
        return value
    size = (key.key.curve.key_size + 7) // 8
    if len(value) != 2 * size:
        return b""
    first, second = int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big")
    return utils.encode_dss_signature(first, second)


def _check_named(signature: etree._Element, signer: Certificate) -> None:
    """Signed properties that name a certificate name this one, first (XAdES 5.2.2)."""
    for name in ("SigningCertificate", "SigningCertificateV2"):
        for named in signature.iter(f"{XADES}{name}"):
            digest = named.find(f"{XADES}Cert/{XADES}CertDigest")
            if digest is None:
                raise BadSignature("the signature names no certificate")
            method = only(digest, "DigestMethod").get("Algorithm", "")
            hash_oid = digest_oid(method)
            if hash_oid is None or hashes.digest(hash_oid, signer.der) != decoded(
                only(digest, "DigestValue")
            ):
                raise BadSignature("the signature names another certificate")
