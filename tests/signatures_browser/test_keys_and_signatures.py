"""The worker's modules, run in Node, against the server's verification and an independent one."""

import base64
import gzip
import secrets
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes as cryptography_hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from signatures import cms, der, oids
from signatures.algorithms import hashes
from signatures.algorithms.curves import STANDARD
from signatures.algorithms.dstu4145 import arithmetic
from signatures.browser import build
from signatures.certificates import Certificate
from signatures.demo import keystore
from signatures.keys import hash_to_field, split_signature
from signatures.result import Overall, Reason
from signatures.verification import verify_cms
from tests.signatures_browser import containers
from tests.signatures_browser.conftest import KEYS, b64, sign_job
from tests.signatures_browser.material import HEAD, LATIN_PASSWORD, NOW, PASSWORD, KeyFile

CONTENT = "Наказ № 112-у про зарахування учнів".encode()


def sample(name: str, password: str, *beside: str) -> KeyFile:
    files = tuple((KEYS / file).read_bytes() for file in beside)
    return KeyFile(name, (KEYS / name).read_bytes(), password, "", files)


# ── every kind of key ────────────────────────────────────────────────────────
def test_every_kind_of_key_opens_and_the_server_accepts_what_it_signs(worker, material, key_files):
    answers = worker(*(sign_job(file, CONTENT) for file in key_files.values()))
    for file, answer in zip(key_files.values(), answers, strict=True):
        assert answer["ok"], (file.name, answer)
        signature = base64.b64decode(answer["value"]["signature"])
        result = verify_cms(signature, CONTENT, at=NOW, trust=material.trust)
        assert result.overall is Overall.VALID, (file.name, result.as_json())
        assert result.signers[0].algorithm == file.algorithm, file.name
        assert result.signers[0].level == "BES"


def test_the_person_sees_whose_certificate_it_is(worker, key_files):
    [answer] = worker(sign_job(key_files["head.p12"], CONTENT))
    shown = answer["value"]["certificate"]
    assert shown["name"] == HEAD["full_name"]
    assert (shown["rnokpp"], shown["edrpou"]) == (HEAD["rnokpp"], HEAD["edrpou"])
    assert (shown["organization"], shown["title"]) == (HEAD["organisation"], HEAD["title"])
    assert "ТЕСТОВИЙ надавач" in shown["issuer"]
    assert shown["qualified"] is True


def test_another_content_is_refused(worker, material, key_files):
    [answer] = worker(sign_job(key_files["head.p12"], CONTENT))
    signature = base64.b64decode(answer["value"]["signature"])
    result = verify_cms(signature, CONTENT + b".", at=NOW, trust=material.trust)
    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)


def test_attached_carries_the_content_and_detached_does_not(worker, material, key_files):
    file = key_files["head.p12"]
    attached, detached = worker(
        sign_job(file, CONTENT, detached=False), sign_job(file, CONTENT, detached=True)
    )
    attached, detached = (base64.b64decode(a["value"]["signature"]) for a in (attached, detached))
    assert CONTENT in attached
    assert CONTENT not in detached
    assert verify_cms(attached, at=NOW, trust=material.trust).valid


def test_signed_attributes_are_der_and_name_the_certificate(worker, key_files):
    [answer] = worker(sign_job(key_files["head.p12"], CONTENT))
    signer = cms.parse_signed_data(base64.b64decode(answer["value"]["signature"])).signers[0]
    signed = bytes(signer.signed_bytes)
    assert signed[0] == 0x31
    members = [node.raw for node in cms.der.parse(b"\x30" + signed[1:]).parts()]
    assert members == sorted(members)
    names = {cms.der.parse(member).parts(2)[0].oid for member in members}
    assert names == {
        oids.CONTENT_TYPE,
        oids.MESSAGE_DIGEST,
        oids.SIGNING_TIME,
        oids.SIGNING_CERTIFICATE_V2,
    }


