"""BouncyCastle, an independent implementation, agrees: where Java and Debian's libbcprov-java are."""

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from signatures import certificates, keys, oids
from signatures.algorithms import hashes
from signatures.algorithms.curves import BY_DEGREE
from signatures.algorithms.dstu4145 import arithmetic
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey
from tests.kit.waiting import LONG
from tests.signatures.conftest import SAMPLES, issue_olena

JAR = Path("/usr/share/java/bcprov.jar")
JAVA = shutil.which("java")
pytestmark = pytest.mark.skipif(
    JAVA is None or not JAR.exists(), reason="no Java, or no Debian package libbcprov-java"
)
HASHES = [
    os.urandom(32),
    bytes(32),  # becomes one
    b"\xff" * 32,
    os.urandom(64),  # longer than any field
]
DSTU = keys.SignatureAlgorithm(oids.DSTU4145_GOST, oids.GOST34311)

Ask = Callable[[list[tuple[object, ...]]], list[str]]


@pytest.fixture(scope="module")
def castle() -> Ask:
    """Answers to questions, a tuple each; starting Java costs a second or two."""

    def ask(questions: list[tuple[object, ...]]) -> list[str]:
        lines = [
            " ".join(
                base64.b64encode(word).decode() if isinstance(word, bytes) else str(word)
                for word in question
            )
            for question in questions
        ]
        done = subprocess.run(
            [str(JAVA), "-cp", str(JAR), str(Path(__file__).with_name("BouncyCastle.java"))],
            input="\n".join(lines) + "\n",
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        answers = done.stdout.split("\n")[:-1]
        assert len(answers) == len(questions)
        return answers

    return ask


def test_it_accepts_what_we_sign_on_every_curve_and_no_other_hash(castle: Ask) -> None:
    questions = []
    for m in BY_DEGREE:
        key = SigningKey.generate(m)
        questions += [
            ("verify", key.spki, asked, signature_of(key, digest))
            for digest in HASHES
            for asked in (digest, other(digest))
        ]

    answers = castle(questions)

    assert answers == ["true", "false"] * (len(answers) // 2)
    assert len(answers) == 80


def other(digest: bytes) -> bytes:
    """Differs within the low bits, which count on every curve."""
    return bytes([digest[0] ^ 2]) + digest[1:]


def signature_of(key: SigningKey, digest: bytes) -> bytes:
    h = keys.hash_to_field(digest, key.curve.m)
    pair = arithmetic(key.curve.m).sign(key.d, h)
    return b"".join(number.to_bytes(key.curve.order_bytes, "little") for number in pair)


def test_we_accept_what_it_signs_on_every_curve_and_no_other_hash(castle: Ask) -> None:
    asked = [(curve.index, digest) for curve in BY_DEGREE.values() for digest in HASHES]
    answers = castle([("sign", index, digest) for index, digest in asked])

    for (_, digest), answer in zip(asked, answers, strict=True):
        spki, pair = map(base64.b64decode, answer.split())
        big = keys.public_key(spki)  # it writes keys big-endian, and so would their signatures be
        assert isinstance(big, keys.DstuKey)
        assert big.big_endian
        little = replace(big, big_endian=False)
        for key, made in ((big, pair[::-1]), (little, pair)):
            assert key.verify(DSTU, digest, made)
            assert not key.verify(DSTU, other(digest), made)
            assert not key.verify(DSTU, digest, made[::-1])


@pytest.mark.parametrize(("name", "oid"), [("gost", oids.GOST34311), ("kupyna256", oids.KUPYNA256)])
def test_hashes_are_the_same_at_every_length(castle: Ask, name: str, oid: str) -> None:
    texts = [os.urandom(size) for size in (1, 31, 32, 33, 63, 64, 65, 127, 128, 1000, 70_000)]

    answers = castle([("hash", name, text) for text in texts])

    assert [base64.b64decode(one) for one in answers] == [hashes.digest(oid, t) for t in texts]


def test_certificates_verify_there_as_here(castle: Ask) -> None:
    """Real ones, ours, and one issued by a namesake."""
    authority, namesake = Authority.in_memory(), Authority.in_memory()
    _, olena = issue_olena(authority)
    pairs: list[tuple[Certificate, Certificate]] = [
        (olena, authority.issuer),
        (authority.issuer, authority.root),
        (olena, namesake.issuer),
    ]
    real = [certificates.load(p.read_bytes()) for p in sorted((SAMPLES / "certs").glob("*.cer"))]
    mini = [
        certificates.load(p.read_bytes()) for p in sorted((SAMPLES / "minipki_m257").glob("*.cer"))
    ]
    for found in (real, mini):
        pairs += [
            (one, above)
            for one in found
            for above in found
            if one.issuer == above.subject and isinstance(above.public_key, keys.DstuKey)
        ]

    answers = castle([("certificate", one.der, above.der) for one, above in pairs])

    ours = [str(certificates.signed_by(one, above)).lower() for one, above in pairs]
    judged = [(us, it) for us, it in zip(ours, answers, strict=True) if it != "refused"]
    assert [us for us, _ in judged] == [it for _, it in judged]
    assert answers[:3] == ["true", "true", "false"]
    assert answers.count("true") >= 12, answers
    assert answers.count("refused") <= 1
