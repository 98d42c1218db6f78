"""Representatives of children: begun or ended for many at once."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, Problem, error
from kernel.text import sort_key
from registry.drafts.models import Draft, DraftRow
from registry.fields import contacts, names, numbers
from registry.institutions.models.institutions import Institution
from registry.movements.facts import children
from registry.movements.facts.process import Facts, Frame, Told
from registry.movements.facts.signed import FactRow, RepresentativesRow
from registry.orders import texts
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.models import Order
from registry.people.events import GuardianSaved, GuardianshipEnded
from registry.people.models.guardians import Guardian, Guardianship
from registry.people.selectors.reach import standing_for
from registry.people.services import guardians
from registry.people.services.categories import check_yes
from registry.people.services.voiding import by_order, void
from registry.process import Column, Conflict, Say, Terms

_PERSON = ("surname", "given_name", "patronymic", "phone", "email", "rnokpp")


def _key(relation: str, full_name: str) -> str:
    return f"{relation}:{sort_key(full_name)}"


class Representatives(Facts):
    """A new representative of a child, or the last day of one. Who stands is changed by phones."""

    code = "representatives"
    name = "Представники дітей"
    about = "про представників"
    verb = "записано представників"
    order = 67
    row = RepresentativesRow
    facts: ClassVar[Mapping[str, str]] = {
        "relation": "Ким є",
        "surname": "Прізвище",
        "given_name": "Імʼя",
        "patronymic": "По батькові",
        "phone": "Телефон",
        "email": "Пошта",
        "rnokpp": "РНОКПП",
        "identity_shown": "Документ предʼявлено",
        "ground": "Документ",
        "starts_on": "З",
        "ends_on": "До",
    }
    own = (
        Column("relation", "Ким є", required=True, hint="Мати, батько, опікун…", width="w1"),
        Column(
            "person", "Представник", required=True, hint="Прізвище, імʼя, по батькові", width="w8"
        ),
        Column("phone", "Телефон", hint="(000) 000-00-00", width="w9"),
        Column("email", "Пошта", in_full="Електронна пошта", width="w8"),
        Column("rnokpp", "РНОКПП", in_full="РНОКПП представника", width="w6"),
        Column("ground", "Документ", hint="Для опікуна: рішення, номер, дата", width="w8"),
        Column("identity_shown", "Посвідчення", hint="Предʼявлено: так або ні", width="w4"),
        Column("starts_on", "З", hint="дд.мм.рррр; порожньо — з дня наказу", width="w3"),
        Column("ends_on", "Не діє з", hint="Завершити: дд.мм.рррр", width="w3"),
    )
    columns = (*children.COLUMNS, *own)
    also = children.table(
        own,
        {
            "relation": "тип відносин|тип відносин з дитиною|ким доводиться|хто",
            "person": "піб представника|піб батьків|законний представник|заявник",
            "phone": "тел|тел.|контактний телефон|номер телефону",
            "email": "e-mail|email|електронна пошта",
            "rnokpp": "рнокпп представника|код представника",
            "ground": "підстава",
            "identity_shown": "документ предʼявлено",
        },
        frozenset(),
    )
    default_ground = "заяви та документи законних представників"
    text = Path(texts.__path__[0]) / "representatives.toml"

    def more(self, draft: Draft, pupils: Iterable[uuid.UUID], day: datetime.date) -> Any:
        """Persons whom the register knows by the numbers typed."""
        typed = draft.rows.exclude(values__rnokpp=None).values_list("values__rnokpp", flat=True)
        return guardians.of_numbers({tidy(one) for one in typed})

    def key_of(self, row: DraftRow, child: children.Child, frame: Frame) -> str:
        """Relation and name."""
        typed = tidy(row.values.get("person", ""))
        relation = contacts.relation_of(row.values.get("relation", "")) or ""
        return _key(relation, " ".join(names.split(typed)).strip()) if typed and relation else ""

    def standing(
        self, pupils: Iterable[uuid.UUID], day: datetime.date
    ) -> Mapping[tuple[uuid.UUID, str], Guardianship]:
        """Who represents these children, by relation and name, the last one of each."""
        rows = Guardianship.objects.filter(pupil_id__in=list(pupils)).select_related("guardian")
        return {
            (tie.pupil_id, _key(tie.relation, tie.guardian.full_name)): tie
            for tie in rows.order_by("starts_on", "id")
        }

    def facts_of(self, stands: Guardianship | None) -> dict[str, str]:
        """The person and the tie."""
        if stands is None:
            return {}
        said = {name: getattr(stands.guardian, name) or "" for name in _PERSON}
        said |= {"relation": stands.relation, "ground": stands.ground}
        said["identity_shown"] = "так" if stands.identity_shown else ""
        said["starts_on"] = stands.starts_on.isoformat()
        said["ends_on"] = stands.ends_on.isoformat() if stands.ends_on else ""
        return {name: value for name, value in said.items() if value}

    def over(
        self, values: Mapping[str, str], key: str, stands: Guardianship | None, frame: Frame
    ) -> Told:
        """A new representative, or the last day of the one who stands."""
        was = self.facts_of(stands)
        shown = {name: self.words(name, one) for name, one in was.items()}
        problems: list[Problem] = []

        def keep(checked: Checked[Any]) -> Any:
            problems.extend(checked.problems)
            return checked.value

        def day(field: str) -> datetime.date | None:
            typed = values.get(field, "")
            read: datetime.date | None = keep(
                dates.parse(field, typed, required=False, today=frame.today)
            )
            return read

        ends_on, begins = day("ends_on"), day("starts_on")
        if stands is not None and stands.lasts(frame.day):
            if ends_on is None and not problems:
                said = "Цей представник уже є: контакти змінює послуга «Телефони та пошта»."
                if any(tidy(values.get(name, "")) for name in ("phone", "email", "rnokpp")):
                    problems.append(error("person", "stands", said))
                return Told(problems, was, was, shown)
            if ends_on is not None and ends_on <= stands.starts_on:
                problems.append(error("ends_on", "before_start", "Раніше за перший день."))
            now = {**was, "ends_on": ends_on.isoformat()} if ends_on else was
            return Told(problems, was, now, shown)
        parts = names.split(tidy(values.get("person", "")))
        relation = keep(
            contacts.check_relation("relation", values.get("relation", ""), patronymic=parts[2])
        )
        if not parts[1]:
            problems.append(error("person", "required", "Впишіть прізвище та імʼя представника."))
        person = [keep(names.check("person", part, required=False)) or "" for part in parts]
        number = keep(
            numbers.check_rnokpp("rnokpp", values.get("rnokpp", ""), born_on=None, sex=None)
        )
        known = frame.more.get(number[0]) if number else None
        if known is not None and sort_key(known.full_name) != sort_key(
            " ".join(filter(None, person))
        ):
            problems.append(error("rnokpp", "other_name", guardians.OTHER_NAME))
        starts_on = begins or frame.day
        if stands is not None and stands.ends_on is not None and starts_on < stands.ends_on:
            problems.append(error("starts_on", "overlaps", "За ці дні представника вже записано."))
        if ends_on is not None and ends_on <= starts_on:
            problems.append(error("ends_on", "before_start", "Раніше за перший день."))
        told = {
            **dict(zip(("surname", "given_name", "patronymic"), person, strict=True)),
            "relation": relation or "",
            "phone": keep(contacts.check_phone("phone", values.get("phone", ""))) or "",
            "email": keep(contacts.check_email("email", values.get("email", ""))) or "",
            "rnokpp": (number[0] if number else None) or "",
            "ground": tidy(values.get("ground", ""))[:200],
            "identity_shown": "так"
            if keep(check_yes("identity_shown", values.get("identity_shown", "")))
            else "",
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat() if ends_on else "",
        }
        if known is not None:  # the contacts of a known person are not this row's to change
            told |= {name: getattr(known, name) or "" for name in ("phone", "email")}
        return Told(problems, {}, {name: value for name, value in told.items() if value}, {})

    def words(self, fact: str, value: str) -> str:
        """Relations and days as people read them."""
        if fact == "relation":
            return contacts.RELATIONS.get(value, value)
        if fact in {"starts_on", "ends_on"}:
            return dates.show(datetime.date.fromisoformat(value))
        return value

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """Who will represent is written when they do."""
        if terms.effective_on > moment.today:
            say("effective_on", "future", "Представника записують, коли він уже представляє.")

    def conflicts(self, order: Order, rows: Sequence[FactRow]) -> list[Conflict]:
        """As of every kind; what a row begins stands on an ended tie or on none."""
        found = super().conflicts(order, rows)
        ended = {
            (tie.pupil_id, _key(tie.relation, tie.guardian.full_name))
            for tie in self.standing([row.pupil for row in rows], order.effective_on).values()
            if not tie.lasts(order.effective_on)
        }
        begun = {row.no for row in rows if not row.was and (row.pupil, row.key) in ended}
        return [one for one in found if one.no not in begun]

    # ── the order
    @part_of_command
    def effect(self, order: Order, rows: Sequence[FactRow]) -> None:
        """Persons whom the register does not know are made, ties begin or end.

        Raises:
            DomainError: the register has moved on.
        """
        begun = [row for row in rows if not row.was]
        with violation(("guardianships_never_overlap", "one_guardian_per_rnokpp"), _moved_on):
            known = guardians.of_numbers(
                {row.now["rnokpp"] for row in begun if "rnokpp" in row.now}
            )
            fresh: dict[str, Guardian] = {}
            for row in begun:
                number = row.now.get("rnokpp")
                if number not in known:
                    told = {name: row.now.get(name, "") for name in _PERSON} | {"rnokpp": number}
                    fresh.setdefault(number or f"no:{row.no}", Guardian(**told))
            Guardian.objects.bulk_create(fresh.values())
            Guardianship.objects.bulk_create(
                Guardianship(
                    pupil_id=row.pupil,
                    guardian=known.get(row.now.get("rnokpp", ""))
                    or fresh[row.now.get("rnokpp") or f"no:{row.no}"],
                    relation=row.now["relation"],
                    ground=row.now.get("ground", ""),
                    identity_shown="identity_shown" in row.now,
                    starts_on=row.now["starts_on"],
                    ends_on=row.now.get("ends_on"),
                )
                for row in begun
            )
        self._end(rows, {row.pupil: row.pupil for row in rows}, "now")

    def _end(self, rows: Sequence[FactRow], who: Mapping[uuid.UUID, uuid.UUID], side: str) -> None:
        ending = [row for row in rows if row.was]
        ties = self.standing([who[row.pupil] for row in ending], datetime.date.max)
        changed = []
        for row in ending:
            tie = ties[who[row.pupil], row.key]
            typed = getattr(row, side).get("ends_on")
            tie.ends_on = datetime.date.fromisoformat(typed) if typed else None
            tie.version += 1
            changed.append(tie)
        Guardianship.objects.bulk_update(changed, ["ends_on", "version"])

    def events(self, order: Order, rows: Sequence[FactRow]) -> Iterable[Event]:
        """One for each child."""
        ties = self.standing([row.pupil for row in rows], order.effective_on)
        for row in rows:
            tie = ties[row.pupil, row.key]
            common: dict[str, Any] = {
                "subject": row.pupil,
                "unit": order.institution_id,
                "guardianship": tie.pk,
                "guardian": tie.guardian_id,
                "relation": tie.relation,
                "name": tie.guardian.full_name,
            }
            if row.was and tie.ends_on is not None:
                yield GuardianshipEnded(**common, ends_on=tie.ends_on)
            else:
                yield GuardianSaved(**common)

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[FactRow]) -> None:
        """Ties that began are voided; those that ended last on."""
        who = standing_for(row.pupil for row in rows)
        ties = self.standing(who.values(), order.effective_on)
        begun = [ties[who[row.pupil], row.key] for row in rows if not row.was]
        for tie in begun:
            void(tie, by_order(by))
        self._end(rows, who, "was")


def _moved_on() -> EnrolledMeanwhile:
    return EnrolledMeanwhile("Представників тим часом змінено. Спробуйте підписати ще раз.")


KIND = Representatives()
