"""Answers of id.gov.ua: opened, their signature verified, read; with the accelerator and without."""

import base64
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone

from integrations.isei.demo.keys import PASSWORD, KeyFiles, issue
from integrations.isei.demo.people import Vouched
from integrations.isei.demo.provider import Client, Provider
from signatures import letters
from signatures.algorithms import dstu4145, native
from signatures.demo.authority import Authority
from tests.bench import Result, bench, per_second

PERSON = Vouched("x", "Шкільна", "Олена", "Василівна", "7146711424", "59900062", "Ліцей")


@bench("isei.answer", unit="per second")
def answer() -> Iterable[Result]:
    """What one sign-in through id.gov.ua costs beside its waiting."""
    now, authority = timezone.now(), Authority.in_memory()
    with tempfile.TemporaryDirectory() as folder:
        files: KeyFiles = issue(authority, Path(folder), at=now)
        own = letters.read_own_key(files.own_certificate, files.own_key, PASSWORD)
        partners = letters.read_certificates(files.partner_certificates)
        provider = Provider([PERSON], Client("x", "y", ()), keys=files.provider_keys())
        provider.start()
        sealed = base64.b64decode(provider.seal(PERSON.answer(), own.certificate))
        provider.close()
    trust = authority.trust(now)

    def act() -> None:
        letter = letters.open_letter(sealed, own, partners, at=now, trust=trust)
        assert letter.signed_by
        assert json.loads(letter.content)["drfocode"] == PERSON.drfocode

    for name, mode in (("native", ""), ("python", "off")):
        if not mode and native.library() is None:
            continue
        os.environ["AIKOM_NATIVE"] = mode
        native.library.cache_clear()
        dstu4145.arithmetic.cache_clear()
        try:
            found = per_second(act, seconds=2.0)
            yield Result(found.value, n=found.n, name=f"isei.answer_{name}")
        finally:
            del os.environ["AIKOM_NATIVE"]
            native.library.cache_clear()
            dstu4145.arithmetic.cache_clear()
