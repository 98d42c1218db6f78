"""Refusals about certificates of study."""

from __future__ import annotations

from kernel.errors import DomainError


class CertificateDecided(DomainError):
    """It is signed, given up or void already."""

    code = "certificate_decided"
    title = "З цією довідкою це вже не можна зробити"


class CertificatesOutdated(DomainError):
    """The register changed between showing certificates and signing them: `rows` says where."""

    code = "certificates_outdated"
    title = "Поки довідки чекали на підпис, дані в реєстрі змінилися"
