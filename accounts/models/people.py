"""People who sign in. A person is one row however many grants they hold."""

from __future__ import annotations

import pgtrigger
from django.db import models

from kernel.audit.triggers import history
from kernel.ids import UuidV7


class User(models.Model):
    """A natural person known by РНОКПП (or passport number where the number was refused by faith).

    No password exists: nobody is signed in without a qualified signature (постанова 1255 п.16).
    """

    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(blank=True, default="")
    # РНОКПП, ten digits, or a passport number: what a certificate carries as the person's code.
    person_code = models.CharField(max_length=10, unique=True)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            *history(),
            # A corrected name changes the person's place in every list of grants.
            pgtrigger.Trigger(
                name="rename_grants",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("surname", "given_name", "patronymic"),
                func="""
                    UPDATE accounts_grant SET sort_key =
                        uk_sort_key(concat_ws(' ', NEW.surname, NEW.given_name, nullif(NEW.patronymic, '')))
                        WHERE user_id = NEW.id;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        """Surname with initials: «Ґалаґан Н. С.»."""
        initials = " ".join(f"{part[0]}." for part in (self.given_name, self.patronymic) if part)
        return f"{self.surname} {initials}".strip()
