"""Enveloped messages and the key files they are opened with: round trips, samples, bad input."""

import contextlib
import dataclasses
import secrets
from collections.abc import Callable

import pytest

from signatures import certificates, containers, der, enveloped, oids
from signatures.algorithms import gost28147, native
from signatures.algorithms.curves import STANDARD, Curve
from signatures.algorithms.dstu4145 import arithmetic
from signatures.certificates import Certificate
from signatures.containers import SecretKey
from signatures.demo import keystore
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey
from tests.signatures.conftest import NOW
from tests.signatures_browser import containers as key_files

Sample = Callable[[str], bytes]
AGREEMENT = ("keyAgreement",)


@dataclasses.dataclass
class Side:
    """One of the two who write to each other."""

    key: SigningKey
    certificate: Certificate

    @property
    def secret(self) -> SecretKey:
        return SecretKey(self.key.curve, self.key.d)


def side(authority: Authority, m: int = 257) -> Side:
    made = authority.issue_person(
        full_name="Вигаданий отримувач",
        edrpou="39301337",
        kind="seal",
        at=NOW,
        key=SigningKey.generate(m),
        key_usage=AGREEMENT,
    )
    return Side(*made)


@pytest.fixture
def ours(authority: Authority) -> Side:
    return side(authority)


@pytest.fixture
def theirs(authority: Authority) -> Side:
    return side(authority)


def sealed(content: bytes, ours: Side, theirs: Side) -> bytes:
    return enveloped.seal_envelope(
        content, to=ours.certificate, secret=theirs.secret, sender=theirs.certificate
    )


def opened(data: bytes, ours: Side, theirs: Side | None) -> enveloped.Opened:
    known = [theirs.certificate] if theirs else []
    return enveloped.open_envelope(data, ours.secret, ours.certificate, originators=known)


# ── the cipher ───────────────────────────────────────────────────────────────
def test_blocks_come_back_under_the_same_table_only() -> None:
    key, data = secrets.token_bytes(32), secrets.token_bytes(40)
    tables, words = gost28147.word_tables(gost28147.DKE1), gost28147._words(key)
    blocks = [int.from_bytes(data[i : i + 8], "little") for i in range(0, 40, 8)]
    cipher = b"".join(
        gost28147.encrypt_block(tables, words, block).to_bytes(8, "little") for block in blocks
    )

    assert gost28147.ecb_decrypt(key, cipher) == data
    assert gost28147.ecb_decrypt(key, cipher, gost28147.DKE1[::-1]) != data


def test_a_wrapped_key_comes_back_and_no_changed_bit_passes() -> None:
    kek, key, start = secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(8)
    wrapped = gost28147.wrap(kek, key, start)

    assert len(wrapped) == gost28147.WRAPPED_SIZE
    assert gost28147.unwrap(kek, wrapped) == key
    for bit in range(0, 8 * len(wrapped), 7):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(gost28147.WrongKey):
            gost28147.unwrap(kek, bytes(changed))
    with pytest.raises(gost28147.WrongKey):
        gost28147.unwrap(kek, wrapped[:-1])


@pytest.mark.parametrize("curve", STANDARD, ids=[f"m={c.m}" for c in STANDARD])
def test_two_keys_agree_on_every_curve(curve: Curve) -> None:
    math = arithmetic(curve.m)
    a, b = (1 + secrets.randbelow(curve.n - 1) for _ in range(2))

    shared = math.shared_secret(a, math.public_key(b))

    assert shared == math.shared_secret(b, math.public_key(a))
    cofactor = 2 if curve.a else 4
    again = math.times(a * cofactor, math.public_key(b))
    assert again is not None
    assert shared == again[0]


# ── messages ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("m", [163, 257, 431])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 4000])
def test_what_is_sealed_opens(authority: Authority, m: int, size: int) -> None:
    ours, theirs, content = side(authority, m), side(authority, m), secrets.token_bytes(size)

    got = opened(sealed(content, ours, theirs), ours, theirs)

    assert got.content == content
    assert got.content_type == oids.DATA
    assert got.originator == theirs.certificate


@pytest.mark.usefixtures("pure_python")
def test_a_machine_without_a_compiler_opens_the_same(ours: Side, theirs: Side) -> None:
    assert native.library() is None
    assert opened(sealed("відповідь".encode(), ours, theirs), ours, theirs).content.decode() == (
        "відповідь"
    )


def test_the_message_of_another_implementation_opens(sample: Sample) -> None:
    container = containers.open_container(sample("keys/jkurwa_STORE_A040.dat"), "password")
    recipient = certificates.load(sample("enveloped/jkurwa_SELF_SIGNED_ENC_40A0.cer"))
    sender = certificates.load(sample("enveloped/jkurwa_SELF_SIGNED_ENC_6929.cer"))
    (secret,) = [key for key in container.keys if key.belongs_to(recipient)]

    got = enveloped.open_envelope(
        sample("enveloped/jkurwa_enc_message.p7"), secret, recipient, originators=[sender]
    )

    assert got.content == b"123"


@pytest.mark.parametrize("zeros", [1, 2])
def test_leading_zeros_of_the_secret_are_written_in_every_way(zeros: int) -> None:
    """One secret in 512 begins with two zero octets; senders differ in what they do with them."""
    x, m = 1 << (8 * (33 - zeros) - 1), 257
    material, key = secrets.token_bytes(64), secrets.token_bytes(32)
    whole = x.to_bytes(33, "big")
    for written in (whole, whole[1:], whole.lstrip(b"\0")):
        wrapped = gost28147.wrap(enveloped._derived(written, material), key, bytes(8))
        assert enveloped._unwrapped(x, m, material, wrapped) == key


