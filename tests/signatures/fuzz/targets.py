"""What is fuzzed, seeds to start from, and how a seed is spoilt."""

import base64
import contextlib
import datetime
import json
import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from signatures import (
    asic,
    bundles,
    certificates,
    cloud,
    cms,
    containers,
    der,
    elsewhere,
    enveloped,
    inspection,
    kept,
    oids,
    packages,
    timestamps,
    trust,
    trustlists,
)
from signatures.demo.authority import Authority
from signatures.demo.signing import build_ocsp, build_token, sign_cms
from signatures.errors import SignatureRefused
from signatures.judging import ORDER
from signatures.revocation import NoAnswer, parse_crl, parse_ocsp
from signatures.trust import TrustStore
from tests.signatures import xml_documents
from tests.signatures.conftest import NOW, SAMPLES
from tests.signatures.test_answers import HOSTILE, countersigned
from tests.signatures.test_asic import zipped
from tests.signatures.test_pdf import signed_pdf

CORPUS = Path(__file__).parent / "corpus"
MAX_INPUT = 400_000


@cache
def authority() -> Authority:
    return Authority.in_memory()


@cache
def store() -> TrustStore:
    """Trust that every sample finds something in."""
    everything = trust.load_files([SAMPLES / "certs", SAMPLES / "minipki_m257"])
    return TrustStore(
        anchors=(*everything.certificates, authority().root),
        intermediates=(authority().issuer,),
        evidence=everything.evidence,
    )


def verify_anything(data: bytes) -> None:
    """The widest door: whatever comes, an answer with JSON to it and never an exception."""
    result = inspection.verify_file(data, b"content", at=NOW, trust=store())
    result.as_json()
    result.evidence()


def verify_in_2023(data: bytes) -> None:
    at = datetime.datetime(2023, 9, 20, tzinfo=datetime.UTC)
    inspection.verify_file(data, at=at, trust=store()).as_json()


def parse_parts(data: bytes) -> None:
    """The readers below it refuse with their own errors only."""
    for reader in (
        der.parse,
        bundles.load_many,
        parse_crl,
        parse_ocsp,
        timestamps.parse_token,
        timestamps.parse_response,
        trustlists.read_list,
        lambda raw: asic.parse_manifest("m", raw),
        lambda raw: packages.load_package(raw, []),
        packages.listed,
    ):
        try:
            reader(data)
        except (
            der.DerError, NoAnswer, timestamps.Refused, trustlists.NotAList, asic.BadContainer,
            packages.BrokenPackage,
        ):  # fmt: skip
            continue
    trust.read_evidence(data)


@cache
def _recipient() -> tuple[containers.SecretKey, certificates.Certificate]:
    """The recipient of the carried enveloped sample, and of what is sealed below."""
    store = containers.open_container(
        (SAMPLES / "keys/jkurwa_STORE_A040.dat").read_bytes(), "password"
    )
    path = SAMPLES / "enveloped/jkurwa_SELF_SIGNED_ENC_40A0.cer"
    return store.keys[0], certificates.load(path.read_bytes())


def open_messages(data: bytes) -> None:
    """Enveloped messages and key files open or are refused with errors of their own."""
    secret, certificate = _recipient()
    with contextlib.suppress(enveloped.CannotOpen):
        enveloped.open_envelope(data, secret, certificate, originators=[certificate])
    with contextlib.suppress(containers.WrongPassword, der.DerError):
        containers.open_container(data, "password")


def take_from_elsewhere(data: bytes) -> None:
    """A signature made in another program is read, matched and judged, or refused in words."""
    with contextlib.suppress(SignatureRefused):
        for one in elsewhere.read(data):
            one.is_of(b"content")
    elsewhere.changed((), {1: data})
    with contextlib.suppress(ValueError):  # what is kept was judged before; it may not surprise
        found = elsewhere.signature_in(b"content", data)
        found.verify(policy=ORDER, at=NOW, trust=store()).as_json()
        one = found.kept
        covered, belongs = one.widened([authority().root.der], []).to_archive(
            found.signed, one.hash_oid or oids.SHA256
        )
        assert covered
        del belongs
        kept.of(one.stamped(b"\x30\x00").raw)


