"""A generator of XAdES documents: ДСТУ, RSA and ECDSA; enveloped, enveloping, detached; B and T.

Made after ETSI EN 319 132-1 with lxml's canonicalisation alone, apart from the product's reading.
"""

import base64
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes as classic_hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

from signatures import oids
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import build_token
from tests.signatures.conftest import NOW

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
GOST = "http://www.w3.org/2001/04/xmlenc#gost34311"
KUPYNA = "http://www.w3.org/2001/04/xmlenc#dstu7564-256"
ENVELOPED = f"{DS}enveloped-signature"
BASE64 = f"{DS}base64"
DOCUMENT = "<order xmlns='urn:order' Id='doc'><!-- чернетка -->\n <row n='1'>Зарахувати</row></order>".encode()
Key = tuple[Any, Certificate]


@dataclass(frozen=True)
class ClassicKey:
    """An RSA or elliptic key that signs as XML wants it: r and s side by side."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def spki(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def identifier(self) -> bytes:
        return hashlib.sha1(self.spki, usedforsecurity=False).digest()

    @property
    def scheme(self) -> str:
        return MORE + ("rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa-sha256")

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), classic_hashes.SHA256())
        made = self.key.sign(data, ec.ECDSA(classic_hashes.SHA256()))
        size = (self.key.curve.key_size + 7) // 8
        return b"".join(part.to_bytes(size, "big") for part in utils.decode_dss_signature(made))


def classic(authority: Authority, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Key:
    """A qualified certificate for an RSA or elliptic key."""
    made = ClassicKey(key)
    name = [(oids.COMMON_NAME, "Шкільна Олена Василівна"), (oids.SERIAL_NUMBER, "TINUA-7146711424")]
    _, certificate = authority.issue(name, at=NOW, key=made, spki=made.spki)  # type: ignore[arg-type]
    return made, certificate


@dataclass(frozen=True)
class Reference:
    """One ds:Reference: what it says, and the octets whose digest it gives."""

    uri: str | None
    octets: bytes
    transforms: Sequence[str] = ()
    digest: str = SHA256
    kind: str = ""

    def xml(self) -> str:
        steps = "".join(f'<ds:Transform Algorithm="{one}"/>' for one in self.transforms)
        uri = "" if self.uri is None else f' URI="{self.uri}"'
        kind = f' Type="{self.kind}"' if self.kind else ""
        value = base64.b64encode(digest_of(self.digest, self.octets)).decode()
        return (
            f"<ds:Reference{uri}{kind}>"
            + (f"<ds:Transforms>{steps}</ds:Transforms>" if steps else "")
            + f'<ds:DigestMethod Algorithm="{self.digest}"/>'
            + f"<ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
        )


def digest_of(uri: str, data: bytes) -> bytes:
    plain = {
        SHA256: "sha256",
        f"{DS}sha1": "sha1",
        "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    }
    if uri in plain:
        return hashlib.new(plain[uri], data).digest()
    return hashes.digest({GOST: oids.GOST34311, KUPYNA: oids.KUPYNA256}[uri], data)


def c14n(node: Any, method: str = EXC_C14N) -> bytes:
    return etree.tostring(
        node,
        method="c14n",
        exclusive=method.startswith(EXC_C14N),
        with_comments=False,
        with_tail=False,
    )


def properties(
    certificate: Certificate,
    *,
    name: str,
    at: datetime.datetime | None,
    digest: str = SHA256,
    v1: bool = False,
    more: str = "",
    more_data: str = "",
    nameless: bool = False,
) -> str:
    value = base64.b64encode(digest_of(digest, certificate.der)).decode()
    tag = "SigningCertificate" if v1 else "SigningCertificateV2"
    named = (
        f"<xades:{tag}><xades:Cert><xades:CertDigest>"
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue>{value}</ds:DigestValue>'
        f"</xades:CertDigest></xades:Cert></xades:{tag}>"
    )
    time = "" if at is None else f"<xades:SigningTime>{at.isoformat()}</xades:SigningTime>"
    return (
        f'<xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{name}">'
        f'<xades:SignedProperties Id="{name}-props"><xades:SignedSignatureProperties>'
        f"{time}{'' if nameless else named}{more}</xades:SignedSignatureProperties>{more_data}"
        "</xades:SignedProperties></xades:QualifyingProperties>"
    )


def signature(
    key: Key,
    references: Sequence[Reference],
    *,
    objects: str = "",
    scheme: str = "",
    canonical: str = EXC_C14N,
    name: str = "sig",
    at: datetime.datetime | None = NOW,
    plain: bool = False,
    stamp: Key | None = None,
    stamped_at: datetime.datetime = NOW,
    unsigned: str = "",
    sign_properties: bool = True,
    value_id: str = "",
    into: Any = None,
    **of_properties: Any,
) -> Any:
    """A ds:Signature over these references and its own properties. `into` is the element that it
    is put into before it is signed, for canonical forms take what is declared above."""
    signer, certificate = key
    scheme = scheme or getattr(signer, "scheme", f"{MORE}dstu4145-gost34311")
    props = "" if plain else properties(certificate, name=name, at=at, **of_properties)
    carried = base64.b64encode(certificate.der).decode()
    made = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}" Id="{name}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonical}"/>'
        f'<ds:SignatureMethod Algorithm="{scheme}"/></ds:SignedInfo>'
        f"<ds:SignatureValue{f' Id={chr(34)}{value_id}{chr(34)}' if value_id else ''}/>"
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{carried}</ds:X509Certificate>"
        f"</ds:X509Data></ds:KeyInfo>"
        + (f"<ds:Object>{props}</ds:Object>" if props else "")
        + f"{objects}</ds:Signature>"
    )
    if into is not None:
        into.append(made)
    every = list(references)
    if props and sign_properties:
        signed = made.find(f".//{{{XADES}}}SignedProperties")
        every.append(
            Reference(
                f"#{name}-props",
                c14n(signed, canonical),
                [canonical],
                kind="http://uri.etsi.org/01903#SignedProperties",
            )
        )
    for one in every:
        made[0].append(etree.fromstring(f'<x xmlns:ds="{DS}">{one.xml()}</x>')[0])
    made[1].text = base64.b64encode(signer.sign(c14n(made[0], canonical))).decode()
    if stamp is not None:
        token = build_token(c14n(made[1]), key=stamp[0], certificate=stamp[1], at=stamped_at)
        unsigned += (
            f"<xades:SignatureTimeStamp>"
            f'<ds:CanonicalizationMethod Algorithm="{EXC_C14N}"/><xades:EncapsulatedTimeStamp>'
            f"{base64.b64encode(token).decode()}</xades:EncapsulatedTimeStamp>"
            "</xades:SignatureTimeStamp>"
        )
    if unsigned:
        holder = made.find(f".//{{{XADES}}}QualifyingProperties")
        text = (
            f'<xades:UnsignedProperties xmlns:xades="{XADES}" xmlns:ds="{DS}">'
            f"<xades:UnsignedSignatureProperties>{unsigned}</xades:UnsignedSignatureProperties>"
            "</xades:UnsignedProperties>"
        )
        holder.append(etree.fromstring(text))
    return made


def enveloped(
    key: Key, document: bytes = DOCUMENT, *, uri: str = "", canonical: str = EXC_C14N, **more: Any
) -> bytes:
    """A document with its signature inside."""
    root = etree.fromstring(document)
    digest = more.pop("data_digest", SHA256)
    whole = c14n(root.getroottree() if uri == "" else root, canonical)
    steps = more.pop("transforms", [ENVELOPED, canonical])
    made = [Reference(uri, whole, steps, digest), *more.pop("references", [])]
    signature(key, made, canonical=canonical, into=root, **more)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def enveloping(key: Key, data: bytes = b"%PDF", **more: Any) -> bytes:
    """A signature with base64 of a file inside."""
    text = base64.b64encode(data).decode()
    held = f"{more.get('name', 'sig')}-object"
    made = signature(
        key,
        [Reference(f"#{held}", data, [BASE64])],
        objects=f'<ds:Object Id="{held}">{text}</ds:Object>' + more.pop("objects", ""),
        **more,
    )
    return etree.tostring(made)


def detached(key: Key, files: dict[str, bytes], **more: Any) -> bytes:
    """A signature of files that lie elsewhere."""
    digest = more.pop("data_digest", SHA256)
    made = [Reference(uri, data, digest=digest) for uri, data in files.items()]
    return etree.tostring(signature(key, made, **more))


def in_container(*signatures: bytes) -> bytes:
    """META-INF/signatures.xml of an ASiC container."""
    root = etree.Element("{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures")
    root.extend([etree.fromstring(one) for one in signatures])
    return etree.tostring(root)