# ── samples of others ────────────────────────────────────────────────────────
def test_a_state_test_key_signs_with_its_certificates_beside(worker):
    both = ("diia-test-agreement.cer", "diia-test-sign.cer")
    [answer] = worker(sign_job(sample("diia-test.p12", "testpassword", *both), CONTENT))
    assert answer["value"]["certificate"]["edrpou"] == "43395033"


def test_a_container_without_certificates_names_its_keys(worker, second_opinion):
    file = sample("diia-test.p12", "testpassword")
    [answer] = worker(sign_job(file, CONTENT))
    assert answer["code"] == "certificate-missing"
    theirs = second_opinion({"file": b64(file.data), "password": file.password})
    ours = set(answer["more"]["keyIds"])
    assert ours.issuperset(theirs["keys"])
    assert len(ours) == 2 * len(theirs["keys"])  # Kupyna, which theirs does not know, beside GOST


def test_a_key_on_a_small_curve_does_not_hang_the_opening(worker):
    [answer] = worker(sign_job(sample("prozorro_Key-6.pfx", "12345677"), CONTENT))
    assert answer["code"] == "certificate-missing"
    assert len(answer["more"]["keyIds"]) == 4  # two keys, each by GOST and by Kupyna


def test_java_key_stores_of_others_open(worker):
    dstu, rsa = worker(
        sign_job(sample("diia-test-dstu.jks", "testpassword"), CONTENT),
        sign_job(sample("uapki_rsa.jks", "testpassword"), CONTENT),
    )
    assert dstu["value"]["certificate"]["edrpou"] == "43395033"
    assert rsa["code"] == "certificate-missing"


# ── which key, which certificate ─────────────────────────────────────────────
def test_of_two_keys_the_one_for_signatures_is_taken(worker, material):
    """Wherever it stands: first or second in the file, first or second of the certificates."""
    sign_key, signing = material.dstu()
    agree_key, agreement = material.dstu(431, key_usage=("keyAgreement",))
    certificates = (agreement.der, signing.der)
    for first, second in ((sign_key, agree_key), (agree_key, sign_key)):
        both = containers.pkcs8(first, containers.second_key(second))
        data = containers.iit_store(both, LATIN_PASSWORD)
        for beside in (certificates, certificates[::-1]):
            [answer] = worker(sign_job(KeyFile("", data, LATIN_PASSWORD, "", beside), CONTENT))
            signature = base64.b64decode(answer["value"]["signature"])
            signer = verify_cms(signature, CONTENT, at=NOW, trust=material.trust).signers[0]
            assert signer.certificate.key_usage[0] == "digitalSignature"


def test_a_key_that_may_only_agree_keys_does_not_sign(worker, material):
    key, certificate = material.dstu(key_usage=("keyAgreement",))
    data = keystore.pack(key, [certificate], PASSWORD)
    [answer] = worker(sign_job(KeyFile("x.p12", data, PASSWORD, ""), CONTENT))
    assert answer["code"] == "no-signing-key"


def test_the_encryption_certificate_alone_is_told_from_a_foreign_one(worker, key_files, material):
    file = key_files["Key-6.dat"]
    agreement = KeyFile("", file.data, file.password, "", file.beside[:1])
    foreign = KeyFile("", file.data, file.password, "", (material.dstu()[1].der,))
    first, second = worker(sign_job(agreement, CONTENT), sign_job(foreign, CONTENT))
    assert first["code"] == "certificate-encryption"
    assert second["code"] == "certificate-foreign"


def test_of_two_certificates_of_one_key_the_valid_one_is_taken(worker, material):
    import datetime

    key, valid = material.dstu()
    past = NOW - datetime.timedelta(days=800)
    _, expired = material.authority.issue_person(
        **HEAD, at=past, key=key, not_after=past + datetime.timedelta(days=30)
    )
    for chain in ([expired, valid], [valid, expired]):
        data = keystore.pack(key, chain, PASSWORD)
        [answer] = worker(sign_job(KeyFile("x.p12", data, PASSWORD, ""), CONTENT))
        assert answer["value"]["certificate"]["notAfter"].startswith(str(valid.not_after.date()))