class _Said:
    """A way out that always brings the same answer."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def fetch(self, url: str, **_: object) -> bytes:
        return self.data if not url.endswith("token") else b'{"access_token": "a"}'


def hear_a_cloud(data: bytes) -> None:
    """A cloud service says whatever it likes: an answer, silence or no, never another error."""
    service = cloud.Service("c", "Хмара", "https://c.example/csc/v2/", "https://c/token", "i", "s")
    client = cloud.Client(service)
    client.http = _Said(data)  # type: ignore[assignment]
    for ask in (
        lambda: client.credentials("7146711424"),
        lambda: client.authorize(_credential(), b"0" * 32, "наказ"),
        lambda: client.confirmed("h"),
        lambda: client.sign("c", "1.2.840.10045.4.3.2", b"0" * 32, "sad"),
    ):
        with contextlib.suppress(cloud.NoAnswer, cloud.Declined):
            ask()


@cache
def _credential() -> cloud.Credential:
    return cloud.Credential("c", "1.2.840.10045.4.3.2", authority().root)


TARGETS: tuple[Callable[[bytes], None], ...] = (
    verify_anything,
    verify_in_2023,
    parse_parts,
    open_messages,
    take_from_elsewhere,
    hear_a_cloud,
)


@cache
def seeds() -> tuple[bytes, ...]:
    """Real samples, one of everything we can make, and the corpus."""
    found = [
        path.read_bytes()
        for path in sorted([*SAMPLES.rglob("*"), *HOSTILE.glob("*"), *CORPUS.glob("*")])
        if path.is_file() and path.suffix not in (".json", ".md")
    ]
    demo = authority()
    key, certificate = demo.issue_person(full_name="Хтось", rnokpp="7146711424", at=NOW)
    manifest = asic.build_manifest({"a.txt": b"a"})
    found += [
        sign_cms(b"content", key, certificate),
        asic.build_asic_e({"a.txt": b"a"}, manifest, sign_cms(manifest, key, certificate)),
        asic.build_asic_s("a.txt", b"a", sign_cms(b"a", key, certificate)),
        manifest,
        packages.build_package({"a": 1}, [{"b": 2}]).manifest,
        build_token(b"content", key=key, certificate=certificate, at=NOW, include_certificate=True),
        build_ocsp(
            certificate=certificate, issuer=demo.issuer, responder=demo.issuer,
            key=demo.issuer_key, at=NOW,
        ),
        *demo.crls(NOW),
        signed_pdf((key, certificate)),
        signed_pdf((key, certificate), signed_pdf((key, certificate))),
        *xml_seeds((key, certificate)),
        *cloud_seeds(certificate),
        archived((key, certificate)),
        countersigned(sign_cms(b"content", key, certificate), (key, certificate)),
        enveloped.seal_envelope(
            b"answer", to=_recipient()[1], secret=_recipient()[0], sender=_recipient()[1]
        ),
    ]  # fmt: skip
    return tuple(item for item in found if len(item) < MAX_INPUT)


def xml_seeds(key: xml_documents.Key) -> list[bytes]:
    """Each form of XAdES, and a container of it."""
    alone = [
        xml_documents.enveloped(key, uri="#doc", canonical=xml_documents.C14N),
        xml_documents.enveloping(key, b"content", stamp=key),
        xml_documents.detached(key, {"a.txt": b"content"}),
    ]
    held = xml_documents.in_container(alone[-1])
    stamp = build_token(b"content", key=key[0], certificate=key[1], at=NOW)
    alone.append(kept.of(alone[-1]).stamped(stamp).widened([key[1].der], []).archived(stamp).raw)
    return [*alone, held, zipped({"a.txt": b"content", "META-INF/signatures.xml": held})]


def cloud_seeds(certificate: certificates.Certificate) -> list[bytes]:
    """What a cloud service answers to each question."""
    info = {
        "credentialID": "c",
        "key": {"status": "enabled", "algo": ["1.2.840.10045.4.3.2"]},
        "cert": {"certificates": [base64.b64encode(certificate.der).decode()]},
        "auth": {"mode": "explicit", "objects": [{"type": ""}]},
    }
    told = ({"credentialInfos": [info]}, {"SAD": "s"}, {"handle": "h"},
            {"SignatureObject": [base64.b64encode(b"0" * 99).decode()]}, {"error": "no"})  # fmt: skip
    return [json.dumps(one).encode() for one in told]


def archived(key: xml_documents.Key) -> bytes:
    """CAdES with archive time-stamps of both kinds, the token of each over something else."""
    token = build_token(b"content", key=key[0], certificate=key[1], at=NOW)
    one = kept.of(sign_cms(b"content", *key)).widened([key[1].der], [])
    _, index = one.to_archive(b"content", oids.SHA256)
    v3 = one.archived(kept.ready(token, index))
    return cms.add_unsigned(v3.raw, 0, cms.attribute(oids.ARCHIVE_TIMESTAMP_V2, token))


def spoil(data: bytes, dice: random.Random) -> bytes:
    """A seed spoilt: by its own structure where it has one, so that not only the first reader of
    bytes is tried; else, and now and then always, as bytes."""
    if data[:2] == b"PK" and dice.random() < 0.6:
        with contextlib.suppress(asic.BadContainer):
            return _spoil_entry(data, dice)
    if data[:1] in (b"<", b"{") and dice.random() < 0.7:
        return _spoil_text(data, dice)
    return _spoil_bytes(data, dice)


def _spoil_entry(data: bytes, dice: random.Random) -> bytes:
    """One file of a container spoilt, and the container whole."""
    archive = asic.Archive(data)
    name = dice.choice(sorted(set(archive.infos) - {"mimetype"}) or ["mimetype"])
    return asic.rewritten(data, {name: spoil(archive.read(name, MAX_INPUT), dice)})


_PIECES = re.compile(rb"<[^>]*>|\"[^\"]*\"|[^<\"]+")


def _spoil_text(data: bytes, dice: random.Random) -> bytes:
    """Elements, attributes, names and values moved, doubled, left out, or of another seed."""
    pieces = _PIECES.findall(data)
    for _ in range(dice.randint(1, 4)):
        if not pieces:
            break
        place, other = dice.randrange(len(pieces)), dice.randrange(len(pieces))
        kind = dice.randrange(7)
        if kind == 0:
            del pieces[place]
        elif kind == 1:
            pieces.insert(place, pieces[other])
        elif kind == 2:
            pieces[place], pieces[other] = pieces[other], pieces[place]
        elif kind == 3:  # a whole run of elements elsewhere: wrapping
            pieces[place:place] = pieces[min(place, other) : max(place, other)][:40]
        elif kind == 4:
            pieces[place] = dice.choice(_WORDS)
        elif kind == 5:
            pieces[place] = pieces[place].replace(b'"', b'"#', 1)
        else:
            pieces[place] = _spoil_bytes(pieces[place], dice)
    return b"".join(pieces)[:MAX_INPUT]


_WORDS = (
    b'""', b'"#"', b'"#sig"', b'"/"', b'"http://a/b"', b"null", b"[]", b"{}", b"-1", b"1e999",
    b"<ds:Object/>", b"<!-- -->", b"<?a b?>", b"&#13;", b"\xef\xbb\xbf",
    b'"http://www.w3.org/2000/09/xmldsig#base64"', b'xmlns:a="urn:a"', b'Id="sig"',
)  # fmt: skip


_TAGS = bytes([0x30, 0x31, 0xA0, 0xA1, 0xA2, 0xA3, 0x80, 0x81, 0x04, 0x24, 0x03, 0x02, 0x06, 0x17,
               0x18, 0x05, 0x01, 0x1F, 0x00, 0xFF])  # fmt: skip


def _spoil_bytes(data: bytes, dice: random.Random) -> bytes:
    """One to six changes of the kinds that hurt parsers of nested lengths."""
    out = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        if not out:
            return bytes(dice.randbytes(8))
        place = dice.randrange(len(out))
        kind = dice.randrange(9)
        if kind == 0:
            out[place] ^= 1 << dice.randrange(8)
        elif kind == 1:
            out[place] = dice.choice(_TAGS)
        elif kind == 2:  # a length
            out[place] = dice.choice((0, 1, 0x7F, 0x80, 0x81, 0x84, 0x88, 0xFE, 0xFF))
        elif kind == 3:
            del out[place : place + dice.randint(1, 40)]
        elif kind == 4:
            out[place:place] = dice.randbytes(dice.randint(1, 20))
        elif kind == 5:
            piece = out[place : place + dice.randint(1, 200)]
            at = dice.randrange(len(out))
            out[at:at] = piece
        elif kind == 6:
            del out[place:]
        elif kind == 7:  # deep nesting
            out[place:place] = dice.choice((b"\x30\x80", b"\x24\x80", b"\xa0\x80")) * dice.randint(
                1, 60
            )
        else:
            other = dice.choice(seeds())
            start = dice.randrange(len(other))
            out[place : place + 50] = other[start : start + dice.randint(1, 200)]
    return bytes(out[:MAX_INPUT])
