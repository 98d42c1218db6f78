"""A bounded fuzz of every reader: spoilt samples, rubbish, and what once failed."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signatures.fuzz import targets


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda target: target.__name__)
def test_spoilt_samples_are_answered_in_time(target: object) -> None:
    """Always the same 250 inputs; the long run (`make fuzz`) draws others. Processor time, because
    a busy machine is no finding."""
    dice = random.Random(f"4145 {target.__name__}")  # type: ignore[attr-defined]
    for _ in range(250):
        data = targets.spoil(dice.choice(targets.seeds()), dice)
        began = time.process_time()
        target(data)  # type: ignore[operator]
        assert time.process_time() - began < 20


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda target: target.__name__)
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_rubbish_is_answered(target: object, data: bytes) -> None:
    target(data)  # type: ignore[operator]
    target(b"\x30\x80" + data)  # type: ignore[operator]
    target(b"PK\x03\x04" + data)  # type: ignore[operator]


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda target: target.__name__)
@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x80" * 20_000,
        b"\xa0\x80" * 200_000,
        b"\x24\x80" * 5_000 + b"\0\0" * 5_000,
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x30\x83\x0f\x42\x40" + b"\x05\x00" * 500_000,
        b"0" * 100_000,
        b"MII" + b"A" * 300_000,
        b"-----BEGIN CERTIFICATE-----" * 5_000,
        b"<?xml version='1.0'?>" + b"<a>" * 50_000,
    ],
    ids=["deep", "deeper", "strings of strings", "long", "longer", "many values", "digits",
         "base64", "PEM", "deep XML"],
)  # fmt: skip
def test_inputs_built_to_exhaust_are_answered_in_time(target: object, data: bytes) -> None:
    began = time.process_time()
    target(data)  # type: ignore[operator]
    assert time.process_time() - began < 20
