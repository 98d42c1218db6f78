"""«Прийняття на роботу»: a table of people and their posts, one order, one signature (handbook D.5).

Whoever the register knows by РНОКПП, УНЗР or passport stays that person; of whoever only resembles
somebody is told that there is such a person, and nothing of who it is or where it works (handbook K).
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import operator
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import uuid_utils
from django.db.models import Q

from accounts.actors import Actor
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command, violation
from kernel.errors import Problem as FieldProblem
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, Problem, error, warning
from kernel.tables.headings import Headings
from kernel.text import alike, sort_key
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.fields.names import split
from registry.fields.reader import Reader
from registry.identity import colleagues
from registry.movements.staff import load
from registry.movements.staff.base import (
    NO,
    YES,
    StaffMovement,
    StaffRow,
    day_of,
    differs,
    labels_of,
    posts_held,
    text_file,
    yes_or_no,
)
from registry.movements.staff.posts import facts_of, told_of
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.models import Order
from registry.process import Column, Compared, Conflict, Read, Typed, Verdict
from registry.staff import reading, services
from registry.staff.events import StaffHired
from registry.staff.models.posts import Employee, Post, lasting
from registry.staff.models.vacancies import Vacancy
from registry.staff.selectors import hours_words
from registry.staff.vacancies import services as vacancies

_FULL_NAME = "full_name"
_SEXES = (("М", "Чоловіча"), ("Ж", "Жіноча"))
_ANSWERS = ((YES, YES), (NO, NO))
_ONE_PERSONS = {"rnokpp": "РНОКПП", "unzr": "УНЗР", "passport": "паспорт"}
_SAYS = {alike(one) for one in (YES, NO, "+", "-", "1", "0")}
_OPEN_ELSEWHERE = "Ця особа має основну роботу на іншій посаді."

COLUMNS = (
    Column("surname", "Прізвище", required=True, width="w0"),
    Column("given_name", "Імʼя", required=True, width="w1"),
    Column("patronymic", "По батькові", hint="За наявності", width="w2"),
    Column("born_on", "Дата народж.", required=True, hint="дд.мм.рррр", in_full="Дата народження",
           width="w3"),
    Column("sex", "Стать", required=True, hint="М або Ж", width="w4"),
    Column("rnokpp", "РНОКПП", hint="10 цифр; «відмова», якщо номер не прийнято", width="w6"),
    Column("position", "Посада", required=True, offered=True, width="w8"),
    Column("rate", "Ставка", hint="Порожнє — 1", width="w4"),
    Column("is_main", "Основна робота", choices=_ANSWERS, blank=YES, width="w4"),
    Column("vacancy", "Вакансія", offered=True, hint="Якщо займає відкриту вакансію", width="w8"),
    Column("passport", "Паспорт", in_grid=False, hint="Серія і номер або номер картки"),
    Column("unzr", "УНЗР", in_grid=False, hint="РРРРММДД-NNNNN"),
    Column("category", "Кваліфікаційна категорія", in_grid=False, offered=True, blank="Немає"),
    Column("grade", "Тарифний розряд", in_grid=False, hint="Від 1 до 25, за наявності"),
    Column("is_full", "Повне залучення", in_grid=False, choices=_ANSWERS, blank=NO),
    Column("teaching_since", "Педагогічний стаж обчислюється з", in_grid=False, hint="дд.мм.рррр"),
)  # fmt: skip
_WORDS = {
    _FULL_NAME: "піб|п.і.б.|прізвище імʼя по батькові|прізвище, імʼя, по батькові|працівник|"
    "піб працівника|прізвище та імʼя|особа",
    "surname": "прізвище працівника|фамилия",
    "given_name": "имя|імʼя працівника",
    "patronymic": "побатькові|по-батькові|отчество",
    "born_on": "дата народження|дата народж|народження|д.н.|дн|др|день народження",
    "sex": "пол|стать працівника",
    "rnokpp": "ідентифікаційний код|іпн|ідн|інн|код|податковий номер|ідентифікаційний номер",
    "position": "посада за наказом|назва посади|приймається на посаду|на посаду",
    "rate": "ставок|розмір ставки|обсяг|частка ставки",
    "is_main": "основна|вид роботи|основне місце роботи",
    "vacancy": "вакантна посада",
    "passport": "серія і номер паспорта|серія та номер паспорта|документ|id-картка",
    "unzr": "номер запису в реєстрі",
    "category": "категорія",
    "grade": "розряд",
    "is_full": "повна зайнятість",
    "teaching_since": "педагогічний стаж з|стаж з",
}


def to_rows(data: Any, columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Cells by the names of their columns; a whole name in one cell is parted."""
    rows = load.to_rows(data, columns)
    for row in rows:
        if full_name := row.pop(_FULL_NAME, ""):
            parts = zip(("surname", "given_name", "patronymic"), split(full_name), strict=True)
            row.update({name: part for name, part in parts if part and not row.get(name)})
    return rows


