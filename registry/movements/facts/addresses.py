"""Addresses of children: where they live and where they are registered."""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from accounts import identifiers
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command
from kernel.tables.cells import common, tidy
from kernel.tables.findings import Problem, error
from registry.classifiers.selectors import classifiers, territories
from registry.drafts.models import Draft
from registry.institutions.models.institutions import Institution
from registry.movements.enrol.rows import country_of
from registry.movements.facts import children
from registry.movements.facts.process import Facts, Facts_, Frame, Told
from registry.movements.facts.signed import AddressesRow, FactRow
from registry.orders import texts
from registry.orders.models import Order
from registry.people.events import AddressSaved
from registry.people.models.pupils import PupilAddress
from registry.people.selectors.reach import standing_for
from registry.people.services import addresses
from registry.people.services.voiding import by_order
from registry.process import Column, Say, Terms

_KINDS = {"actual": "ACTUAL", "registered": "REGISTERED"}
_PLACES = ("actual_territory", "registered_territory")
_PARTS = ("country", "territory", "line")


class Addresses(Facts):
    """Where the child lives and is registered; a part that is left blank stays."""

    code = "addresses"
    name = "Адреси дітей"
    about = "про адреси"
    verb = "записано адреси"
    order = 65
    row = AddressesRow
    effective_hint = "Адреси діють з дня підпису, дд.мм.рррр"
    facts: ClassVar[Mapping[str, str]] = {
        "actual_country": "Країна проживання",
        "actual_territory": "Населений пункт проживання",
        "actual_line": "Адреса проживання",
        "registered_territory": "Населений пункт реєстрації",
        "registered_line": "Адреса реєстрації",
    }
    own = (
        Column("actual_line", "Адреса проживання", hint="Вулиця, будинок, квартира", width="w8"),
        Column(
            "actual_territory", "КАТОТТГ проживання", in_full="Населений пункт проживання",
            hint="Код КАТОТТГ", width="w5",
        ),
        Column("actual_country", "Країна", hint="Порожньо — без змін; UA, PL", width="w4"),
        Column("registered_line", "Адреса реєстрації", width="w8"),
        Column(
            "registered_territory", "КАТОТТГ реєстрації", in_full="Населений пункт реєстрації",
            hint="Код КАТОТТГ", width="w5",
        ),
    )  # fmt: skip
    columns = (*children.COLUMNS, *own)
    also = children.table(
        own,
        {
            "actual_line": "адреса|місце проживання|фактична адреса|домашня адреса",
            "actual_territory": "катоттг|код катоттг",
            "actual_country": "країна|країна проживання",
            "registered_line": "задеклароване місце проживання|місце реєстрації",
        },
        frozenset(_PLACES),
    )
    default_ground = "заяви батьків (інших законних представників)"
    text = Path(texts.__path__[0]) / "addresses.toml"

    def more(self, draft: Draft, pupils: Iterable[uuid.UUID], day: datetime.date) -> Any:
        """Which of the places named are in КАТОТТГ."""
        named = draft.rows.values_list(*(f"values__{name}" for name in _PLACES))
        return territories.known(
            identifiers.territory(tidy(one)) for pair in named for one in pair if one
        )

    def standing(
        self, pupils: Iterable[uuid.UUID], day: datetime.date
    ) -> Mapping[tuple[uuid.UUID, str], dict[str, str]]:
        """Both addresses of each child."""
        found: dict[tuple[uuid.UUID, str], dict[str, str]] = defaultdict(dict)
        for row in PupilAddress.objects.filter(pupil_id__in=list(pupils)):
            name = row.kind.lower()
            said = {
                f"{name}_country": row.country,
                f"{name}_territory": row.territory_code,
                f"{name}_line": row.line,
            }
            found[row.pupil_id, ""] |= {key: value for key, value in said.items() if value}
        return found

    def facts_of(self, stands: dict[str, str] | None) -> dict[str, str]:
        """Both addresses as they are."""
        return dict(stands or {})

    def over(
        self, values: Mapping[str, str], key: str, stands: dict[str, str] | None, frame: Frame
    ) -> Told:
        """What is typed goes over what stands."""
        was = self.facts_of(stands)
        problems: list[Problem] = []
        now = dict(was)
        for name in self.facts:
            text = values.get(name, "")
            value = tidy(text)
            if not value:
                continue
            if found := common(name, text):
                problems.append(found)
            elif name.endswith("_territory"):
                value = identifiers.territory(value)
                if value not in frame.more:
                    said = "Такого коду в КАТОТТГ немає: виберіть місце в усіх полях рядка."
                    problems.append(error(name, "unknown", said))
            elif name.endswith("_country"):
                code = country_of(value) or classifiers.code_of("country", value, frame.today)
                if code is None:
                    problems.append(error(name, "unknown", "Назва країни або код: UA, PL, DE."))
                value = code or value
            now[name] = value
        for name in _KINDS:  # an address that was not there is of Ukraine, unless told
            if any(f"{name}_{part}" in now for part in _PARTS):
                now.setdefault(f"{name}_country", "UA")
        shown = {name: self.words(name, value) for name, value in was.items() if name in self.facts}
        return Told(problems, was, now, shown)

    def words(self, fact: str, value: str) -> str:
        """Countries by their names."""
        return classifiers.label("country", value) if fact == "actual_country" else value

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """An address is of today: its past is kept by history alone."""
        if terms.effective_on > moment.today:
            say("effective_on", "future", "Адреси записують, коли вони вже діють.")

    # ── the order
    @part_of_command
    def effect(self, order: Order, rows: Sequence[FactRow]) -> None:
        """Addresses are as the rows say, and so are the registers by residence."""
        addresses.put(
            [one for row in rows for one in _lives(row.pupil, row.now, row.was)], by_order(order)
        )

    def events(self, order: Order, rows: Sequence[FactRow]) -> Iterable[Event]:
        """One for each child, of the address that changed."""
        for row in rows:
            name = next(name for name in _KINDS if _of(name, row.was) != _of(name, row.now))
            yield AddressSaved(
                subject=row.pupil,
                unit=order.institution_id,
                kind=_KINDS[name],
                before=row.was.get(f"{name}_line", ""),
                line=row.now.get(f"{name}_line", ""),
            )

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[FactRow]) -> None:
        """Addresses are as they were; one that was not there is voided."""
        who = standing_for(row.pupil for row in rows)
        addresses.put(
            [one for row in rows for one in _lives(who[row.pupil], row.was, row.now)], by_order(by)
        )


def _of(name: str, facts: Facts_) -> tuple[str, ...]:
    return tuple(facts.get(f"{name}_{part}", "") for part in _PARTS)


def _lives(pupil: uuid.UUID, facts: Facts_, other: Facts_) -> list[addresses.Lives]:
    """The addresses of a child that differ from the other side of the row."""
    return [
        addresses.Lives(pupil, kind, *_of(name, facts))
        for name, kind in _KINDS.items()
        if _of(name, facts) != _of(name, other)
    ]


KIND = Addresses()