def test_explicit_parameters_of_a_foreign_curve_are_refused(worker, material):
    key, certificate = material.dstu()
    algorithm = containers.explicit_algorithm(key.curve, b=key.curve.b ^ 2)
    data = containers.pkcs8(key, algorithm=algorithm)
    [answer] = worker(sign_job(KeyFile("x.pk8", data, "", "", (certificate.der,)), CONTENT))
    assert answer["code"] == "algorithm-unsupported"


# ── wrong input ──────────────────────────────────────────────────────────────
def test_a_wrong_password_is_told_for_every_kind(worker, key_files):
    locked = [file for file in key_files.values() if file.password]
    jobs = [sign_job(file, CONTENT) | {"password": file.password + "x"} for file in locked]
    jobs += [sign_job(file, CONTENT) | {"password": ""} for file in locked]
    codes = [answer.get("code") for answer in worker(*jobs)]
    assert codes == ["wrong-password"] * len(locked) + ["no-password"] * len(locked)


def test_a_ukrainian_password_of_an_old_windows_program_opens(worker, material):
    key, certificate = material.dstu()
    secret = "Вишня"
    old = containers.iit_store_of_bytes(containers.pkcs8(key), secret.encode("cp1251"))
    [answer] = worker(sign_job(KeyFile("Key-6.dat", old, secret, "", (certificate.der,)), CONTENT))
    assert answer["ok"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"\xff\xd8\xff\xe0 a photograph", "not-a-key"),
        ("Шановні колеги".encode(), "not-a-key"),
        (b"PK\x03\x04" + bytes(200), "not-a-key"),
        (b"\x30\x82\xff\xff" + bytes(50), "damaged"),
        (b"\x30\x80" * 5_000, "damaged"),
        (b"\xfe\xed\xfe\xed\x00\x00\x00\x02\xff\xff\xff\xff" + bytes(40), "not-a-key"),
        ((KEYS / "diia-test-sign.cer").read_bytes(), "only-certificate"),
    ],
)
def test_what_is_no_key_is_said_to_be_none(worker, data, code):
    [answer] = worker(sign_job(KeyFile("x", data, "secret", ""), CONTENT))
    assert answer["code"] == code


@pytest.mark.slow
def test_a_damaged_file_never_crashes_the_opening(worker, material):
    key, certificate = material.dstu()
    plain = containers.pkcs8(key)
    files = {
        "p12": keystore.pack(key, [certificate], PASSWORD, iterations=2),
        "jks": containers.jks(plain, [certificate.der], PASSWORD),
        "pk8": containers.pbes2(plain, PASSWORD, iterations=2),
        "plain": plain,
    }
    job = {"do": "damage", "password": PASSWORD, "certificates": [b64(certificate.der)]}
    jobs = [
        job | {"file": b64(data), "step": 1 if len(data) < 600 else 5} for data in files.values()
    ]
    for name, answer in zip(files, worker(*jobs), strict=True):
        crashes = [code for code in answer["value"] if code.startswith("CRASH")]
        assert not crashes, (name, crashes)


# ── secrets ──────────────────────────────────────────────────────────────────
def test_nothing_of_a_key_or_password_is_left_when_the_key_is_closed(leftovers, material):
    """Of the key, the one-time number of its signature and the password, in any form they took."""
    key, certificate = material.dstu()
    plain = containers.pkcs8(key)
    beside = (certificate.der,)
    store = containers.iit_store(plain, LATIN_PASSWORD)
    old = ec.generate_private_key(ec.SECP256R1())
    classic = material.classic(old)
    sec1 = old.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    as_der = old.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    dstu = {
        "head.p12": (keystore.pack(key, [certificate], PASSWORD, iterations=20), PASSWORD),
        "head.pk8": (containers.pbes2(plain, PASSWORD, iterations=20), PASSWORD),
        "head.jks": (containers.jks(plain, [certificate.der], PASSWORD), PASSWORD),
        "Key-6.dat": (store, LATIN_PASSWORD),
        "base64.dat": (base64.encodebytes(store), LATIN_PASSWORD),
        "plain.pk8": (plain, PASSWORD),
    }
    jobs = {
        name: sign_job(KeyFile(name, data, password, "", beside), CONTENT)
        | {"secret": f"{key.d:066x}", "curve": 6}
        for name, (data, password) in dstu.items()
    }
    numbers = {"secret": f"{old.private_numbers().private_value:064x}"}
    for name, data, password in [
        ("sec1.pem", sec1, PASSWORD),
        ("p256.jks", containers.jks(as_der, [classic.der], PASSWORD), PASSWORD),
        *((file.name, file.data, file.password) for file in _pkcs12_of(old, classic)),
    ]:
        file = KeyFile(name, data, password, "", (classic.der,))
        jobs[name] = sign_job(file, CONTENT) | numbers
    answers = dict(zip(jobs, leftovers(*jobs.values()), strict=True))
    assert all(answer["recorded"] > 100 for answer in answers.values())
    assert {name: answer["left"] for name, answer in answers.items() if answer["left"]} == {}


