"""Signed things as files that verify elsewhere: CAdES with its later time-stamp, ASiC-S around it."""

from __future__ import annotations

from signatures import asic, cms, der, oids
from signatures.models import SigningSession


def signature_file(session: SigningSession) -> bytes:
    """The person's signature, joined with the time-stamp that the server added later.

    Raises:
        ValueError: the session is not signed.
    """
    if session.state != "SIGNED" or session.signature is None:
        raise ValueError("not signed")
    signature = bytes(der.unarmour(bytes(session.signature)))
    stamp = session.later_evidence.filter(kind="TIMESTAMP").order_by("pk").first()
    if stamp is None:
        return signature
    value = der.sequence(der.oid(oids.SIGNATURE_TIMESTAMP), der.tlv(der.SET, bytes(stamp.data)))
    return cms.add_unsigned(signature, 0, value)


def container(session: SigningSession, name: str) -> bytes:
    """An ASiC-S holding exactly the bytes that were shown, under `name`, and the signature.

    Raises:
        ValueError: the session is not signed.
    """
    return asic.build_asic_s(name, bytes(session.content), signature_file(session))
