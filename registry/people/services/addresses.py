"""Where a child is registered and where it really lives (handbook D.2)."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from accounts import identifiers
from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import NotFound, StaleVersion
from kernel.tables.cells import tidy
from kernel.text import latin
from registry.classifiers.selectors import classifiers
from registry.fields.reader import Reader
from registry.people.events import AddressSaved, AddressVoided
from registry.people.models.pupils import Pupil, PupilAddress
from registry.people.services import residence
from registry.people.services.steps import kept, require_version, tell
from registry.people.services.voiding import Void, by_person, void

KINDS = ("ACTUAL", "REGISTERED")


@command
def save_address(
    *,
    actor: Actor,
    pupil_id: Any,
    kind: str,
    version: int,
    values: Mapping[str, str],
) -> PupilAddress:
    """Write where the child is registered (REGISTERED) or really lives (ACTUAL), and in whose
    register by residence it stands from now on. `version` 0: no such address was there.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        StaleVersion: somebody wrote this address after the actor read it.
        Invalid: every wrong field.
    """
    return address_written(kept(actor, pupil_id), kind, version, values)


@part_of_command
def address_written(
    pupil: Pupil, kind: str, version: int, values: Mapping[str, str]
) -> PupilAddress:
    """`save_address`, of a child in hand."""
    read = Reader(values)
    if kind not in KINDS:
        read.say("kind", "unknown", "Виберіть, яка це адреса.")
    country = latin(read.text("country").upper()) or "UA"
    if country not in classifiers.codes("country", audit.today()) and not (
        len(country) == 2 and country.isascii() and country.isalpha()
    ):
        read.say("country", "unknown", "Виберіть країну.")
    territory = identifiers.territory(read.text("territory_code"))
    if territory and not (
        len(territory) == 19 and territory.startswith("UA") and territory[2:].isdigit()
    ):
        read.say("territory_code", "shape", "Код КАТОТТГ: UA і 17 цифр.")
    line = tidy(read.text("line"))
    if not line and not territory:
        read.say("line", "required", "Впишіть адресу.")
    read.stop_if_wrong()
    row = pupil.addresses.filter(kind=kind).first()
    if row is None:
        if version != 0:
            raise StaleVersion
        old = ""
        row = PupilAddress(pupil=pupil, kind=kind)
    else:
        require_version(row, version)
        if (row.country, row.territory_code, row.line) == (country, territory, line):
            return row
        old = row.line
        row.version += 1
    row.country, row.territory_code, row.line = country, territory, line
    row.save()
    tell(AddressSaved, pupil, kind=kind, before=old, line=line)
    residence.settle([pupil.pk])
    return row


@command
def void_address(
    *, actor: Actor, pupil_id: Any, kind: str, version: int, ground: str
) -> PupilAddress:
    """Say that an address never was the child's; the register by residence follows the other one.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or no such address.
        StaleVersion: somebody wrote this address after the actor read it.
        Invalid: no ground is told.
    """
    pupil = kept(actor, pupil_id)
    row: PupilAddress | None = pupil.addresses.filter(kind=kind).first()
    if row is None:
        raise NotFound
    require_version(row, version)
    void(row, by_person(actor, ground))
    tell(AddressVoided, pupil, kind=kind, line=row.line)
    residence.settle([pupil.pk])
    return row


@dataclasses.dataclass(frozen=True, slots=True)
class Lives:
    """An address that a signed row tells of a child."""

    pupil: uuid.UUID
    kind: str
    country: str
    territory: str
    line: str


@part_of_command
def write(said: Sequence[Lives]) -> None:
    """Addresses of many children at once and their scopes of residence; one statement, and a second
    when any address names a place in Ukraine. A line without its place, or a place without a line,
    leaves the other part of the same address as it stands."""
    if not said:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_pupiladdress AS a (pupil_id, kind, country, territory_code, line,
                version)
            SELECT *, 1 FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
            ON CONFLICT (pupil_id, kind) WHERE voided_at IS NULL
            DO UPDATE SET country = EXCLUDED.country,
                territory_code = EXCLUDED.territory_code, line = EXCLUDED.line,
                version = a.version + 1
            WHERE a.country <> EXCLUDED.country
               OR EXCLUDED.territory_code NOT IN ('', a.territory_code)
               OR EXCLUDED.line NOT IN ('', a.line)
            """,
            [[getattr(one, field.name) for one in said] for field in dataclasses.fields(Lives)],
        )
    settled = {one.pupil for one in said if one.territory and one.country == "UA"}
    if settled:
        residence.settle(sorted(settled))


@part_of_command
def put(said: Sequence[Lives], because: Void) -> None:
    """Addresses of many children exactly as told, and their scopes of residence; two statements. One
    told to be nothing is voided."""
    gone: list[Lives] = []
    kept: list[Lives] = []
    for one in said:
        (kept if one.line or one.territory or one.country else gone).append(one)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_pupiladdress a
            SET voided_at = %s, voided_by_id = %s, voided_why = %s, version = a.version + 1
            FROM unnest(%s::uuid[], %s::text[]) AS x(id, kind)
            WHERE (a.pupil_id, a.kind) = (x.id, x.kind) AND a.voided_at IS NULL
            """,
            [
                *because.columns.values(),
                [one.pupil for one in gone],
                [one.kind for one in gone],
            ],
        )
        cursor.execute(
            """
            INSERT INTO registry_pupiladdress AS a (pupil_id, kind, country, territory_code, line,
                version)
            SELECT *, 1 FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
            ON CONFLICT (pupil_id, kind) WHERE voided_at IS NULL
            DO UPDATE SET country = EXCLUDED.country,
                territory_code = EXCLUDED.territory_code, line = EXCLUDED.line,
                version = a.version + 1
            """,
            [[getattr(one, field.name) for one in kept] for field in dataclasses.fields(Lives)],
        )
    residence.settle(sorted({one.pupil for one in said}))