def _pkcs12_of(key: ec.EllipticCurvePrivateKey, certificate: Certificate) -> list[KeyFile]:
    """PKCS#12 of one key: as programs write it now, and as they did."""
    aes = serialization.BestAvailableEncryption(PASSWORD.encode())
    old = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(20)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(cryptography_hashes.SHA1())  # noqa: S303 - what old programs wrote
        .build(PASSWORD.encode())
    )
    held = x509.load_der_x509_certificate(certificate.der)
    return [
        KeyFile(
            f"{name}.p12",
            pkcs12.serialize_key_and_certificates(b"head", key, held, None, how),
            PASSWORD,
            "",
        )
        for name, how in (("aes", aes), ("3des", old))
    ]


# ── a file's own check ───────────────────────────────────────────────────────
def test_a_pkcs12_whose_integrity_check_fails_is_broken_and_not_a_wrong_password(worker, material):
    """The keys inside open with the password, so the password is right and the file is not."""
    key, certificate = material.dstu()
    old = ec.generate_private_key(ec.SECP256R1())
    files = [
        KeyFile("head.p12", keystore.pack(key, [certificate], PASSWORD), PASSWORD, ""),
        *_pkcs12_of(old, material.classic(old)),
    ]
    for file in files:
        spoilt = bytearray(file.data)
        mac = bytes(der.parse(file.data).parts()[2].parts()[0].parts()[1].octets())
        spoilt[file.data.find(mac) + 3] ^= 1
        codes = [
            answer.get("code")
            for answer in worker(
                sign_job(file, CONTENT),
                sign_job(KeyFile("", bytes(spoilt), PASSWORD, ""), CONTENT),
                sign_job(KeyFile("", file.data, "не той", ""), CONTENT),
                sign_job(KeyFile("", bytes(spoilt), "не той", ""), CONTENT),
            )
        ]
        assert codes == [None, "damaged", "wrong-password", "wrong-password"], file.name


def test_a_pkcs12_broken_inside_is_told_from_a_wrong_password(worker, material, monkeypatch):
    """Its check was made over what is broken: the password is right."""
    key, certificate = material.dstu()
    whole = keystore._encrypted

    def broken(*parts: Any) -> tuple[bytes, bytes]:
        algorithm, body = whole(*parts)
        return algorithm, bytes([body[0] ^ 1, *body[1:]])

    monkeypatch.setattr(keystore, "_encrypted", broken)
    data = keystore.pack(key, [certificate], PASSWORD)
    right, wrong = worker(
        sign_job(KeyFile("", data, PASSWORD, ""), CONTENT),
        sign_job(KeyFile("", data, "не той", ""), CONTENT),
    )
    assert (right["code"], wrong["code"]) == ("damaged", "wrong-password")


