"""People who do not exist yet, and short ways to say what a test is not about."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.identifiers import rnokpp_check_digit
from accounts.models import User
from accounts.services.people import Person
from signatures.browser import build
from signatures.certificates import Certificate
from signatures.demo.authority import stored
from signatures.demo.signing import SigningKey, sign_cms


def code(serial: int) -> str:
    """A valid РНОКПП of somebody born in 2095 (handbook M.2)."""
    nine = f"71468{serial:04d}"
    return nine + str(rnokpp_check_digit(nine))


@pytest.fixture(scope="session", autouse=True)
def bundle() -> None:
    """The sign-in page names the hashes of the built signing files."""
    build.build()


@pytest.fixture
def somebody() -> Callable[..., Person]:
    """`somebody(7)`: a well-formed invented person; keywords change parts."""

    def make(number: int = 1, **changes: str) -> Person:
        return dataclasses.replace(
            Person(
                surname="Новенька",
                given_name="Віра",
                patronymic="Андріївна",
                person_code=code(number),
                email=f"nova{number}@example.com",
            ),
            **changes,
        )

    return make


# ── keys of the demo authority ───────────────────────────────────────────────
@dataclasses.dataclass
class Keys:
    """Signs as an invented person would in the browser, with a key of the demo authority."""

    folder: Path

    def issue(
        self, person: User | Person, edrpou: str | None, **changes: Any
    ) -> tuple[SigningKey, Certificate]:
        fields: dict[str, Any] = {
            "full_name": person.full_name,
            "surname": person.surname,
            "given_name": f"{person.given_name} {person.patronymic}".strip(),
            "rnokpp": person.person_code,
            "edrpou": edrpou,
            "organisation": "Вигаданий заклад",
            "at": timezone.now(),
        } | changes
        return stored(self.folder).issue_person(**fields)

    def sign(
        self, content: bytes, person: User | Person, edrpou: str | None, **changes: Any
    ) -> str:
        """Base64 of a detached signature, as the page posts it."""
        key, certificate = self.issue(person, edrpou, **changes)
        return base64.b64encode(sign_cms(content, key, certificate)).decode()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
def keys(demo_folder: Path, settings: Any) -> Keys:
    """The demo authority of this test session, trusted by the server."""
    settings.SIGNATURES_DEMO_DIR = demo_folder
    return Keys(demo_folder)
