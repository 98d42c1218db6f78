"""People who do not exist yet, and short ways to say what a test is not about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from accounts.identifiers import rnokpp_check_digit
from accounts.services.people import Person


def code(serial: int) -> str:
    """A valid РНОКПП of somebody born in 2095 (handbook M.2)."""
    nine = f"71468{serial:04d}"
    return nine + str(rnokpp_check_digit(nine))


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