# ── algorithms ───────────────────────────────────────────────────────────────
def test_hashes_agree_with_the_server(worker):
    lengths = [0, 1, 31, 32, 33, 51, 52, 63, 64, 65, 115, 116, 127, 128, 1000]
    inputs = [secrets.token_bytes(length) for length in lengths]
    answers = worker(*({"do": "hashes", "data": b64(data)} for data in inputs))
    for data, answer in zip(inputs, answers, strict=True):
        assert answer["value"]["gost"] == hashes.digest(oids.GOST34311, data).hex()
        assert answer["value"]["kupyna"] == hashes.digest(oids.KUPYNA256, data).hex()


@pytest.mark.parametrize("curve", STANDARD, ids=lambda curve: f"m{curve.m}")
def test_signatures_on_every_standard_curve_verify(worker, curve):
    secret_numbers = [1, curve.n - 1, *(1 + secrets.randbelow(curve.n - 1) for _ in range(3))]
    digest = secrets.token_bytes(32)
    digests = [digest, bytes(32), digest, digest[:31] + b"\0", digest]
    answers = worker(
        *(
            {"do": "dstu", "number": curve.index, "d": f"{d:x}", "digest": digest.hex()}
            for d, digest in zip(secret_numbers, digests, strict=True)
        )
    )
    math = arithmetic(curve.m)
    for d, digest, answer in zip(secret_numbers, digests, answers, strict=True):
        key = math.public_key(d)
        assert int.from_bytes(bytes.fromhex(answer["value"]["key"]), "little") == math.compress(key)
        pair = split_signature(bytes.fromhex(answer["value"]["signature"]), curve.order_bytes)
        assert math.verify(key, hash_to_field(digest, curve.m), *pair)


@pytest.mark.parametrize(
    ("name", "hash_name"), [("head.p12", "Gost34311"), ("kupyna.p12", "Dstu7564-256")]
)
def test_an_independent_implementation_accepts_the_signature(
    worker, second_opinion, key_files, name, hash_name
):
    [answer] = worker(sign_job(key_files[name], CONTENT))
    signature = answer["value"]["signature"]
    signer = cms.parse_signed_data(base64.b64decode(signature)).signers[0]
    opinion = second_opinion(
        {
            "signature": signature,
            "hash": hash_name,
            "attributes": b64(bytes(signer.signed_bytes)),
            "content": b64(CONTENT),
        }
    )
    assert opinion["verified"] is True
    assert bytes.fromhex(opinion["contentDigest"]) in bytes(signer.signed_bytes)


def test_the_demo_container_opens_elsewhere_too(second_opinion, key_files):
    file = key_files["head-10000.pfx"]
    # barvinok takes a text password byte by byte: only Latin letters mean the same everywhere
    assert LATIN_PASSWORD.isascii()
    key = keystore.unpack(file.data, file.password)[0][0]
    data = keystore.pack(key, [], LATIN_PASSWORD)
    opinion = second_opinion({"file": b64(data), "password": LATIN_PASSWORD})
    assert opinion["keys"] == [key.identifier.hex()]


@pytest.mark.parametrize(
    ("used", "asked", "still_open"),
    [([0], 14, True), ([0], 16, False), ([0, 10], 24, True), ([0, 10], 26, False)],
)
def test_a_kept_key_is_forgotten_fifteen_minutes_after_its_last_use(
    worker, used, asked, still_open
):
    [answer] = worker({"do": "idle", "used": used, "asked": asked})
    assert answer["value"]["open"] is still_open


# ── the bundle ───────────────────────────────────────────────────────────────
def test_the_page_loads_no_more_than_a_hundred_kilobytes(bundle: Path):
    total = sum(
        len(gzip.compress((bundle / name).read_bytes())) for name in ("sign.js", "signer.worker.js")
    )
    assert total <= 100 * 1024


def test_the_worker_has_no_way_to_keep_or_send_a_key(bundle: Path):
    worker = (bundle / "signer.worker.js").read_text()
    for way in ("fetch(", "XMLHttpRequest", "WebSocket", "importScripts", "sendBeacon", "console."):
        assert way not in worker
    both = worker + (bundle / "sign.js").read_text()
    for store in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches."):
        assert store not in both


def test_sources_and_lock_name_no_host():
    lock = (build.PROJECT / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in lock
