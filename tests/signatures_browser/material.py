"""A demo authority and a key file of every kind, issued to one invented person."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from signatures import oids
from signatures.certificates import Certificate
from signatures.demo import keystore
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey
from signatures.trust import TrustStore
from tests.signatures_browser import containers

PASSWORD = "Вишня-2026 key"
LATIN_PASSWORD = "vyshnia-2026"
NOW = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)
HEAD = {
    "full_name": "Ґалаґан Ніна Степанівна",
    "surname": "Ґалаґан",
    "given_name": "Ніна Степанівна",
    "rnokpp": "3333333339",
    "edrpou": "00990012",
    "organisation": "Яворинський ліцей № 3",
    "title": "Директор",
}


def name_of(person: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return (
        (oids.COUNTRY, "UA"),
        (oids.ORGANIZATION, person["organisation"]),
        (oids.COMMON_NAME, person["full_name"]),
        (oids.SURNAME, person["surname"]),
        (oids.GIVEN_NAME, person["given_name"]),
        (oids.SERIAL_NUMBER, f"TINUA-{person['rnokpp']}"),
        (oids.ORGANIZATION_IDENTIFIER, f"NTRUA-{person['edrpou']}"),
    )


@dataclass(frozen=True)
class KeyFile:
    """What a person has: a file, its password, perhaps certificates beside it."""

    name: str
    data: bytes = field(repr=False)
    password: str = field(repr=False)
    algorithm: str
    beside: tuple[bytes, ...] = field(default=(), repr=False)


class Material:
    def __init__(
        self,
        now: datetime.datetime = NOW,
        authority: Authority | None = None,
        person: dict[str, str] = HEAD,
    ) -> None:
        self.now = now
        self.authority = authority or Authority.in_memory()
        self.person = person

    @cached_property
    def kupyna_authority(self) -> Authority:
        return Authority.in_memory(hash_oid=oids.KUPYNA256)

    @cached_property
    def trust(self) -> TrustStore:
        gost, kupyna = self.authority.trust(self.now), self.kupyna_authority.trust(self.now)
        return TrustStore(
            anchors=gost.anchors + kupyna.anchors,
            intermediates=gost.intermediates + kupyna.intermediates,
            evidence=gost.evidence + kupyna.evidence,
        )

    def dstu(self, m: int = 257, **more: object) -> tuple[SigningKey, Certificate]:
        return self.authority.issue_person(
            **self.person, at=self.now, key=SigningKey.generate(m), **more
        )

    def classic(self, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> Certificate:
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return self.authority.issue(name_of(self.person), at=self.now, spki=spki)[1]

    def all(self) -> list[KeyFile]:
        """A file of every kind, with the algorithm that its signature must show."""
        return [*self.ukrainian(), *self.european()]

    def ukrainian(self) -> list[KeyFile]:
        key, certificate = self.dstu()
        agreement, agreement_certificate = self.authority.issue_person(
            **self.person, at=self.now, key=SigningKey.generate(431), key_usage=("keyAgreement",)
        )
        kupyna_key, kupyna = self.kupyna_authority.issue_person(**self.person, at=self.now)
        big, big_certificate = self.dstu(431)
        plain, gost = containers.pkcs8(key), "ДСТУ 4145 з ГОСТ 34.311"
        explicit = containers.explicit_algorithm(key.curve)
        store = containers.iit_store(
            containers.pkcs8(key, containers.second_key(agreement)), LATIN_PASSWORD
        )
        both = (agreement_certificate.der, certificate.der)
        chain = [certificate, self.authority.issuer]
        return [
            KeyFile("head.p12", keystore.pack(key, chain, PASSWORD), PASSWORD, gost),
            KeyFile(
                "head-10000.pfx",
                keystore.pack(key, chain, PASSWORD, iterations=10_000),
                PASSWORD,
                gost,
            ),
            KeyFile("Key-6.dat", store, LATIN_PASSWORD, gost, both),
            KeyFile(
                "head.jks",
                containers.jks(plain, [certificate.der, self.authority.issuer.der], PASSWORD),
                PASSWORD,
                gost,
            ),
            KeyFile("head.pk8", containers.pbes2(plain, PASSWORD), PASSWORD, gost, both[1:]),
            KeyFile(
                "explicit.pk8",
                containers.pbes2(containers.pkcs8(key, algorithm=explicit), PASSWORD),
                PASSWORD,
                gost,
                both[1:],
            ),
            KeyFile("plain.pk8", plain, "", gost, (certificate.der,)),
            KeyFile(
                "m431.p12",
                keystore.pack(big, [big_certificate], PASSWORD),
                PASSWORD,
                gost,
            ),
            KeyFile(
                "kupyna.p12",
                keystore.pack(kupyna_key, [kupyna], PASSWORD),
                PASSWORD,
                "ДСТУ 4145 з Купиною-256",
            ),
        ]

    def european(self) -> list[KeyFile]:
        p256 = ec.generate_private_key(ec.SECP256R1())
        p384 = ec.generate_private_key(ec.SECP384R1())
        p521 = ec.generate_private_key(ec.SECP521R1())
        r2048 = rsa.generate_private_key(65537, 2048)
        files = []
        encrypted = serialization.BestAvailableEncryption(PASSWORD.encode())
        old = (
            serialization.PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(2048)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303 - what old programs wrote
            .build(PASSWORD.encode())
        )
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        sec1 = serialization.PrivateFormat.TraditionalOpenSSL
        for kind, key in (("p256", p256), ("p384", p384), ("p521", p521), ("rsa", r2048)):
            certificate = self.classic(key)
            algorithm = {
                "p256": "ECDSA з SHA-256",
                "p384": "ECDSA з SHA-384",
                "p521": "ECDSA з SHA-512",
            }.get(kind, "RSA")
            beside = (certificate.der,)
            der8 = key.private_bytes(
                serialization.Encoding.DER, pkcs8, serialization.NoEncryption()
            )
            files += [
                KeyFile(
                    f"{kind}.pem",
                    key.private_bytes(pem, pkcs8, encrypted),
                    PASSWORD,
                    algorithm,
                    beside,
                ),
                KeyFile(
                    f"{kind}-plain.pem",
                    key.private_bytes(pem, sec1, serialization.NoEncryption()),
                    "",
                    algorithm,
                    beside,
                ),
                KeyFile(f"{kind}.jks", containers.jks(der8, beside, PASSWORD), PASSWORD, algorithm),
            ]
            for name, how in (("aes", encrypted), ("3des", old)):
                data = pkcs12.serialize_key_and_certificates(
                    b"head", key, x509.load_der_x509_certificate(certificate.der), None, how
                )
                files.append(KeyFile(f"{kind}-{name}.p12", data, PASSWORD, algorithm, beside))
        return files
