"""The fixed people of the demo world: who they are, what they hold, which key file is theirs.

Invented; РНОКПП belong to births in 2096. Documented for newcomers by `manage.py demo_personas`,
which prints the same table as the README beside the key files.
"""

from __future__ import annotations

import dataclasses
import datetime

from accounts.roles import Duty, Role
from aikom.demo.synthetic import codes

# Demo keys protect nothing: everybody may know their password.
PASSWORD = "demo-2026"  # noqa: S105


@dataclasses.dataclass(frozen=True)
class Holding:
    """A grant: a role at a node of the plan."""

    role: str
    unit: str
    position: str
    duties: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Persona:
    """A person with a key. `unit` names the node whose ЄДРПОУ the certificate carries.

    `holdings` is empty for spare keys: whom a newcomer may create by hand.
    """

    key: str
    surname: str
    given_name: str
    patronymic: str
    sex: str
    unit: str
    title: str
    holdings: tuple[Holding, ...] = ()
    what_for: str = ""
    # An operator's engineer works by API with a key of the school, not in the portal.
    signs: bool = True

    @property
    def person_code(self) -> str:
        """РНОКПП of somebody born in 2096."""
        known = (*PERSONAS, PARENT, OPERATOR)
        number = next(index for index, each in enumerate(known) if each.key == self.key)
        return codes.rnokpp(datetime.date(2096, 1, 1), self.sex, number + 1)

    @property
    def full_name(self) -> str:
        """Surname, name, patronymic."""
        return f"{self.surname} {self.given_name} {self.patronymic}"

    @property
    def email(self) -> str:
        """A mailbox that cannot exist."""
        return f"{self.key}@example.com"

    @property
    def file_name(self) -> str:
        """The name of the key file."""
        return f"{self.key}.p12"


def _one(role: str, unit: str, position: str, duties: tuple[str, ...] = ()) -> tuple[Holding, ...]:
    return (Holding(role, unit, position, duties),)


PERSONAS: tuple[Persona, ...] = (
    Persona(
        "tech-admin",
        "Технічний",
        "Ярема",
        "Богданович",
        "M",
        "tech-admin",
        "технічний адміністратор",
        _one(Role.TECH_ADMIN, "tech-admin", "Головний фахівець"),
        "створює адміністраторів областей, веде довідники, підключає ОІС",
    ),
    Persona(
        "analyst",
        "Аналітична",
        "Марія",
        "Степанівна",
        "F",
        "owner",
        "аналітик МОН",
        _one(Role.ANALYST, "owner", "Головний спеціаліст"),
        "бачить національні зведення і простежує їх до закладів",
    ),
    Persona(
        "oblast-admin",
        "Черемшина",
        "Ірина",
        "Василівна",
        "F",
        "oblast",
        "адміністратор Чернівецької області",
        _one(Role.OBLAST_ADMIN, "oblast", "Начальник відділу"),
        "створює адміністраторів районів, громад і міста",
    ),
    Persona(
        "city-admin",
        "Буковинський",
        "Богдан",
        "Романович",
        "M",
        "city",
        "адміністратор міста Чернівці",
        _one(Role.HROMADA_ADMIN, "city", "Головний спеціаліст"),
        "створює керівників закладів міста: Чернівецький ліцей № 110 ще без керівника",
    ),
    Persona(
        "hromada-admin",
        "Мамаївська",
        "Ганна",
        "Іллівна",
        "F",
        "mamaivska",
        "адміністратор Мамаївської громади",
        _one(Role.HROMADA_ADMIN, "mamaivska", "Начальник відділу освіти"),
        "веде заклади громади",
    ),
    Persona(
        "head-lyceum",
        "Шкільна",
        "Олена",
        "Андріївна",
        "F",
        "lyceum-101",
        "директор Чернівецького ліцею № 101",
        _one(Role.HEAD, "lyceum-101", "Директор"),
        "класи, учні, накази, відповідальні особи, доступ ОІС",
    ),
    Persona(
        "head-hub",
        "Опорна",
        "Ніна",
        "Миколаївна",
        "F",
        "mamaivska-hub",
        "директор опорного ліцею і завідувач його філії (дві ролі)",
        (
            Holding(Role.HEAD, "mamaivska-hub", "Директор"),
            Holding(Role.HEAD, "mamaivska-branch-1", "Завідувач філії"),
        ),
        "після входу обирає, від імені якого закладу діє",
    ),
    Persona(
        "deputy-lyceum",
        "Помічна",
        "Дарина",
        "Олегівна",
        "F",
        "lyceum-101",
        "заступник директора Чернівецького ліцею № 101",
        _one(
            Role.DEPUTY,
            "lyceum-101",
            "Заступник директора з навчально-виховної роботи",
            (Duty.PUPILS, Duty.CLASSES),
        ),
        "готує класи, учнів і накази; підписує накази лише директор",
    ),
    Persona(
        "operator-engineer",
        "Інтеграційний",
        "Тарас",
        "Юрійович",
        "M",
        "",
        "інженер оператора ОІС «Нові знання»",
        (),
        "читає дані Чернівецького ліцею № 101 через API за ключем, який надав директор",
        signs=False,
    ),
    Persona(
        "new-oblast-admin",
        "Прикарпатська",
        "Оксана",
        "Тарасівна",
        "F",
        "spare-oblast",
        "майбутній адміністратор Івано-Франківської області",
        (),
        "запасний ключ: створіть обліковий запис від імені технічного адміністратора",
    ),
    Persona(
        "new-city-admin",
        "Покутський",
        "Василь",
        "Іванович",
        "M",
        "spare-city",
        "майбутній адміністратор Коломийської громади",
        (),
        "запасний ключ: створіть обліковий запис від імені адміністратора області",
    ),
    Persona(
        "new-head",
        "Новенька",
        "Софія",
        "Ігорівна",
        "F",
        "new-110",
        "майбутній директор Чернівецького ліцею № 110",
        (),
        "запасний ключ: створіть обліковий запис від імені адміністратора міста",
    ),
    Persona(
        "new-head-kolomyia",
        "Молода",
        "Леся",
        "Петрівна",
        "F",
        "spare-lyceum",
        "майбутній директор ліцею в Коломиї",
        (),
        "запасний ключ: створіть обліковий запис від імені адміністратора Коломиї",
    ),
)

# A natural person of no organisation: comes into the parents' window. The school wrote her under the
# surname she had before she married.
PARENT = Persona(
    "parent",
    "Заміжня",
    "Надія",
    "Іванівна",
    "F",
    "",
    "мати учня Чернівецького ліцею № 101",
    (),
    "вікно батьків: підтверджена представниця, записана в картці за колишнім прізвищем",
)

# An operator of a system in the middle of its road: the key opens the operator's cabinet.
OPERATOR = Persona(
    "operator",
    "Розробник",
    "Олесь",
    "Ілліч",
    "M",
    "",
    "директор ТОВ «Зошит»",
    (),
    "кабінет оператора ОІС «Зошит»: заявку подано, триває тестування (вхід: «Операторам ОІС»)",
)
OPERATOR_NAME, OPERATOR_CODE = "ТОВ «Зошит»", "59900138"


def persona(key: str) -> Persona:
    """The persona of that key."""
    return next(each for each in PERSONAS if each.key == key)
