"""Synthetic trusted lists (ETSI TS 119 612), signed by RSA and ECDSA with signxml and by ДСТУ here."""

import base64
import datetime

import signxml
from cryptography import x509
from cryptography.hazmat.primitives import hashes as classic_hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import xades

from signatures import oids
from signatures.algorithms import hashes
from signatures.certificates import Certificate, load
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey

TSL = "http://uri.etsi.org/02231/v2#"
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
Publisher = tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate]


def service_of(kind: str, status: str, certificate: Certificate) -> str:
    text = base64.b64encode(certificate.der).decode()
    return (
        "<TSPService><ServiceInformation>"
        f"<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{kind}</ServiceTypeIdentifier>"
        f"<ServiceDigitalIdentity><DigitalId><X509Certificate>{text}</X509Certificate></DigitalId>"
        "</ServiceDigitalIdentity>"
        f"<ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus>"
        "</ServiceInformation></TSPService>"
    )


def trusted_list(
    services: str, *, issued: str = "2026-11-01T00:00:00Z", until: str = "2027-05-01T00:00:00Z"
) -> bytes:
    """A list without its signature."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<?made by="a synthetic publisher"?>
<TrustServiceStatusList xmlns="{TSL}" xmlns:xs="http://www.w3.org/2001/XMLSchema" Id="TL"
 TSLTag="http://uri.etsi.org/19612/TSLTag"><!-- Довірчий список -->
 <SchemeInformation><ListIssueDateTime>{issued}</ListIssueDateTime>
 <NextUpdate><dateTime>{until}</dateTime></NextUpdate></SchemeInformation>
 <TrustServiceProviderList><TrustServiceProvider><TSPServices>{services}</TSPServices>
 </TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>""".encode()


def publisher(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, at: datetime.datetime
) -> Publisher:
    """A key and its self-signed certificate."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ТЕСТОВИЙ видавець списку")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - datetime.timedelta(days=365))
        .not_valid_after(at + datetime.timedelta(days=365))
        .sign(key, classic_hashes.SHA256())
    )
    return key, certificate


def certificate_of(who: Publisher) -> Certificate:
    return load(who[1].public_bytes(serialization.Encoding.DER))


def sign_classic(
    data: bytes,
    who: Publisher,
    *,
    scheme: str = "RSA_SHA256",
    canonical: str = C14N,
    reference: str | None = None,
) -> bytes:
    """XAdES as signxml makes it; plain XML-DSig with exclusive canonicalisation, where signxml
    digests signed properties in another form than the reference says."""
    kind = signxml.XMLSigner if canonical == EXC_C14N else xades.XAdESSigner
    signer = kind(
        method=signxml.methods.enveloped,
        signature_algorithm=getattr(signxml.SignatureMethod, scheme),
        digest_algorithm="sha256",
        c14n_algorithm=signxml.CanonicalizationMethod(canonical),
    )
    signed = signer.sign(etree.fromstring(data), key=who[0], cert=[who[1]], reference_uri=reference)
    return etree.tostring(signed.getroottree(), xml_declaration=True, encoding="UTF-8")


def sign_dstu(
    data: bytes,
    key: SigningKey,
    certificate: Certificate,
    *,
    scheme: str = "dstu4145-gost34311",
    canonical: str = EXC_C14N,
) -> bytes:
    """XML-DSig with the algorithm names of Diia's containers."""
    digest = {
        oids.GOST34311: "http://www.w3.org/2001/04/xmlenc#gost34311",
        oids.KUPYNA256: "http://www.w3.org/2001/04/xmlenc#dstu7564-256",
    }[key.hash_oid]
    tree = etree.fromstring(data).getroottree()
    exclusive = canonical.startswith(EXC_C14N)
    whole = etree.tostring(tree, method="c14n", exclusive=exclusive, with_comments=False)
    value = base64.b64encode(hashes.digest(key.hash_oid, whole)).decode()
    carried = base64.b64encode(certificate.der).decode()
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonical}"/>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{scheme}"/>'
        f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"/>'
        f'<ds:Transform Algorithm="{canonical}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue>{value}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
        f"<ds:X509Certificate>{carried}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>"
    )
    tree.getroot().append(signature)
    info = etree.tostring(signature[0], method="c14n", exclusive=exclusive)
    signature[1].text = base64.b64encode(key.sign(info)).decode()
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def dstu_publisher(
    authority: Authority, at: datetime.datetime, *, hash_oid: str = oids.GOST34311
) -> tuple[SigningKey, Certificate]:
    return authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВИЙ видавець списку, ДСТУ")],
        key=SigningKey.generate(257, hash_oid),
        at=at,
    )
