"""Enveloped messages between this project and barvinok, both ways."""

import base64

import pytest

from signatures import enveloped
from signatures.containers import SecretKey
from signatures.demo.signing import SigningKey
from tests.signatures_browser import containers
from tests.signatures_browser.conftest import b64
from tests.signatures_browser.material import NOW, Material

ANSWER = '{"drfocode": "7146711424", "lastname": "Шкільна"}'.encode()


@pytest.fixture
def sides(material: Material):
    """Two keys for agreement with their certificates: ours and the other's."""
    return [
        material.authority.issue_person(
            full_name="Вигаданий отримувач",
            edrpou="39301337",
            kind="seal",
            at=NOW,
            key=SigningKey.generate(257),
            key_usage=("keyAgreement",),
        )
        for _ in range(2)
    ]


def test_an_independent_implementation_opens_what_we_seal(second_opinion, sides):
    (key, ours), (other_key, theirs) = sides
    message = enveloped.seal_envelope(
        ANSWER, to=theirs, secret=SecretKey(key.curve, key.d), sender=ours
    )
    opinion = second_opinion(
        {
            "envelope": {
                "message": b64(message),
                "key": b64(containers.pkcs8(other_key)),
                "sender": b64(ours.der),
            }
        }
    )
    assert base64.b64decode(opinion["opened"]) == ANSWER


def test_we_open_what_an_independent_implementation_seals(second_opinion, sides):
    (key, ours), (other_key, theirs) = sides
    opinion = second_opinion(
        {
            "seal": {
                "content": b64(ANSWER),
                "key": b64(containers.pkcs8(other_key)),
                "sender": b64(theirs.der),
                "recipient": b64(ours.der),
            }
        }
    )
    got = enveloped.open_envelope(
        base64.b64decode(opinion["sealed"]),
        SecretKey(key.curve, key.d),
        ours,
        originators=[theirs],
    )
    assert got.content == ANSWER
