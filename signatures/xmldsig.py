"""The signature of an XML document over itself: W3C XML-DSig, enveloped, as trusted lists have it.

A narrow profile, because every freedom of XML-DSig has served an attack: one signature, child of
the root; it covers the whole document (and its own signed properties, nothing else); only the
enveloped transform and canonicalisation; no DTD. What is signed is given back as its canonical
bytes: read those and never the file, and there is nothing to wrap.

XAdES adds signed properties; of them the certificate's digest is checked. ДСТУ has no URIs of the
W3C: those of Diia's containers and the Ukrainian implementations are taken, listed below.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, utils
from lxml import etree

from signatures import certificates, der, keys, oids
from signatures.algorithms import hashes
from signatures.asic import DIGESTS
from signatures.certificates import Certificate
from signatures.keys import SignatureAlgorithm

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
# Canonicalisation → whether exclusive. 1.1 differs from 1.0 in inherited xml: attributes only,
# which a whole document has none of.
_CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": True,
}
_DEFAULT_CANONICAL = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_CLASSIC_HASHES = {"sha256": oids.SHA256, "sha384": oids.SHA384, "sha512": oids.SHA512}
_DSTU = {
    "dstu4145": (oids.DSTU4145_GOST, oids.GOST34311),
    "dstu4145-gost34311": (oids.DSTU4145_GOST, oids.GOST34311),
    "dstu4145-dstu7564-256": (oids.DSTU4145_KUPYNA256, oids.KUPYNA256),
    "dstu4145-dstu7564-384": (oids.DSTU4145_KUPYNA384, oids.KUPYNA384),
    "dstu4145-dstu7564-512": (oids.DSTU4145_KUPYNA512, oids.KUPYNA512),
}
SIGNATURES: dict[str, SignatureAlgorithm] = (
    {f"{_MORE}rsa-{n}": SignatureAlgorithm(oids.RSA, h) for n, h in _CLASSIC_HASHES.items()}
    | {
        f"http://www.w3.org/2007/05/xmldsig-more#{n}-rsa-MGF1": SignatureAlgorithm(
            oids.RSA_PSS, h, hashes.SIZES[h]
        )
        for n, h in _CLASSIC_HASHES.items()
    }
    | {
        f"{_MORE}ecdsa-{n}": SignatureAlgorithm(oids.EC_PUBLIC_KEY, h)
        for n, h in _CLASSIC_HASHES.items()
    }
    | {f"{_MORE}{n}": SignatureAlgorithm(oid, h) for n, (oid, h) in _DSTU.items()}
)
# SHA-1 proves nothing any more; the second spelling of GOST is met beside the first.
_DIGESTS = {uri: oid for uri, oid in DIGESTS.items() if oid not in hashes.BROKEN} | {
    f"{_MORE}gost34311": oids.GOST34311
}
MAX_NODES = 2_000_000
MAX_CERTIFICATES = 16
MAX_REFERENCES = 4


class BadSignature(ValueError):
    """Not signed within the profile, or not by the key of its certificate."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, without the signature (canonical bytes), and by whose key."""

    content: bytes
    signer: Certificate


def verify_enveloped(data: bytes) -> Signed:
    """Verify the one signature of a document over itself. Whether the signer is to be believed is
    for the caller.

    Raises:
        BadSignature: anything else than a whole, good signature.
    """
    root = _parse(data)
    signature = _only_signature(root)
    info = _one(signature, "SignedInfo")
    references = info.findall(f"{DS}Reference")[: MAX_REFERENCES + 1]
    if len(references) > MAX_REFERENCES:
        raise BadSignature("too many references")
    documents = [one for one in references if _is_document(one, root, signature)]
    if len(documents) != 1:
        raise BadSignature("the signature does not cover the document once")
    content = _check_document(documents[0], root, signature)
    signer = _signer(signature, info)
    _check_named(signature, signer)
    return Signed(content, signer)