def test_a_message_for_somebody_else_is_told_from_a_damaged_one(
    authority: Authority, ours: Side, theirs: Side
) -> None:
    data, other = sealed(b"x", ours, theirs), side(authority)

    with pytest.raises(enveloped.NotForUs):
        opened(data, other, theirs)
    with pytest.raises(enveloped.UnknownOriginator):
        opened(data, ours, None)
    with pytest.raises(enveloped.UnknownOriginator):
        opened(data, ours, other)
    with pytest.raises(enveloped.WrongSecret):
        opened(data, dataclasses.replace(ours, key=other.key), theirs)
    with pytest.raises(enveloped.NotAnEnvelope):
        opened(b"\x30\x03\x02\x01\x01", ours, theirs)


def test_keys_on_different_curves_do_not_agree(authority: Authority, ours: Side) -> None:
    with pytest.raises(enveloped.NotAnEnvelope):
        sealed(b"x", ours, side(authority, 431))


def rebuilt(data: bytes, **parts: bytes) -> bytes:
    """The same message with `originator`, `certificates` or `material` of its agreement replaced."""
    version, recipients, encrypted = der.parse(data).parts(2)[1].inner().parts(3)
    fields = [child.raw for child in recipients.children[0].children]
    if "originator" in parts:
        fields[1] = der.explicit(0, parts["originator"])
    if "material" in parts:
        fields[2:3] = [parts["material"]] if parts["material"] else []
    info = [der.tlv(0xA0, der.tlv(0xA0, parts["certificates"]))] if "certificates" in parts else []
    body = der.sequence(version.raw, *info, der.set_of(der.tlv(0xA1, *fields)), encrypted.raw)
    return der.sequence(der.oid(oids.ENVELOPED_DATA), der.explicit(0, body))


def test_the_sender_may_be_named_in_every_way(ours: Side, theirs: Side) -> None:
    data = sealed(b"who", ours, theirs)
    algorithm, bits = der.parse(theirs.certificate.spki).parts(2)
    bare = der.sequence(algorithm.parts(1)[0].raw)
    named = {
        "by key identifier": der.tlv(0x80, theirs.key.identifier),
        "by a whole key": der.tlv(0xA1, algorithm.raw, bits.raw),
        "by a key without parameters": der.tlv(0xA1, bare, bits.raw),
    }
    for way, originator in named.items():
        got = opened(rebuilt(data, originator=originator), ours, theirs)
        assert got.content == b"who", way
    carried = rebuilt(data, certificates=theirs.certificate.der)
    assert opened(carried, ours, None).originator == theirs.certificate


def test_a_sender_off_the_curve_gets_nothing(ours: Side, theirs: Side) -> None:
    """Small-order points would give the secret key away bit by bit."""
    data = sealed(b"x", ours, theirs)
    algorithm = der.parse(theirs.certificate.spki).parts(2)[0]
    for packed in (bytes(33), b"\1" + bytes(32), b"\xff" * 33):
        key = der.tlv(0xA1, algorithm.raw, der.bit_string(der.octet_string(packed)))
        with pytest.raises(enveloped.NotAnEnvelope):
            opened(rebuilt(data, originator=key), ours, theirs)


def test_other_material_gives_another_key(ours: Side, theirs: Side) -> None:
    data = sealed(b"x", ours, theirs)
    for material in (b"", der.explicit(1, der.octet_string(bytes(64)))):
        with pytest.raises(enveloped.WrongSecret):
            opened(rebuilt(data, material=material), ours, theirs)


def test_every_damaged_byte_gets_a_clean_answer(ours: Side, theirs: Side) -> None:
    data = sealed(b"0123456789", ours, theirs)
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= (0x01, 0x80, 0xFF)[place % 3]
        with contextlib.suppress(enveloped.CannotOpen):
            opened(bytes(spoilt), ours, theirs)
        if place % 8 == 0:
            with pytest.raises(enveloped.CannotOpen):
                opened(data[:place], ours, theirs)


# ── key files ────────────────────────────────────────────────────────────────
def test_every_kind_of_key_file_opens(ours: Side, theirs: Side) -> None:
    plain = key_files.pkcs8(ours.key)
    two = key_files.pkcs8(theirs.key, key_files.second_key(ours.key))
    kinds = {
        "PKCS#8": plain,
        "PBES2": key_files.pbes2(plain, "пароль", 50),
        "PKCS#12": keystore.pack(ours.key, [ours.certificate], "пароль", iterations=50),
        "Key-6.dat": key_files.iit_store(two, "пароль"),
    }
    for kind, data in kinds.items():
        found = containers.open_container(data, "пароль")
        assert [key for key in found.keys if key.belongs_to(ours.certificate)], kind


def test_a_wrong_password_is_told(ours: Side) -> None:
    plain = key_files.pkcs8(ours.key)
    for data in (
        key_files.pbes2(plain, "пароль", 50),
        keystore.pack(ours.key, [ours.certificate], "пароль", iterations=50),
        key_files.iit_store(plain, "пароль"),
    ):
        with pytest.raises(containers.WrongPassword):
            containers.open_container(data, "парол")


def test_a_container_changed_at_any_byte_of_its_body_does_not_open(ours: Side) -> None:
    """Feedback encryption would let a changed certificate through; the container's check does not."""
    data = keystore.pack(ours.key, [ours.certificate], "пароль", iterations=1)
    for place in range(60, len(data) - 120, 17):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises((containers.WrongPassword, der.DerError)):
            containers.open_container(bytes(changed), "пароль")


def test_a_state_test_container_holds_the_agreement_key(sample: Sample) -> None:
    found = containers.open_container(sample("keys/diia-test.p12"), "testpassword")
    agreement = certificates.load(sample("certs/diia-test-kep-7775604.cer"))

    assert [key.belongs_to(agreement) for key in found.keys] == [False, True]