class HireRow(StaffRow, frozen=True, kw_only=True, omit_defaults=True, tag="registry.hire/1"):
    """Who gets which post. `is_known`: the register has the person, and the row corrects it."""

    employee: uuid.UUID
    is_known: bool = False
    renamed: bool = False  # said to be the person of that number although the name is another
    born_on: datetime.date
    sex: str
    rnokpp: str | None = None
    rnokpp_state: str = "NOT_ASSIGNED"
    unzr: str | None = None
    passport: str | None = None
    teaching_since: datetime.date | None = None
    facts: dict[str, Any]
    category: str = ""
    vacancy: uuid.UUID | None = None

    @property
    def person(self) -> dict[str, Any]:
        """The columns of `Employee`."""
        return {name: getattr(self, name) for name in reading.PERSON}


@dataclasses.dataclass(frozen=True, slots=True)
class _Frame:
    """The institution and its open vacancies by what they are called."""

    institution_id: int
    day: datetime.date
    today: datetime.date
    vacancies: Mapping[str, Vacancy]


@dataclasses.dataclass(frozen=True, slots=True)
class _Hired:
    """A clean row: columns of the person and of the post, the vacancy, whom the register knows."""

    person: Mapping[str, Any]
    post: Mapping[str, Any]
    vacancy: Vacancy | None
    known: Employee | None = None


class _Cells(Reader):
    """The rules of forms over a row: what is wrong stays beside its cell with the way to fix it."""

    def __init__(self, values: Mapping[str, str]):
        super().__init__(values)
        self.found: list[Problem] = []

    def keep(self, checked: Checked[Any]) -> Any:
        self.found += checked.problems
        self.problems += [
            FieldProblem(one.field, one.code, one.detail)
            for one in checked.problems
            if one.level == "error"
        ]
        return checked.value

    def say(self, field: str, code: str, detail: str) -> None:
        self.keep(Checked(None, (error(field, code, detail),)))


def _open(institution_id: int) -> dict[str, Vacancy]:
    """The open vacancies by words that tell each from the others."""
    found: dict[str, Vacancy] = {}
    rows = Vacancy.objects.filter(institution_id=institution_id, closed_on=None)
    for one in rows.order_by("opened_on", "id"):
        words = [classifiers.label("position", one.position)]
        if one.subject:
            words.append(classifiers.label("subject", one.subject).lower())
        words.append(f"{hours_words(one.rate)} ст. з {dates.show(one.opened_on)}")
        label = ", ".join(words)
        same = sum(label in known for known in found)
        found[f"{label} ({same + 1})" if same else label] = one
    return found


def _by_numbers(people: Iterable[Mapping[str, Any]]) -> Q:
    told = [
        Q(**{f"{name}__in": values})
        for name in reading.NUMBERS
        if (values := sorted({one[name] for one in people if one[name]}))
    ]
    return functools.reduce(operator.or_, told) if told else Q(pk__in=[])


