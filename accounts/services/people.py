"""People: one row per person, whoever creates them and however many grants they come to hold."""

from __future__ import annotations

import dataclasses

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts import identifiers
from accounts.errors import AnotherName
from accounts.events import UserCreated
from accounts.models import User
from kernel import audit
from kernel.db import part_of_command
from kernel.errors import Invalid, Problem


@dataclasses.dataclass(frozen=True)
class Person:
    """A person as somebody typed them; `checked()` gives the normal form."""

    surname: str
    given_name: str
    patronymic: str
    person_code: str
    email: str
    phone: str = ""

    def normal(self) -> Person:
        """One spelling of every part; nothing is judged."""
        return Person(
            surname=identifiers.name(self.surname),
            given_name=identifiers.name(self.given_name),
            patronymic=identifiers.name(self.patronymic),
            person_code=identifiers.bare(self.person_code),
            email=self.email.strip(),
            phone=" ".join(self.phone.split()),
        )

    def problems(self, prefix: str = "") -> list[Problem]:
        """Everything wrong with a normal person, each with its input."""
        try:
            validate_email(self.email)
            email = None
        except ValidationError:
            email = (
                "Впишіть електронну пошту: на неї прийде запрошення."
                if not self.email
                else "Так адресу пошти не пишуть. Приклад: o.shevchenko@example.com"
            )
        found = {
            "surname": identifiers.name_problem(self.surname, "прізвище"),
            "given_name": identifiers.name_problem(self.given_name, "імʼя"),
            "patronymic": identifiers.name_problem(self.patronymic, "по батькові", required=False),
            "person_code": identifiers.person_code_problem(self.person_code),
            "email": email,
        }
        return [
            Problem(f"{prefix}{field}", f"bad_{field}", told)
            for field, told in found.items()
            if told
        ]

    @property
    def full_name(self) -> str:
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)


def checked(person: Person) -> Person:
    """The person in normal form.

    Raises:
        Invalid: all problems of all inputs at once.
    """
    person = person.normal()
    if problems := person.problems():
        raise Invalid(problems)
    return person


@part_of_command
def find_or_create(person: Person) -> User:
    """The one row of this person, made now if the code is new.

    `person` is checked already. Two creators at once get the same row.

    Raises:
        AnotherName: the code belongs to somebody of another name.
    """
    user, created = User.objects.get_or_create(
        person_code=person.person_code,
        defaults={
            "surname": person.surname,
            "given_name": person.given_name,
            "patronymic": person.patronymic,
            "email": person.email,
            "phone": person.phone,
        },
    )
    if created:
        audit.record(UserCreated(subject=user.pk))
    elif not identifiers.names_agree(user.full_name, person.full_name):
        raise AnotherName(
            "Перевірте номер: за ним у системі записано людину з іншим прізвищем або імʼям. "
            "Якщо номер правильний, напишіть до служби підтримки.",
            field="person_code",
        )
    return user
