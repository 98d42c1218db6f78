"""Whom the demo's provider may vouch for."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Vouched:
    """An invented person as id.gov.ua would tell of them.

    `key` names them in the page's form; `note` says what to try with them.
    """

    key: str
    surname: str
    given_name: str
    patronymic: str
    drfocode: str = ""
    edrpoucode: str = ""
    organisation: str = ""
    title: str = ""
    auth_type: str = "dig_sign"
    note: str = ""

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.surname, self.given_name, self.patronymic)))

    def answer(self) -> dict[str, str]:
        """Every field of /get-user-info. A bank reads no certificate and knows no organisation."""
        signed = self.auth_type != "bank_id"
        return {
            "auth_type": self.auth_type,
            "issuer": "O=ТЕСТОВИЙ надавач АІКОМ;CN=ТЕСТОВИЙ надавач" if signed else "",
            "issuercn": "ТЕСТОВИЙ надавач" if signed else "",
            "serial": f"3A{self.drfocode or self.edrpoucode}".ljust(40, "0") if signed else "",
            "subject": f"CN={self.full_name};O={self.organisation}" if signed else "",
            "subjectcn": self.full_name,
            "locality": "",
            "state": "",
            "o": self.organisation,
            "ou": "",
            "title": self.title,
            "lastname": self.surname,
            "givenname": self.given_name,
            "middlename": self.patronymic,
            "email": "",
            "address": "",
            "phone": "",
            "dns": "",
            "edrpoucode": self.edrpoucode,
            "drfocode": self.drfocode,
            "unzr": "",
            "isqscd": "1" if self.auth_type == "mobile_id" else "0",
        }
