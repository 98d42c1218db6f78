"""ECDSA and RSA: the curves and paddings met in Ukraine and the Union; others are said unsupported."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7

from signatures import der, keys, oids
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.result import Overall, Reason
from signatures.verification import verify_cms
from tests.signatures.conftest import NOW

TEXT = b"order"
OPTIONS = [
    pkcs7.PKCS7Options.DetachedSignature,
    pkcs7.PKCS7Options.Binary,
    pkcs7.PKCS7Options.NoCapabilities,
]
SUBJECT = [(oids.COMMON_NAME, "Шкільна Олена"), (oids.SERIAL_NUMBER, "TINUA-7146711424")]


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def spki_of(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def issued(authority: Authority, spki: bytes) -> Certificate:
    return authority.issue(SUBJECT, at=NOW, spki=spki)[1]


def signed(key: Any, certificate: Certificate, hash_: Any, scheme: Any = None) -> bytes:
    """CMS by another library."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(TEXT)
    held = x509.load_der_x509_certificate(certificate.der)
    return builder.add_signer(held, key, hash_, rsa_padding=scheme).sign(Encoding.DER, OPTIONS)


@pytest.mark.parametrize(
    "hash_", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()], ids=lambda one: one.name
)
@pytest.mark.parametrize(
    "curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda one: one.name
)
def test_ecdsa_of_another_library_holds_on_every_nist_curve(
    authority: Authority, curve: Any, hash_: Any
) -> None:
    key = ec.generate_private_key(curve)
    certificate = issued(authority, spki_of(key))
    data = signed(key, certificate, hash_)

    result = verify_cms(data, TEXT, at=NOW, trust=authority.trust(NOW))
    assert (result.overall, result.reason) == (Overall.VALID, None)
    other = verify_cms(data, b"other", at=NOW, trust=authority.trust(NOW))
    assert other.reason is Reason.HASH_FAILURE
    spoilt = data[:-1] + bytes([data[-1] ^ 1])
    assert not verify_cms(spoilt, TEXT, at=NOW, trust=authority.trust(NOW)).valid


@pytest.mark.parametrize(
    ("hash_", "mask", "salt"),
    [
        (hashes.SHA256(), hashes.SHA256(), 32),
        (hashes.SHA512(), hashes.SHA512(), 64),
        (hashes.SHA256(), hashes.SHA384(), 20),
        (hashes.SHA384(), hashes.SHA384(), 0),
    ],
)
def test_rsa_pss_holds_with_the_mask_and_salt_it_names(
    rsa_key: rsa.RSAPrivateKey, hash_: Any, mask: Any, salt: int
) -> None:
    names = {"sha256": oids.SHA256, "sha384": oids.SHA384, "sha512": oids.SHA512}
    signature = rsa_key.sign(TEXT, padding.PSS(padding.MGF1(mask), salt), hash_)

    def named(mask_name: str, size: int) -> keys.SignatureAlgorithm:
        node = der.sequence(
            der.oid(oids.RSA_PSS),
            der.sequence(
                der.explicit(0, der.sequence(der.oid(names[hash_.name]), der.null())),
                der.explicit(
                    1, der.sequence(der.oid(oids.MGF1), der.sequence(der.oid(names[mask_name])))
                ),
                der.explicit(2, der.integer(size)),
            ),
        )
        return keys.signature_algorithm(der.parse(node))

    def holds(algorithm: keys.SignatureAlgorithm) -> bool:
        return keys.verify(spki_of(rsa_key), algorithm, TEXT, signature)

    assert holds(named(mask.name, salt))
    assert not holds(named(mask.name, salt + 1))
    assert not holds(named("sha512" if mask.name != "sha512" else "sha256", salt))


def test_a_pss_signature_of_another_library_is_valid(
    authority: Authority, rsa_key: rsa.RSAPrivateKey
) -> None:
    certificate = issued(authority, spki_of(rsa_key))
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    data = signed(rsa_key, certificate, hashes.SHA256(), scheme)

    result = verify_cms(data, TEXT, at=NOW, trust=authority.trust(NOW))

    assert (result.overall, result.signers[0].algorithm) == (Overall.VALID, "RSA-PSS")


def test_a_key_for_pss_alone_makes_no_other_signature(rsa_key: rsa.RSAPrivateKey) -> None:
    _, bits = der.parse(spki_of(rsa_key)).parts(2)
    spki = der.sequence(der.sequence(der.oid(oids.RSA_PSS)), bits.raw)
    plain = rsa_key.sign(TEXT, padding.PKCS1v15(), hashes.SHA256())
    masked = rsa_key.sign(TEXT, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    by_pss = keys.SignatureAlgorithm(oids.RSA_PSS, oids.SHA256, 32)
    by_plain = keys.SignatureAlgorithm("1.2.840.113549.1.1.11", oids.SHA256)

    assert keys.verify(spki, by_pss, TEXT, masked)
    assert not keys.verify(spki, by_plain, TEXT, plain)
    assert keys.verify(spki_of(rsa_key), by_plain, TEXT, plain)


def test_a_signature_on_a_brainpool_curve_is_undecided_not_invalid(authority: Authority) -> None:
    """No Ukrainian provider issues such keys; whoever brings one is told what is not supported."""
    key = ec.generate_private_key(ec.BrainpoolP256R1())
    certificate = issued(authority, spki_of(key))
    data = signed(key, certificate, hashes.SHA256())

    result = verify_cms(data, TEXT, at=NOW, trust=authority.trust(NOW))

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.CRYPTO_CONSTRAINTS_FAILURE,
    )
    assert certificate.info.key == keys.UNSUPPORTED


@pytest.mark.parametrize(
    "curve",
    ["1.3.36.3.3.2.8.1.1.11", "1.3.132.0.33", "1.2.643.7.1.2.1.1.1", "1.2.3.4.5"],
    ids=["brainpool 384", "p224", "gost", "unknown"],
)
def test_a_key_on_another_curve_is_said_to_be_unsupported(curve: str) -> None:
    _, bits = der.parse(spki_of(ec.generate_private_key(ec.SECP256R1()))).parts(2)
    spki = der.sequence(der.sequence(der.oid(oids.EC_PUBLIC_KEY), der.oid(curve)), bits.raw)

    with pytest.raises(keys.UnusableKey, match=keys.UNSUPPORTED):
        keys.public_key(spki)


@pytest.mark.parametrize("oid", ["1.3.101.112", "1.3.101.113", "1.2.643.7.1.1.1.1"])
def test_a_key_of_another_kind_is_said_to_be_unsupported(oid: str) -> None:
    spki = der.sequence(der.sequence(der.oid(oid)), der.bit_string(bytes(32)))

    with pytest.raises(keys.UnusableKey, match=keys.UNSUPPORTED):
        keys.public_key(spki)
