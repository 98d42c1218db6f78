"""Making keys, certificates, revocation lists, OCSP answers, time-stamps and signatures.

For the demo authority and the tests only: real people's keys never come to the server.
"""

import datetime
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from signatures import der, keys, oids
from signatures.algorithms import hashes
from signatures.algorithms.curves import BY_DEGREE, Curve
from signatures.algorithms.dstu4145 import arithmetic
from signatures.algorithms.gost28147 import DKE1
from signatures.certificates import KEY_USAGES, Certificate, load

Name = Sequence[tuple[str, str]]

SIGN_USAGE = ("digitalSignature", "nonRepudiation")
AUTHORITY_USAGE = ("keyCertSign", "cRLSign")
_KUPYNA = {
    oids.KUPYNA256: oids.DSTU4145_KUPYNA256,
    oids.KUPYNA384: oids.DSTU4145_KUPYNA384,
    oids.KUPYNA512: oids.DSTU4145_KUPYNA512,
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret DSTU 4145 key; `hash_oid` is what it signs with."""

    curve: Curve
    d: int = field(repr=False)
    table: bytes = field(default=DKE1, repr=False)
    hash_oid: str = oids.GOST34311

    @classmethod
    def generate(cls, m: int = 257, hash_oid: str = oids.GOST34311) -> "SigningKey":
        curve = BY_DEGREE[m]
        return cls(curve, 1 + secrets.randbelow(curve.n - 1), hash_oid=hash_oid)

    @property
    def algorithm(self) -> bytes:
        """AlgorithmIdentifier of its signatures."""
        return der.sequence(der.oid(_KUPYNA.get(self.hash_oid, oids.DSTU4145_GOST)))

    @property
    def key_algorithm(self) -> bytes:
        """AlgorithmIdentifier of the key itself: the named curve and the substitution table."""
        parameters = der.sequence(der.oid(self.curve.oid), der.octet_string(self.table))
        return der.sequence(der.oid(oids.DSTU4145_GOST), parameters)

    @property
    def packed(self) -> bytes:
        math = arithmetic(self.curve.m)
        number = math.compress(math.public_key(self.d))
        return number.to_bytes((self.curve.m + 7) // 8, "little")

    @property
    def spki(self) -> bytes:
        return der.sequence(self.key_algorithm, der.bit_string(der.octet_string(self.packed)))

    @property
    def identifier(self) -> bytes:
        """Subject key identifier: GOST 34.311 over the BIT STRING's content."""
        return hashes.digest(oids.GOST34311, der.octet_string(self.packed))

    @property
    def private_octets(self) -> bytes:
        return self.d.to_bytes((self.curve.m + 7) // 8, "little")

    def sign(self, data: bytes) -> bytes:
        """r and s, little-endian, r first."""
        digest = hashes.digest(self.hash_oid, data, self.table)
        h = keys.hash_to_field(digest, self.curve.m)
        r, s = arithmetic(self.curve.m).sign(self.d, h)
        half = self.curve.order_bytes
        return r.to_bytes(half, "little") + s.to_bytes(half, "little")

    def sign_x509(self, data: bytes) -> bytes:
        """As a BIT STRING holding an OCTET STRING, the way certificates carry it."""
        return der.bit_string(der.octet_string(self.sign(data)))


def encode_name(name: Name) -> bytes:
    printable = {oids.COUNTRY, oids.SERIAL_NUMBER}
    return der.sequence(
        *(
            der.set_of(
                der.sequence(
                    der.oid(oid), der.printable(text) if oid in printable else der.utf8(text)
                )
            )
            for oid, text in name
        )
    )


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = [der.boolean(value=True)] if critical else []
    return der.sequence(der.oid(oid), *flag, der.octet_string(value))


def build_certificate(
    *,
    subject: Name,
    spki: bytes,
    identifier: bytes,
    issuer: bytes,
    issuer_key: SigningKey,
    serial: int,
    not_before: datetime.datetime,
    not_after: datetime.datetime,
    key_usage: Sequence[str] = SIGN_USAGE,
    extended_key_usage: Sequence[str] = (),
    authority: bool = False,
    path_length: int | None = None,
    directory: Sequence[tuple[str, str]] = (),
    qualified: bool = True,
    more: Sequence[bytes] = (),
) -> Certificate:
    """A version 3 certificate. `issuer` is the encoded name of the authority."""
    extensions = [
        extension(oids.SUBJECT_KEY_IDENTIFIER, der.octet_string(identifier)),
        extension(
            oids.AUTHORITY_KEY_IDENTIFIER,
            der.sequence(der.tlv(0x80, issuer_key.identifier)),
        ),
        extension(
            oids.KEY_USAGE,
            der.named_bits(*(KEY_USAGES.index(usage) for usage in key_usage)),
            critical=True,
        ),
    ]
    if extended_key_usage:
        usages = der.sequence(*(der.oid(usage) for usage in extended_key_usage))
        critical = oids.EKU_TIME_STAMPING in extended_key_usage
        extensions.append(extension(oids.EXTENDED_KEY_USAGE, usages, critical=critical))
    if authority:
        limit = [] if path_length is None else [der.integer(path_length)]
        constraints = der.sequence(der.boolean(value=True), *limit)
        extensions.append(extension(oids.BASIC_CONSTRAINTS, constraints, critical=True))
    else:
        extensions.append(extension(oids.BASIC_CONSTRAINTS, der.sequence(), critical=True))
    policy = der.sequence(der.sequence(der.oid(oids.POLICY_UKRAINE)))
    extensions.append(extension(oids.CERTIFICATE_POLICIES, policy, critical=True))
    if qualified:
        statements = der.sequence(
            der.sequence(der.oid(oids.QC_COMPLIANCE)), der.sequence(der.oid(oids.QC_UKRAINE))
        )
        extensions.append(extension(oids.QC_STATEMENTS, statements))
    if directory:
        attributes = der.sequence(
            *(der.sequence(der.oid(oid), der.set_of(der.printable(v))) for oid, v in directory)
        )
        extensions.append(extension(oids.SUBJECT_DIRECTORY_ATTRIBUTES, attributes))
    extensions.extend(more)
    tbs = der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(serial),
        issuer_key.algorithm,
        issuer,
        der.sequence(der.moment(not_before), der.moment(not_after)),
        encode_name(subject),
        spki,
        der.explicit(3, der.sequence(*extensions)),
    )
    return load(der.sequence(tbs, issuer_key.algorithm, issuer_key.sign_x509(tbs)))


def build_crl(
    *,
    issuer: Certificate,
    key: SigningKey,
    number: int,
    this_update: datetime.datetime,
    next_update: datetime.datetime,
    revoked: Iterable[tuple[bytes, datetime.datetime, int]] = (),
    delta_of: int | None = None,
    keeps_expired_since: datetime.datetime | None = None,
) -> bytes:
    """A revocation list; `revoked` gives serial (INTEGER content), moment and reason code.

    A delta list carries its indicator non-critical, as Ukrainian ones do.
    """
    entries = [
        der.sequence(
            der.tlv(der.INTEGER, serial),
            der.moment(moment),
            der.sequence(extension(oids.CRL_REASON, der.integer(reason, der.ENUMERATED))),
        )
        for serial, moment, reason in revoked
    ]
    extensions = [
        extension(oids.CRL_NUMBER, der.integer(number)),
        extension(oids.AUTHORITY_KEY_IDENTIFIER, der.sequence(der.tlv(0x80, key.identifier))),
    ]
    if delta_of is not None:
        extensions.append(extension(oids.DELTA_CRL, der.integer(delta_of)))
    if keeps_expired_since is not None:
        since = der.generalized(keeps_expired_since)
        extensions.append(extension(oids.EXPIRED_CERTS_ON_CRL, since))
    tbs = der.sequence(
        der.integer(1),
        key.algorithm,
        issuer.subject,
        der.moment(this_update),
        der.moment(next_update),
        *([der.sequence(*entries)] if entries else []),
        der.explicit(0, der.sequence(*extensions)),
    )
    return der.sequence(tbs, key.algorithm, key.sign_x509(tbs))


def build_ocsp(
    *,
    certificate: Certificate,
    issuer: Certificate,
    responder: Certificate,
    key: SigningKey,
    at: datetime.datetime,
    revoked_at: datetime.datetime | None = None,
    nonce: bytes | None = None,
    next_update: datetime.datetime | None = None,
) -> bytes:
    """An OCSP answer about one certificate, responder byName, certificate included."""
    from signatures.revocation import issuer_hashes

    names = issuer_hashes(issuer, oids.GOST34311)
    identifier = der.sequence(
        der.sequence(der.oid(oids.GOST34311)),
        *(der.octet_string(value) for value in names),
        der.tlv(der.INTEGER, certificate.serial),
    )
    status = der.tlv(0x80) if revoked_at is None else der.tlv(0xA1, der.generalized(revoked_at))
    until = [] if next_update is None else [der.explicit(0, der.generalized(next_update))]
    single = der.sequence(identifier, status, der.generalized(at), *until)
    extensions = []
    if nonce is not None:
        extensions.append(
            der.explicit(
                1,
                der.sequence(extension(oids.OCSP_NONCE, der.octet_string(nonce))),
            )
        )
    tbs = der.sequence(
        der.explicit(1, responder.subject),
        der.generalized(at),
        der.sequence(single),
        *extensions,
    )
    basic = der.sequence(
        tbs,
        key.algorithm,
        key.sign_x509(tbs),
        der.explicit(0, der.sequence(responder.der)),
    )
    return der.sequence(
        der.integer(0, der.ENUMERATED),
        der.explicit(0, der.sequence(der.oid(oids.OCSP_BASIC), der.octet_string(basic))),
    )


def sign_cms(
    content: bytes,
    key: SigningKey,
    certificate: Certificate,
    *,
    detached: bool = True,
    signing_time: datetime.datetime | None = None,
    content_type: str = oids.DATA,
    more_certificates: Sequence[Certificate] = (),
    more_signed: Sequence[bytes] = (),
    unsigned: Sequence[bytes] = (),
    include_certificate: bool = True,
    more_signers: Sequence[bytes] = (),
) -> bytes:
    """A CAdES-BES signature of `content` by a demo key."""
    info = signer_info(
        content,
        key,
        certificate,
        signing_time=signing_time,
        content_type=content_type,
        more_signed=more_signed,
        unsigned=unsigned,
    )
    held = [certificate] if include_certificate else []
    return signed_data(
        None if detached else content,
        [info, *more_signers],
        [*held, *more_certificates],
        content_type=content_type,
        hash_oids=[key.hash_oid],
    )


def signer_info(
    content: bytes,
    key: SigningKey,
    certificate: Certificate,
    *,
    signing_time: datetime.datetime | None = None,
    content_type: str = oids.DATA,
    more_signed: Sequence[bytes] = (),
    unsigned: Sequence[bytes] = (),
    digest: bytes | None = None,
) -> bytes:
    """One SignerInfo with the attributes of CAdES-BES; over `digest` where only that is known."""
    digest = digest or hashes.digest(key.hash_oid, content, key.table)
    named = der.sequence(
        der.sequence(der.oid(key.hash_oid)),
        der.octet_string(hashes.digest(key.hash_oid, certificate.der)),
    )
    attributes = [
        attribute(oids.CONTENT_TYPE, der.oid(content_type)),
        attribute(oids.MESSAGE_DIGEST, der.octet_string(digest)),
        attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(named))),
        *more_signed,
    ]
    if signing_time is not None:
        attributes.append(attribute(oids.SIGNING_TIME, der.moment(signing_time)))
    signed = der.set_of(*attributes)
    return der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial)),
        der.sequence(der.oid(key.hash_oid)),
        der.implicit(0, signed),
        key.algorithm,
        der.octet_string(key.sign(signed)),
        *([der.implicit(1, der.set_of(*unsigned))] if unsigned else []),
    )


