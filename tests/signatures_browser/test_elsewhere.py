"""A signed package as ASiC-E, read by programs that are none of ours.

The list of files is signed in the browser's worker with a key of each family; the container is
taken apart by zipfile, hashlib and a plain XML reader, and the signature of the list is judged by
barvinok (GOST, Kupyna) or OpenSSL (ECDSA, RSA).
"""

import base64
import hashlib
import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from defusedxml import ElementTree

from signatures import asic, cms, inspection
from signatures.packages import Package, build_package
from tests.signatures_browser.conftest import b64, sign_job
from tests.signatures_browser.material import NOW

OPENSSL = shutil.which("openssl")
DOCUMENT = {"number": "112-у", "date": "2026-11-20"}


@pytest.fixture(scope="module")
def package() -> Package:
    rows = [{"no": number, "surname": "Вигаданий"} for number in range(1, 31)]
    return build_package(DOCUMENT, rows, {"order.pdf": b"%PDF-1.7 a paper"})


def taken_apart(container: bytes) -> tuple[bytes, bytes]:
    """The signed list and its signature, when every file is the one that the list names."""
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files.pop("mimetype") == b"application/vnd.etsi.asic-e+zip"
    manifest = files.pop("META-INF/ASiCManifest001.xml")
    signature, *lines = ElementTree.fromstring(manifest)
    p7s = files.pop(signature.get("URI"))
    listed = {unquote(line.get("URI")): base64.b64decode(line[1].text) for line in lines}
    assert listed == {name: hashlib.sha256(data).digest() for name, data in files.items()}
    return manifest, p7s


def container(worker, material, file, package: Package) -> bytes:
    """Signed in the worker, put together by us, and valid to us."""
    [answer] = worker(sign_job(file, package.manifest))
    made = asic.build_asic_e(
        package.files, package.manifest, base64.b64decode(answer["value"]["signature"])
    )
    result = inspection.verify_file(made, at=NOW, trust=material.trust)
    assert (result.overall, result.uncovered) == ("VALID", ())
    assert set(result.covered) == set(package.files)
    return made


@pytest.mark.parametrize(
    ("name", "hash_name"), [("head.p12", "Gost34311"), ("kupyna.p12", "Dstu7564-256")]
)
def test_barvinok_accepts_the_container_signed_by_a_ukrainian_key(
    worker, second_opinion, material, key_files, package, name, hash_name
):
    manifest, p7s = taken_apart(container(worker, material, key_files[name], package))
    signer = cms.parse_signed_data(p7s).signers[0]

    def asked(attributes: bytes) -> dict:
        return second_opinion(
            {
                "signature": b64(p7s),
                "hash": hash_name,
                "attributes": b64(attributes),
                "content": b64(manifest),
            }
        )

    opinion = asked(bytes(signer.signed_bytes))
    assert opinion["verified"] is True
    digest = bytes.fromhex(opinion["contentDigest"])
    assert signer.signed[MESSAGE_DIGEST][0].content == digest
    assert asked(bytes(signer.signed_bytes) + b"\0")["verified"] is False


MESSAGE_DIGEST = "1.2.840.113549.1.9.4"


@pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
@pytest.mark.parametrize("name", ["p256.pem", "p384.pem", "rsa.pem"])
def test_openssl_accepts_the_container_signed_by_a_european_key(
    worker, material, key_files, package, tmp_path: Path, name
):
    manifest, p7s = taken_apart(container(worker, material, key_files[name], package))
    (tmp_path / "signature.p7s").write_bytes(p7s)

    def accepted(content: bytes) -> bool:
        (tmp_path / "manifest.xml").write_bytes(content)
        done = subprocess.run(
            [OPENSSL, "cms", "-verify", "-binary", "-inform", "DER",
             "-in", "signature.p7s", "-content", "manifest.xml", "-out", "out",
             # the issuer signs by DSTU, which OpenSSL does not know: the path is not its business
             "-noverify"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or "error" in done.stderr.lower()
        return done.returncode == 0

    assert accepted(manifest)
    assert not accepted(manifest.replace(b"order.pdf", b"other.pdf"))


@pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
def test_we_accept_the_container_that_openssl_signed(material, package, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    certificate = material.classic(key)
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    pem = base64.encodebytes(certificate.der)
    (tmp_path / "certificate.pem").write_bytes(
        b"-----BEGIN CERTIFICATE-----\n" + pem + b"-----END CERTIFICATE-----\n"
    )
    (tmp_path / "manifest.xml").write_bytes(package.manifest)
    subprocess.run(
        [OPENSSL, "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER",
         "-in", "manifest.xml", "-signer", "certificate.pem", "-inkey", "key.pem",
         "-out", "signature.p7s"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    p7s = (tmp_path / "signature.p7s").read_bytes()

    made = asic.build_asic_e(package.files, package.manifest, p7s)
    result = inspection.verify_file(made, at=NOW, trust=material.trust)

    assert (result.signers[0].crypto, result.signers[0].digest) == ("VALID", "VALID")
    assert result.signers[0].level == "BES"
    assert set(result.covered) == set(package.files)