# ── the document ─────────────────────────────────────────────────────────────
def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadSignature("broken XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadSignature("a document type declaration")
    seen: set[str] = set()
    for number, node in enumerate(root.iter()):
        if number > MAX_NODES or node.tag is etree.Entity:
            raise BadSignature("too much, or an entity")
        if not isinstance(node.tag, str):
            continue
        for name, value in node.attrib.items():
            if etree.QName(name).localname.lower() == "id":
                if value in seen:
                    raise BadSignature("two elements with one identifier")
                seen.add(value)
    return root


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{DS}Signature"))
    if len(found) != 1 or found[0].getparent() is not root:
        raise BadSignature("not one signature, at its place")
    return found[0]


def _one(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{DS}{name}")
    if len(found) != 1:
        raise BadSignature(f"{name} is missing or repeated")
    return found[0]


def _is_document(
    reference: etree._Element, root: etree._Element, signature: etree._Element
) -> bool:
    """Whether a reference means the whole document; anything but that or a checked part of the
    signature itself is refused."""
    target = _target(reference, root)
    if target is root:
        return True
    if not any(parent is signature for parent in target.iterancestors()):
        raise BadSignature("a reference to a part of the document")
    transforms = [
        t.get("Algorithm", "") for t in reference.iterfind(f"{DS}Transforms/{DS}Transform")
    ]
    if len(transforms) > 1 or not set(transforms) <= set(_CANONICAL):
        raise BadSignature("a transform that is not canonicalisation")
    _compare(reference, _canonical(target, reference, transforms))
    return False


def _target(reference: etree._Element, root: etree._Element) -> etree._Element:
    uri = reference.get("URI")
    if uri == "":
        return root
    if uri is None or not uri.startswith("#") or len(uri) < 2:
        raise BadSignature("a reference outside the document")
    for node in root.iter():
        if isinstance(node.tag, str) and uri[1:] in (
            value
            for name, value in node.attrib.items()
            if etree.QName(name).localname.lower() == "id"
        ):
            return node
    raise BadSignature("a reference to nothing")


def _check_document(
    reference: etree._Element, root: etree._Element, signature: etree._Element
) -> bytes:
    transforms = [
        t.get("Algorithm", "") for t in reference.iterfind(f"{DS}Transforms/{DS}Transform")
    ]
    if transforms[:1] != [_ENVELOPED] or len(transforms) > 2:
        raise BadSignature("not an enveloped signature")
    if not set(transforms[1:]) <= set(_CANONICAL):
        raise BadSignature("a transform that is not canonicalisation")
    tree = deepcopy(root.getroottree())
    copy = tree.getroot()
    _cut(copy[root.index(signature)])
    whole = tree if reference.get("URI") == "" else copy  # instructions beside the root count
    content = _canonical(whole, reference, transforms[1:])
    _compare(reference, content)
    return content


def _cut(node: etree._Element) -> None:
    """Take an element out, leaving the text after it where it was."""
    parent, before = node.getparent(), node.getprevious()
    if node.tail:
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def _canonical(
    node: etree._Element | etree._ElementTree,
    holder: etree._Element,
    algorithms: Iterable[str],
    *,
    comments: bool = False,
) -> bytes:
    """Canonical bytes; comments never belong to what a same-document reference means."""
    algorithm = next(iter(algorithms), _DEFAULT_CANONICAL)
    exclusive = _CANONICAL[algorithm]
    prefixes = None
    if exclusive:
        for listed in holder.iter("{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces"):
            prefixes = (listed.get("PrefixList") or "").split()
    return etree.tostring(
        node,
        method="c14n",
        exclusive=exclusive,
        with_comments=comments,
        inclusive_ns_prefixes=prefixes,
        with_tail=False,
    )


def _compare(reference: etree._Element, content: bytes) -> None:
    method = _one(reference, "DigestMethod").get("Algorithm", "")
    if method not in _DIGESTS:
        raise BadSignature(f"digest algorithm {method!r}")
    if hashes.digest(_DIGESTS[method], content) != _decoded(_one(reference, "DigestValue")):
        raise BadSignature("the document is not what was signed")


def _decoded(node: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((node.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("broken base64") from error


# ── the signature ────────────────────────────────────────────────────────────
def _signer(signature: etree._Element, info: etree._Element) -> Certificate:
    """The certificate, of those carried, whose key made the signature."""
    method = _one(info, "CanonicalizationMethod")
    name = method.get("Algorithm", "")
    if name not in _CANONICAL:
        raise BadSignature(f"canonicalisation {name!r}")
    covered = _canonical(info, method, [name], comments=name.endswith("#WithComments"))
    scheme = _one(info, "SignatureMethod").get("Algorithm", "")
    if scheme not in SIGNATURES:
        raise BadSignature(f"signature algorithm {scheme!r}")
    value = _decoded(_one(signature, "SignatureValue"))
    carried = signature.findall(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    for node in carried[:MAX_CERTIFICATES]:
        try:
            certificate = certificates.load(_decoded(node))
            if _made_by(certificate, SIGNATURES[scheme], covered, value):
                return certificate
        except (der.DerError, keys.UnusableKey):
            continue
    raise BadSignature("no carried certificate's key made this signature")


def _made_by(
    certificate: Certificate, algorithm: SignatureAlgorithm, covered: bytes, value: bytes
) -> bool:
    key = certificate.public_key
    if isinstance(key, keys.ClassicKey) and isinstance(key.key, ec.EllipticCurvePublicKey):
        half, odd = divmod(len(value), 2)  # r and s side by side, unlike in CMS
        if odd:
            return False
        value = utils.encode_dss_signature(
            int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        )
    digest = hashes.digest(algorithm.hash_oid, covered, key.table)
    return key.verify(algorithm, digest, value)


def _check_named(signature: etree._Element, signer: Certificate) -> None:
    """Signed properties that name a certificate name this one, first (XAdES 5.2.2)."""
    for name in ("SigningCertificate", "SigningCertificateV2"):
        for named in signature.iter(f"{XADES}{name}"):
            digest = named.find(f"{XADES}Cert/{XADES}CertDigest")
            if digest is None:
                raise BadSignature("the signature names no certificate")
            method = _one(digest, "DigestMethod").get("Algorithm", "")
            hash_oid = DIGESTS.get(method)
            if hash_oid is None or hashes.digest(hash_oid, signer.der) != _decoded(
                _one(digest, "DigestValue")
            ):
                raise BadSignature("the signature names another certificate")