def attribute(oid: str, *values: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.set_of(*values))


def signed_data(
    content: bytes | None,
    signers: Sequence[bytes],
    certificates: Sequence[Certificate],
    *,
    content_type: str = oids.DATA,
    hash_oids: Sequence[str] = (oids.GOST34311,),
    revocation: Sequence[bytes] = (),
) -> bytes:
    """A ContentInfo around ready SignerInfos."""
    holder = [] if content is None else [der.explicit(0, der.octet_string(content))]
    body = der.sequence(
        der.integer(1 if content_type == oids.DATA else 3),
        der.set_of(*(der.sequence(der.oid(oid)) for oid in hash_oids)),
        der.sequence(der.oid(content_type), *holder),
        *(
            [der.implicit(0, der.set_of(*(c.der for c in dict.fromkeys(certificates))))]
            if certificates
            else []
        ),
        *([der.implicit(1, der.set_of(*revocation))] if revocation else []),
        der.tlv(der.SET, *signers),
    )
    return der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, body))


def build_token(
    covered: bytes,
    *,
    key: SigningKey,
    certificate: Certificate,
    at: datetime.datetime,
    hash_oid: str = oids.GOST34311,
    serial: int = 1,
    nonce: int | None = None,
    include_certificate: bool = False,
) -> bytes:
    """A time-stamp token over the bytes `covered`."""
    imprint = hashes.digest(hash_oid, covered)
    return build_token_of_imprint(
        imprint,
        key=key,
        certificate=certificate,
        at=at,
        hash_oid=hash_oid,
        serial=serial,
        nonce=nonce,
        include_certificate=include_certificate,
    )


def build_token_of_imprint(
    imprint: bytes,
    *,
    key: SigningKey,
    certificate: Certificate,
    at: datetime.datetime,
    hash_oid: str,
    serial: int,
    nonce: int | None,
    include_certificate: bool,
) -> bytes:
    info = der.sequence(
        der.integer(1),
        der.oid(oids.POLICY_TSP_UKRAINE),
        der.sequence(der.sequence(der.oid(hash_oid)), der.octet_string(imprint)),
        der.integer(serial),
        der.generalized(at),
        *([] if nonce is None else [der.integer(nonce)]),
    )
    return sign_cms(
        info,
        key,
        certificate,
        detached=False,
        signing_time=at,
        content_type=oids.TST_INFO,
        include_certificate=include_certificate,
    )