def _known(people: Sequence[Mapping[str, Any]], found: Iterable[Employee]) -> list[list[Employee]]:
    """Of each person, those who have one of its numbers."""
    by_number = {
        (name, value): one.merged_into or one
        for one in found
        for name in reading.NUMBERS
        if (value := getattr(one, name))
    }
    return [
        list(
            {
                one.pk: one
                for name in reading.NUMBERS
                if (one := by_number.get((name, person[name]))) is not None
            }.values()
        )
        for person in people
    ]


class Hire(StaffMovement[HireRow, _Hired]):
    """«Прийняття на роботу»."""

    code = "hire"
    name = "Прийняття на роботу"
    about = "про прийняття на роботу"
    verb = "прийнято на роботу"
    order = 20
    icon = "grid"
    columns = COLUMNS
    one_row = "Прийняття працівника"
    source = Typed(
        headings=Headings(
            words={
                name: "|".join(filter(None, (words, *(c.label for c in COLUMNS if c.name == name))))
                for name, words in _WORDS.items()
            },
            shapes=(
                ("born_on", re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}")),
                ("rnokpp", re.compile(r"\d{10}")),
                (_FULL_NAME, re.compile(r"[\w’'ʼ-]+ [\w’'ʼ-]+ [\w’'ʼ-]+(?:ич|на|ВНА|ИЧ)")),
            ),
            rivals=(
                frozenset({_FULL_NAME, "surname"}),
                frozenset({_FULL_NAME, "given_name"}),
            ),
            needed=(frozenset({"surname", _FULL_NAME}), frozenset({"position"})),
        ),
        extra={_FULL_NAME: "Прізвище, імʼя, по батькові разом"},
        to_rows=to_rows,
        groups=(
            ("Особа", ("surname", "given_name", "patronymic", "born_on", "sex")),
            ("Документи", ("rnokpp", "passport", "unzr")),
            ("Посада", tuple(one.name for one in COLUMNS[6:10])),
            ("Умови", ("category", "grade", "is_full", "teaching_since")),
        ),
        choices={"sex": _SEXES, "is_main": _ANSWERS, "is_full": _ANSWERS},
        codes={
            "sex": lambda text: {"m": "М", "м": "М", "ж": "Ж", "f": "Ж"}.get(text.lower()),
        },
        needed="Прізвище, імʼя, по батькові (або ПІБ разом), дата народження, стать, посада; РНОКПП, "
        "УНЗР або паспорт. Ставка, вид роботи й вакансія — за потреби.",
    )
    # A change of who it is forgets that the person is said to be another than those alike.
    judged_with = MappingProxyType(dict.fromkeys(("given_name", "born_on"), "surname"))
    row = HireRow
    effective_label = "Працюють з"
    default_ground = "заяви працівників"
    text = text_file("hire")
    paper = (
        ("Умови", lambda row: told_of(row.facts).partition(", ")[2]),
        ("Народження", lambda row: dates.show(row.born_on)),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Frame:
        """The day and the open vacancies."""
        day, school = day_of(draft, moment), draft.institution_id
        return _Frame(school, day, moment.today, {alike(k): v for k, v in _open(school).items()})

    def options(self, institution_id: int, terms: Any, moment: Moment) -> Any:
        """Positions, categories, the open vacancies."""
        return {
            "position": labels_of("position", moment.today),
            "category": labels_of("staff_category", moment.today),
            "vacancy": [(label, label) for label in _open(institution_id)],
        }

    def read(self, row: DraftRow, frame: _Frame) -> Read:
        """The rules of the form of one person, cell by cell."""
        typed = dict(row.values)
        for name, classifier in (("position", "position"), ("category", "staff_category")):
            said = tidy(typed.get(name, ""))
            typed[name] = classifiers.code_of(classifier, said, frame.today) or said
        cells = _Cells(typed)
        for name, unless in (("is_main", True), ("is_full", False)):
            said = tidy(typed.get(name, ""))
            if said and alike(said) not in _SAYS:
                cells.say(name, "unknown", "Впишіть «так» або «ні».")
            ticked = yes_or_no(said)
            cells.values[name] = "on" if (unless if ticked is None else ticked) else ""
        person, post = reading.person(cells, frame.today), reading.post(cells, frame.today)
        vacancy = self._vacancy(typed.get("vacancy", ""), post, frame, cells)
        who = f"{person['surname']} {person['given_name']}"
        keys = [f"{name}:{person[name]}" for name in reading.NUMBERS if person[name]]
        if person["surname"] and person["given_name"] and person["born_on"]:
            keys.append(f"name:{sort_key(who)}|{person['born_on']}")
        if vacancy is not None:
            keys.append(f"vacancy:{vacancy.pk}")
        clean = None if cells.problems else _Hired(person, post, vacancy)
        return Read(tuple(cells.found), clean, tuple(keys), looked_for=person)

    @staticmethod
    def _vacancy(
        text: str, post: Mapping[str, Any], frame: _Frame, cells: _Cells
    ) -> Vacancy | None:
        if not tidy(text):
            return None
        vacancy = frame.vacancies.get(alike(tidy(text)))
        if vacancy is None:
            cells.say("vacancy", "unknown", "Такої відкритої вакансії немає: виберіть зі списку.")
        elif vacancy.position != post["position"]:
            cells.say("vacancy", "other_position", "Ця вакансія — на іншу посаду.")
        return vacancy

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: _Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """Rows against rows, then against the register: four queries for the table."""
        people = [read.looked_for for read in reads]
        found = Employee.objects.filter(_by_numbers(people)).select_related("merged_into")
        known = _known(people, found)
        asked = [i for i, those in enumerate(known) if not those]
        resembling = dict(zip(asked, colleagues.alike_to([people[i] for i in asked]), strict=True))
        posts: dict[uuid.UUID, list[Post]] = defaultdict(list)
        ids = {one.pk for those in known for one in those}
        for post in Post.objects.filter(lasting(frame.day), employee_id__in=ids):
            posts[post.employee_id].append(post)
        judged = []
        for place, (row, read) in enumerate(zip(rows, reads, strict=True)):
            problems = list(_repeated(row, read.keys, first_with))
            person, clean = people[place], read.clean
            employee = known[place][0] if len(known[place]) == 1 else None
            if len(known[place]) > 1:
                problems.append(error("rnokpp", "several", services.SEVERAL))
            elif employee is not None:
                problems += _doubts(employee, posts[employee.pk], person, clean, frame)
                if clean is not None:
                    clean = dataclasses.replace(clean, known=employee)
            elif resembling.get(place):
                problems.append(warning("surname", "namesake", services.NAMESAKE))
            judged.append(
                Compared(
                    [one.as_json() for one in problems],
                    seen=tuple(sorted(resembling.get(place, ()))),
                    clean=clean,
                )
            )
        return judged

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Open vacancies of positions that the table hires for and does not take."""
        typed = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"]).values_list(
            "values__position", "values__vacancy"
        )
        positions = {alike(position or "") for position, _ in typed}
        taken = {alike(vacancy or "") for _, vacancy in typed}
        free = [
            label
            for label, one in _open(draft.institution_id).items()
            if alike(classifiers.label("position", one.position)) in positions
            and alike(label) not in taken
        ]
        if not free:
            return ()
        return (f"Відкриті вакансії, яких таблиця не займає: {'; '.join(free)}",)

    def signed(self, number: int, verdict: Verdict) -> HireRow:
        """Who gets what; a new person and the post get their ids here."""
        one: _Hired = verdict.clean
        post = Post(**one.post)
        return HireRow(
            no=number,
            post=_new_id(),
            employee=one.known.pk if one.known else _new_id(),
            is_known=one.known is not None,
            renamed=one.known is not None and not reading.same_name(one.known, one.person),
            position=classifiers.label("position", post.position),
            **one.person,
            facts=facts_of(post),
            category=post.category,
            vacancy=one.vacancy.pk if one.vacancy else None,
        )

    def conflicts(self, order: Order, rows: Sequence[HireRow]) -> list[Conflict]:
        """People written into the register, hired elsewhere, places taken since the order was formed."""
        people = [row.person for row in rows]
        ids = [row.employee for row in rows if row.is_known]
        held = Employee.objects.select_for_update(no_key=True).order_by("pk")
        found = list(held.filter(_by_numbers(people) | Q(pk__in=ids)))
        by_id = {one.pk: one for one in found}
        elsewhere = set(
            Post.objects.filter(
                lasting(order.effective_on), employee_id__in=by_id, is_main=True
            ).values_list("employee_id", flat=True)
        )
        left = {one.pk: one.rate for one in _places(order, rows) if one.closed_on is None}
        new = [i for i, row in enumerate(rows) if not row.is_known]
        resembling = dict(zip(new, colleagues.alike_to([people[i] for i in new]), strict=True))
        seen = dict(order.rows.values_list("position", "seen"))
        conflicts = []
        for place, (row, those) in enumerate(zip(rows, _known(people, found), strict=True)):
            told = ""
            if row.employee in by_id and by_id[row.employee].merged_into_id is not None:
                told = "профіль цієї особи обʼєднано з іншим"
            elif {one.pk for one in those} - {row.employee}:
                told = "особу з таким номером уже записано в реєстрі"
            elif row.is_known and row.employee not in by_id:
                told = "цієї особи в реєстрі вже немає"
            elif row.is_known and not (
                row.renamed or reading.same_name(by_id[row.employee], row.person)
            ):
                told = "імʼя в реєстрі змінено"
            elif row.facts["is_main"] and row.employee in elsewhere:
                told = "має основну роботу на іншій посаді"
            elif set(resembling.get(place, ())) - set(seen.get(row.no) or ()):
                told = "у реєстрі зʼявився працівник із дуже схожими даними"
            elif row.vacancy is not None and left.get(row.vacancy, Decimal(0)) <= 0:
                told = "вакансію вже закрито"
            if told:
                conflicts.append(Conflict(row.no, row.full_name, told))
            elif row.vacancy is not None:
                left[row.vacancy] -= Decimal(row.facts["rate"])
        return conflicts

    def effect(self, order: Order, rows: Sequence[HireRow]) -> None:
        """People, posts, places taken."""
        held = Employee.objects.select_for_update(no_key=True).order_by("pk")
        known = {
            one.pk: one for one in held.filter(pk__in=[r.employee for r in rows if r.is_known])
        }
        places = {one.pk: one for one in _places(order, rows)}
        with violation((*services.ONE_PERSON, "one_main_post_at_a_time"), EnrolledMeanwhile):
            Employee.objects.bulk_create(
                Employee(pk=row.employee, **row.person) for row in rows if not row.is_known
            )
            for row in rows:
                if row.is_known:
                    services.change(
                        known[row.employee], reading.told(known[row.employee], row.person)
                    )
            posts = Post.objects.bulk_create(
                Post(
                    pk=row.post,
                    employee_id=row.employee,
                    institution_id=order.institution_id,
                    starts_on=order.effective_on,
                    category=row.category,
                    opened_by=order,
                    **row.facts | {"rate": Decimal(row.facts["rate"])},
                )
                for row in rows
            )
        for row, post in zip(rows, posts, strict=True):
            if row.vacancy is not None:
                vacancies.take(places[row.vacancy], post)

    def events(self, order: Order, rows: Sequence[HireRow]) -> Iterable[Event]:
        """One event a post."""
        return (
            StaffHired(
                subject=row.post,
                unit=order.institution_id,
                employee=row.employee,
                position=row.facts["position"],
                is_main=row.facts["is_main"],
                starts_on=order.effective_on,
            )
            for row in rows
        )

    def undone(self, order: Order, row: HireRow) -> str:
        """The post."""
        return f"прийняття з {dates.show(order.effective_on)}: {told_of(row.facts)}"

    def undone_beside(self, order: Order, rows: Sequence[HireRow]) -> Sequence[str]:
        """The places are free again; what is said of the people themselves is no less true."""
        told = ["Відомості про самих працівників (імʼя, номери, стаж) лишаються в реєстрі."]
        if count := sum(row.vacancy is not None for row in rows):
            told.insert(0, f"Вакансії, які зайняв наказ, знову відкриті: {count}.")
        return told

    def stands_on(self, order: Order, rows: Sequence[HireRow]) -> list[Conflict]:
        """Posts that ended or changed since, that lead classes, teach, or have a deferment."""
        posts = posts_held(order, rows)
        conflicts = []
        for row in rows:
            post = posts.get(row.post)
            told = differs(row, post, order.effective_on)
            if not told and post is not None:
                told = _stands(row, post)
            if told:
                conflicts.append(Conflict(row.no, row.full_name, told))
        return conflicts

    def annul(self, order: Order, by: Order, rows: Sequence[HireRow]) -> None:
        """The posts never were; the places they took are free again."""
        posts = posts_held(order, rows)
        places = {one.pk: one for one in _places(order, rows)}
        for row in rows:
            post = posts[row.post]
            services.change(post, {"ends_on": post.starts_on, "voided_by_id": by.pk})
            if row.vacancy is not None:
                vacancies.give_back(places[row.vacancy], post)


def _new_id() -> uuid.UUID:
    return uuid.UUID(str(uuid_utils.uuid7()))


def _repeated(
    row: DraftRow, keys: Sequence[str], first_with: Mapping[str, int]
) -> Iterable[Problem]:
    """One number twice is an error of the later row; one name and birth date, and one place, a doubt."""
    for key in keys:
        name, before = key.partition(":")[0], first_with[key]
        if before == row.position:
            continue
        if name in _ONE_PERSONS:
            yield error(
                name,
                "repeated",
                f"Такий самий {_ONE_PERSONS[name]} у рядку {before}. Другу посаду тієї самої особи "
                "приймають окремим наказом.",
            )
        elif name == "name":
            yield warning(
                "surname",
                "repeated_name",
                f"Імʼя й дата народження ті самі, що в рядку {before}. Це різні люди?",
            )
        else:
            yield warning(
                "vacancy",
                "shared",
                f"Цю вакансію займає й рядок {before}. Ставок вакансії має вистачити на обох.",
            )


def _doubts(
    known: Employee,
    posts: Sequence[Post],
    person: Mapping[str, Any],
    clean: _Hired | None,
    frame: _Frame,
) -> Iterable[Problem]:
    """What speaks against a post for somebody whom the register knows by a number."""
    if not reading.same_name(known, person):
        yield warning("rnokpp", "other_name", services.OTHER_NAME)
    if clean is None:
        return
    if clean.post["is_main"] and any(post.is_main for post in posts):
        yield error("is_main", "main_post_elsewhere", _OPEN_ELSEWHERE)
    here = [post for post in posts if post.institution_id == frame.institution_id]
    if any(post.position == clean.post["position"] for post in here):
        yield warning("position", "works_here", "Ця особа вже працює у закладі на такій посаді.")


@part_of_command
def _places(order: Order, rows: Sequence[HireRow]) -> list[Vacancy]:
    """The vacancies that rows take, held."""
    return list(
        Vacancy.objects.filter(
            institution_id=order.institution_id, pk__in=[r.vacancy for r in rows if r.vacancy]
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    )


def _stands(row: HireRow, post: Post) -> str:
    """What came after the hiring and stands on it."""
    if post.ends_on is not None:
        return "уже є останній день роботи"
    if facts_of(post) != row.facts or post.category != row.category or post.past.exists():
        return "посаду після наказу змінено"
    if post.classes.exists():
        return "керує класом"
    if post.loads.filter(voided_by=None).exists():
        return "має навантаження"
    return "має відстрочку" if post.deferments.filter(voided_by=None).exists() else ""


PROCESS = Hire()
