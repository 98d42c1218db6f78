"""The port through which an operator plugs in another verifier, such as a certified library.

Every signature of a document goes through it, whatever holds it: sign-in and orders, files dropped
on the public page, PDF, ASiC and ZIP, letters of partners.

`SIGNATURES_BACKEND` names a class by dotted path; the default is our own verification. Another
backend answers in the same result model, and tests/signatures/test_backends.py holds it to the
same contract (AIKOM_SIGNATURE_BACKENDS adds it to the run). See docs/how-to/signature-backend.md.
"""

from __future__ import annotations

import datetime
import mmap
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from signatures.judging import Content, Policy
from signatures.result import VerificationResult
from signatures.trust import TrustStore
from signatures.verification import verify_cms
from signatures.xades import Files, verify_xml


class SignatureBackend(Protocol):
    """A verifier of CMS/CAdES and of XML/XAdES signatures.

    Whatever the input, it answers and never raises. `trust` is what the installation believes at
    `at`; a backend with a store of its own must not believe more than that.
    """

    name: str

    def verify_cms(
        self,
        data: bytes | memoryview,
        content: Content,
        *,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
    ) -> VerificationResult: ...

    def verify_xml(
        self,
        data: bytes | memoryview | mmap.mmap,
        content: Content,
        *,
        files: Files | None = None,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
    ) -> VerificationResult: ...


class OwnBackend:
    """This package."""

    name = "aikom"

    def verify_cms(
        self,
        data: bytes | memoryview,
        content: Content,
        *,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
    ) -> VerificationResult:
        return verify_cms(data, content, policy=policy, at=at, trust=trust)

    def verify_xml(
        self,
        data: bytes | memoryview | mmap.mmap,
        content: Content,
        *,
        files: Files | None = None,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
    ) -> VerificationResult:
        return verify_xml(data, content, files=files, policy=policy, at=at, trust=trust)


@cache
def _loaded(path: str) -> SignatureBackend:
    backend: SignatureBackend = import_string(path)()
    return backend


def backend() -> SignatureBackend:
    """The configured backend.

    Raises:
        ImportError: the setting names nothing; at start, by the system check of this app.
    """
    return _loaded(settings.SIGNATURES_BACKEND)
