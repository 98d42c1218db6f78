"""Phones and e-mails of representatives: of many at once."""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.db import connection

from accounts.actors import Actor
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error
from kernel.text import sort_key
from registry.drafts.models import Draft, DraftRow
from registry.fields import contacts
from registry.institutions.models.institutions import Institution
from registry.movements import roster
from registry.movements.facts import children
from registry.movements.facts.process import Facts, Frame, Told
from registry.movements.facts.signed import FactRow, PhonesRow
from registry.orders import texts
from registry.orders.models import Order
from registry.people.events import GuardianSaved
from registry.people.models.guardians import Guardian, Guardianship
from registry.process import Chosen, Column, Conflict, Picked, Read, Say, Terms


def _ties(pupils: Iterable[uuid.UUID], day: datetime.date) -> list[Guardianship]:
    """Who represents these children on a day."""
    rows = Guardianship.objects.filter(pupil_id__in=list(pupils)).select_related("guardian")
    return [tie for tie in rows.order_by("id") if tie.lasts(day)]


def _shown(tie: Guardianship) -> str:
    """«Мати: Іваненко Ганна»."""
    return f"{contacts.RELATIONS.get(tie.relation, tie.relation)}: {tie.guardian.full_name}"


def _pick(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """A row for each representative of the pupils chosen; a child with none has one row."""
    picked = roster.pick(actor, institution, keys, moment)
    ties: dict[uuid.UUID, list[Guardianship]] = defaultdict(list)
    for tie in _ties([one.pupil_id for one in picked if one.pupil_id], moment.today):
        ties[tie.pupil_id].append(tie)
    found: list[Picked] = []
    for one in picked:
        named = [_shown(tie) for tie in ties.get(one.pupil_id, ())] if one.pupil_id else []
        found.extend(
            Picked({**one.values, "representative": who}, one.pupil_id) for who in named or [""]
        )
    return found


class Phones(Facts):
    """A phone and an e-mail of a representative; what is left blank stays."""

    code = "phones"
    name = "Телефони та пошта представників"
    about = "про контакти представників"
    verb = "записано контакти представників"
    order = 66
    row = PhonesRow
    effective_hint = "Контакти діють з дня підпису, дд.мм.рррр"
    facts: ClassVar[Mapping[str, str]] = {"phone": "Телефон", "email": "Пошта"}
    own = (
        Column(
            "representative",
            "Представник",
            hint="Мати, батько… або прізвище та імʼя; порожньо, якщо він один",
            width="w8",
        ),
        Column("phone", "Телефон", hint="(000) 000-00-00", width="w9"),
        Column("email", "Пошта", in_full="Електронна пошта", width="w8"),
    )
    columns = (*children.COLUMNS, *own)
    source = Chosen(
        headings=roster.HEADINGS,
        of_pupils=True,
        lines=roster.lines,
        pick=_pick,
        groups=roster.groups,
    )
    also = children.table(
        own,
        {
            "representative": "піб представника|хто|тип відносин|мати|батько|заявник",
            "phone": "тел|тел.|контактний телефон|номер телефону|телефон батьків|моб. телефон",
            "email": "e-mail|email|електронна пошта|ел. пошта",
        },
        frozenset(),
    )
    default_ground = "повідомлення батьків (інших законних представників)"
    text = Path(texts.__path__[0]) / "phones.toml"

    def more(self, draft: Draft, pupils: Iterable[uuid.UUID], day: datetime.date) -> Any:
        """Who represents each child."""
        found: dict[uuid.UUID, list[Guardianship]] = defaultdict(list)
        for tie in _ties(pupils, day):
            found[tie.pupil_id].append(tie)
        return found

    def key_of(self, row: DraftRow, child: children.Child, frame: Frame) -> str:
        """The person: named, or the only one."""
        ties = frame.more.get(child.pupil.pk, [])
        typed = tidy(row.values.get("representative", ""))
        if typed:
            relation, name = contacts.relation_of(typed), sort_key(typed.rpartition(":")[2].strip())
            named = [tie for tie in ties if sort_key(tie.guardian.full_name).startswith(name)]
            ties = named or [tie for tie in ties if tie.relation == relation]
        return str(ties[0].guardian_id) if len(ties) == 1 else ""

    def standing(
        self, pupils: Iterable[uuid.UUID], day: datetime.date
    ) -> Mapping[tuple[uuid.UUID, str], Guardian]:
        """Persons who represent these children."""
        return {(tie.pupil_id, str(tie.guardian_id)): tie.guardian for tie in _ties(pupils, day)}

    def facts_of(self, stands: Guardian | None) -> dict[str, str]:
        """The phone and the e-mail that there are."""
        if stands is None:
            return {}
        said = {"phone": stands.phone, "email": stands.email}
        return {name: value for name, value in said.items() if value}

    def read(self, row: DraftRow, frame: Frame) -> Read:
        """One person is told of once, whichever of its children the row is about."""
        read = super().read(row, frame)
        key = read.keys[0].rpartition(":")[2]
        return Read(
            read.problems,
            read.clean,
            (f"guardian:{key}",) if read.looked_for and key else read.keys,
            read.looked_for,
            read.stands,
        )

    def over(
        self, values: Mapping[str, str], key: str, stands: Guardian | None, frame: Frame
    ) -> Told:
        """What is typed goes over what stands."""
        was = self.facts_of(stands)
        problems: list[Problem] = []
        if not key:
            what = "Вкажіть, хто це: мати, батько або прізвище й імʼя представника з картки дитини."
            problems.append(error("representative", "unknown", what))
        now = dict(was)
        for name, check in (("phone", contacts.check_phone), ("email", contacts.check_email)):
            read = check(name, values.get(name, ""))
            problems += read.problems
            if read.value:
                now[name] = read.value
        return Told(problems, was, now, was)

    def named(self, row: FactRow) -> str:
        """Whose contacts they are."""
        person = Guardian.objects.filter(pk=int(row.key)).first()
        return person.full_name if person else ""

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """A contact is of today."""
        if terms.effective_on > moment.today:
            say("effective_on", "future", "Контакти записують, коли вони вже діють.")

    # ── the order
    @part_of_command
    def effect(self, order: Order, rows: Sequence[FactRow]) -> None:
        """Contacts are as the rows say."""
        _write(rows, "now")

    def events(self, order: Order, rows: Sequence[FactRow]) -> Iterable[Event]:
        """One for each child."""
        day = order.effective_on
        ties = {
            (tie.pupil_id, str(tie.guardian_id)): tie
            for tie in _ties([row.pupil for row in rows], day)
        }
        for row in rows:
            tie = ties[row.pupil, row.key]
            yield GuardianSaved(
                subject=row.pupil,
                unit=order.institution_id,
                guardianship=tie.pk,
                guardian=tie.guardian_id,
                relation=tie.relation,
                name=tie.guardian.full_name,
                changed=tuple(
                    name for name in self.facts if row.was.get(name) != row.now.get(name)
                ),
            )

    def conflicts(self, order: Order, rows: Sequence[FactRow]) -> list[Conflict]:
        """As of every kind; the persons are held, too."""
        _hold(rows)
        return super().conflicts(order, rows)

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[FactRow]) -> None:
        """Contacts are as they were."""
        _hold(rows)
        _write(rows, "was")


def _hold(rows: Sequence[FactRow]) -> None:
    people = Guardian.objects.filter(pk__in=[int(row.key) for row in rows]).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk"))


@part_of_command
def _write(rows: Sequence[FactRow], side: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_guardian g SET phone = x.phone, email = x.email, version = g.version + 1
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS x(id, phone, email)
            WHERE g.id = x.id
            """,
            [
                [int(row.key) for row in rows],
                *(
                    [getattr(row, side).get(name, "") for row in rows]
                    for name in ("phone", "email")
                ),
            ],
        )


KIND = Phones()
