"""Movements in any order: what people of three schools do, and what must be so after each step.

`Register` plays commands through the doors everybody uses. What the register must hold is told by
`learnt`, from the signed rows of the orders in effect alone: it knows no table of enrolments.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.actors import system
from aikom.demo.synthetic.codes import rnokpp
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import DomainError
from registry.classes.models import ClassGroup
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.drafts import services as drafts
from registry.drafts.judging import mark
from registry.drafts.models import Draft
from registry.enrolments import services as enrolments
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.fields.forms import INDIVIDUAL
from registry.models import AskedRow, Post, Pupil, PupilDocument
from registry.orders import services as orders
from registry.orders.models import Order
from registry.orders.selectors.orders import package_of
from registry.orders.services.annulling import rows_of
from registry.process import kind
from registry.rollover import services as rollover
from registry.staff.models.posts import lasting
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests import world as small
from tests.kit.acts import noted
from tests.registry.kit import NOW, TODAY, key_of
from tests.world import World

HEADS = {"school1": "olena", "school2": "petro", "hub": "nina"}
SEPTEMBER = datetime.date(2027, 9, 1)
NEXT = "2027-2028"
MOVING = (
    "enrol",
    "transfer",
    "withdraw",
    "move",
    "individual",
    "institutional",
    "promote",
    "repeat",
)
WHOLE = ("rollover",)
BESIDE = ("supplement", "supplement_end")
FACTS = ("needs", "meals", "contact")
STAFF = ("hire", "repost", "dismiss", "load")
PROCESSES = (*MOVING, *WHOLE, *BESIDE, *FACTS, *STAFF, "release", "annul")
# Kinds that chance does not draw, and why; each has tests of its own.
NOT_DRAWN = {
    **dict.fromkeys(
        ("addresses", "benefits", "displacement", "phones", "representatives"),
        "declarations over the mechanism of `FACTS`, of which three are drawn",
    ),
    **dict.fromkeys(("attest", "courses", "defer"), "they change no post, rate or load"),
    **dict.fromkeys(
        ("reorganise", "status", "subordinate", "revoke"),
        "of an authority: the school of every later step would be another",
    ),
    **dict.fromkeys(("apply", "certificates"), "nobody's place changes by them"),
    "classes": "a gap: classes are opened, split and closed beside the other kinds in no sequence",
}
WORKERS = {
    surname: {
        "surname": surname, "given_name": "Олег", "patronymic": "Ілліч", "sex": "М",
        "born_on": f"{born:%d.%m.%Y}", "rnokpp": rnokpp(born, "M", 700 + n),
    }
    for n, (surname, born) in enumerate(
        (
            ("Адаменко", datetime.date(1981, 1, 11)),
            ("Бойчук", datetime.date(1984, 4, 14)),
            ("Вдовенко", datetime.date(1987, 7, 17)),
        )
    )
}  # fmt: skip
GROUNDS = (
    ("Виїзд за кордон на постійне проживання", "PL", "заява від 20.11.2026"),
    ("Переведення до іншого ЗЗСО", "Сусідній ліцей", "заява від 20.11.2026"),
    ("Смерть здобувача освіти", "", "свідоцтво про смерть I-ТЕ 000017 від 20.11.2026"),
)


@dataclasses.dataclass(frozen=True)
class Child:
    """Who it is on paper, whether the register knows it or not."""

    surname: str
    given_name: str
    sex: str
    born_on: datetime.date
    number: str

    def typed(self, **more: str) -> dict[str, str]:
        """The columns that name it."""
        return {"document": f"X-ТЕ {self.number}", "born_on": f"{self.born_on:%d.%m.%Y}"} | more


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    """A child in a class of a school from a day to a day, as orders say."""

    pupil: str
    school: int
    kind: str
    group: int
    form: str
    since: datetime.date
    until: datetime.date | None


# ── what orders say ──────────────────────────────────────────────────────────
def learnt(first: Iterable[Place], effective: Sequence[tuple[Order, Sequence[Any]]]) -> list[Place]:
    """Where everybody learns by the signed rows of orders in effect, in the order of signing."""
    found = list(first)

    def cut(day: datetime.date, *, whole: bool = True, **of: Any) -> Place | None:
        """End what runs on a day, drop what was to begin; give back what ran."""
        ran = None
        for place in list(found):
            if any(getattr(place, name) != value for name, value in of.items()):
                continue
            if place.until is not None and place.until <= day:
                continue
            found.remove(place)
            if place.since < day:
                ran = place
                found.append(dataclasses.replace(place, until=day))
            elif not whole:
                raise AssertionError("an order within a school met a place to come")
        return ran

    for order, rows in effective:
        day, school = order.effective_on, order.institution_id
        for row in rows if order.kind not in {*STAFF, "annul"} else ():
            who = str(row.pupil)
            match order.kind:
                case "enrol" | "transfer" | "supplement":
                    beside = order.kind == "supplement"
                    if order.kind == "transfer":
                        cut(day, pupil=who, kind="MAIN")
                    kind_ = "SUPPLEMENTARY" if beside else "MAIN"
                    found.append(Place(who, school, kind_, row.class_.id, row.form, day, None))
                case "withdraw":
                    cut(day, pupil=who, kind="MAIN", school=school)
                    if row.reason == "DEATH":
                        cut(day, pupil=who, kind="SUPPLEMENTARY")
                case "rollover" if row.class_ is None:
                    cut(row.leaves_on or day, pupil=who, kind="MAIN", school=school)
                case "supplement_end":
                    cut(day, pupil=who, kind="SUPPLEMENTARY", school=school)
                case "move" | "individual" | "institutional" | "promote" | "repeat" | "rollover":
                    assert cut(day, whole=False, pupil=who, kind="MAIN", school=school), (
                        "nobody moved"
                    )
                    group = row.class_.id or opened(order, row.class_)
                    found.append(Place(who, school, "MAIN", group, row.form, day, None))
    return sorted(found, key=str)


def opened(order: Order, class_: Any) -> int:
    """The class that an order opened by its name."""
    grade, _, letter = class_.label.partition("-")
    found = ClassGroup.objects.filter(
        institution=order.institution_id, school_year_id=NEXT, grade=int(grade), letter=letter,
        opened_on=order.effective_on,
    )  # fmt: skip
    return int(found.order_by("-pk")[0].pk)


def worked(effective: Sequence[tuple[Order, Sequence[Any]]]) -> list[tuple[Any, ...]]:
    """Who works where as what, and what they teach, by the signed rows of orders in effect."""
    posts: dict[str, dict[str, Any]] = {}
    taught: dict[tuple[str, str], list[list[Any]]] = collections.defaultdict(list)
    for order, rows in effective:
        day = order.effective_on
        for row in rows if order.kind in STAFF else ():
            post = str(row.post)
            match order.kind:
                case "hire":
                    posts[post] = {
                        "employee": str(row.employee), "school": order.institution_id,
                        "since": day, "until": None, "facts": row.facts,
                    }  # fmt: skip
                case "repost":
                    posts[post]["facts"] = row.becomes
                case "dismiss":
                    posts[post]["until"] = day + datetime.timedelta(days=1)
                case "load":
                    lines = taught[post, row.line]
                    if lines and lines[-1][1] is None:
                        if lines[-1][2] == Decimal(row.hours):
                            continue
                        lines[-1][1] = day
                        if lines[-1][0] >= day:
                            lines.pop()
                    if Decimal(row.hours):
                        lines.append([day, None, Decimal(row.hours)])
    said = [
        ("post", key, one["employee"], one["school"], one["since"], one["until"],
         one["facts"]["position"], Decimal(one["facts"]["rate"]), one["facts"]["is_main"])
        for key, one in posts.items()
    ]  # fmt: skip
    loads = [("load", *key, *line) for key, lines in taught.items() for line in lines]
    return sorted([*said, *loads], key=str)


def works() -> list[tuple[Any, ...]]:
    """The same as the register has it."""
    posts = _rows(
        "SELECT 'post', id::text, employee_id::text, institution_id, starts_on, ends_on, position,"
        " rate, is_main FROM registry_post WHERE voided_by_id IS NULL AND opened_by_id IS NOT NULL"
    )
    loads = _rows(
        "SELECT 'load', post_id::text, line, starts_on, ends_on, hours FROM registry_load"
        " WHERE voided_by_id IS NULL"
    )
    return sorted([*posts, *loads], key=str)


def learns() -> list[Place]:
    """The same as the register has it."""
    return sorted(
        (
            Place(*row)
            for row in _rows(
                "SELECT pupil_id::text, institution_id, kind, class_group_id, form, starts_on, ends_on"
                " FROM registry_learning"
            )
        ),
        key=str,
    )


def _rows(sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


_TABLES = (
    "enrolment", "classplacement", "pupil", "pupilcategory", "contactstate", "ordertask",
    "askedrow", "order", "guardianship", "pupildocument", "employee", "post", "postpast", "load", "classgroup",
)  # fmt: skip


def everything() -> dict[str, str]:
    """Every row that movements write, by table."""
    return {
        table: _rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM registry_{table} t")[
            0
        ][0]
        for table in _TABLES
    }


def figures(day: datetime.date) -> dict[tuple[int, int], int]:
    """How many learn mainly in each class of each school on a day."""
    return {
        (school, group): count
        for school, group, count in _rows(
            "SELECT institution_id, class_group_id, count(*) FROM registry_learning WHERE kind = 'MAIN'"
            " AND starts_on <= %s AND (ends_on IS NULL OR ends_on > %s) GROUP BY 1, 2",
            day,
            day,
        )
    }


# ── what people do ───────────────────────────────────────────────────────────
class Register:
    """Three schools, some children, orders that wait and orders in effect."""

    def __init__(self, world: World):
        self.world, self.today, self.numbers = world, TODAY, 0
        self.children = {
            name: Child(one.surname, one.given_name, one.sex, one.born_on, f"{place + 1:06d}")
            for place, (name, one) in enumerate(world.pupils.items())
            if name in {"ivan", "oksana", "marko"}
        }
        for n, surname in enumerate(("Барвінок", "Журавель", "Цимбал")):
            day = datetime.date(2016, 7, 7 + n)
            self.children[surname] = Child(surname, "Роман", "M", day, f"70000{n}")
        self._open(actor=system("тест"))
        classifiers.forget()
        self.waiting: list[Order] = []
        self.effective: list[uuid.UUID] = []  # in the order of signing, annulled ones too
        self.first = learns()
        self.story: list[str] = []
        self.did: collections.Counter[str] = collections.Counter()
        self.refused: collections.Counter[str] = collections.Counter()

    @command
    def _open(self, *, actor: Any) -> None:
        SchoolYear.objects.get_or_create(
            code=NEXT,
            defaults={"starts_on": SEPTEMBER, "ends_on": datetime.date(2028, 7, 1)},
        )
        for school in HEADS:
            for grade, letter in ((5, "А"), (6, "А"), (6, "Б")):
                ClassGroup.objects.create(
                    institution=self.world.institutions[school], school_year_id=NEXT,
                    grade=grade, letter=letter, opened_on=SEPTEMBER,
                )  # fmt: skip
        # Two children who learn at the second school from the first, so that there is whom to take.
        for name in ("Барвінок", "Журавель"):
            one = self.children[name]
            pupil = Pupil.objects.create(
                surname=one.surname, given_name=one.given_name, sex=one.sex, born_on=one.born_on
            )
            PupilDocument.objects.create(
                pupil=pupil, type="BIRTH_UA", series="X-ТЕ", number=one.number, is_primary=True
            )
            small.enrol(pupil, self.world.classes["school2/5-Б"])
        noted()

    @property
    def moment(self) -> Moment:
        return Moment(NOW + (self.today - TODAY), self.today)

    def actor(self, school: str) -> Any:
        return self.world.actor(HEADS[school])

    def id_of(self, name: str) -> uuid.UUID | None:
        """The profile of a child, once the register has one."""
        if name in WORKERS:
            return None
        number = self.children[name].number
        return (
            PupilDocument.objects.filter(number=number).values_list("pupil_id", flat=True).first()
        )

    def possible(self) -> dict[tuple[str, str], list[str]]:
        """What it makes sense to do where, and with whom: the rest is refused, which is tried too."""
        known = {name: pk for name in self.children if (pk := self.id_of(name))}
        now = {one.pk: one for one in Pupil.objects.filter(pk__in=known.values())}
        at = {name: now[pk].institution_id for name, pk in known.items()}
        beside = set(
            Enrolment.objects.filter(
                kind="SUPPLEMENTARY", ends_on=None, voided_by=None
            ).values_list("pupil_id", "institution_id")
        )
        asked = set(
            AskedRow.objects.filter(done_by=None, task__state__in=["OPEN", "OBJECTED"]).values_list(
                "task__for_institution_id", flat=True
            )
        )
        signed_ = set(
            Order.objects.filter(state="EFFECTIVE")
            .exclude(kind="annul")
            .values_list("institution_id", flat=True)
        )
        lasting_ = Post.objects.filter(lasting(self.today), opened_by__isnull=False)
        held = set(lasting_.values_list("employee__surname", "institution_id", "is_main"))
        main = {surname for surname, _, is_main in held if is_main}
        found: dict[tuple[str, str], list[str]] = {}
        for school in HEADS:
            here = self.world.units[school].id
            nowhere = [name for name in self.children if at.get(name) is None]
            mine = [name for name in known if at[name] == here]
            others = [name for name in known if at[name] not in {None, here}]
            apart = [name for name in mine if now[known[name]].form in INDIVIDUAL]
            also = [name for name in known if (known[name], here) in beside]
            working = sorted({surname for surname, at_, _ in held if at_ == here})
            for process in PROCESSES:
                found[process, school] = {
                    "hire": [one for one in WORKERS if one not in main],
                    **dict.fromkeys(("repost", "dismiss", "load"), working),
                    "enrol": nowhere,
                    "transfer": others,
                    "supplement": others,
                    "supplement_end": also,
                    "institutional": apart,
                    "release": list(self.children) if here in asked else [],
                    "annul": list(self.children) if here in signed_ else [],
                }.get(process, mine)
        return {what: names for what, names in found.items() if names}

    # ── one step
    def prepare(
        self, process: str, school: str, names: Sequence[str], day: datetime.date, pick: Callable
    ) -> Order | None:
        """An order of a kind about children, waiting; None when it is refused."""
        self.numbers += 1
        self.story.append(f"№ {self.numbers} {process} {school} {names} {day}")
        fields = {
            "number": f"{self.numbers}-с",
            "issued_on": f"{self.today:%d.%m.%Y}",
            "effective_on": f"{day:%d.%m.%Y}",
            "ground": "заяви батьків",
            "identity_shown": "on",
            "protocol": "№ 7 від 20.11.2026",
        }
        try:
            if process in WHOLE:
                return self._rollover(school, fields)
            draft = self._draft(process, school, names, pick)
            self._answer(draft, school)
            order = orders.prepare(
                actor=self.actor(school), draft_id=draft.pk, fields=fields, moment=self.moment
            )
        except DomainError as refusal:
            self.refused[f"{process}:{refusal.code}:{self._why(refusal)}"] += 1
            return None
        self.waiting.append(order)
        return order

    def _rollover(self, school: str, fields: dict[str, str]) -> Order:
        """The passage of the whole school by its plan as it is computed now."""
        common = {"actor": self.actor(school), "moment": self.moment}
        plan = rollover.begin_plan(
            institution=self.world.institutions[school].uid, to_year=NEXT, **common
        )
        order = rollover.prepare(plan_id=plan.pk, fields=fields, **common)
        self.waiting.append(order)
        return order

    def _why(self, refusal: DomainError) -> str:
        told = [one.code for one in getattr(refusal, "problems", ())]
        draft = Draft.objects.order_by("-id").first()
        told += [one["code"] for row in draft.rows.all() for one in row.problems] if draft else []
        return ",".join(sorted(set(told)))

    def _draft(self, process: str, school: str, names: Sequence[str], pick: Callable) -> Draft:
        start = {
            "actor": self.actor(school),
            "institution_id": self.world.units[school].id,
            "process": process,
            "moment": self.moment,
        }
        if process == "hire":
            told = [WORKERS[name] for name in names if name in WORKERS]
            return drafts.start(
                rows=[one | {"position": "Вчитель", "rate": pick(["1", "0,5"])} for one in told],
                **start,
            )
        if process == "load":
            club = {"type": "гурток", "subject": "Хор", "hours": pick(["2", "3", "0"])}
            return drafts.start(rows=[{"teacher": name} | club for name in names], **start)
        if process in {"enrol", "transfer", "supplement"}:
            rows = []
            for name in names:
                if name in WORKERS:
                    continue
                one = self.children[name]
                row = one.typed(
                    applicant=f"{one.surname} Галина Петрівна", relation="мати",
                    **{"class": f"5-{pick('АБ')}"},
                )  # fmt: skip
                if process == "enrol":
                    row |= {
                        "surname": one.surname,
                        "given_name": one.given_name,
                        "sex": "М" if one.sex == "M" else "Ж",
                    }
                else:
                    row["applied_on"] = f"{self.today:%d.%m.%Y}"
                rows.append(row)
            return drafts.start(rows=rows, **start)
        if process in {"repost", "dismiss"}:
            posts = Post.objects.filter(lasting(self.today), institution_id=start["institution_id"])
            keys = list(
                map(str, posts.filter(employee__surname__in=names).values_list("pk", flat=True))
            )
        else:
            keys = [str(pk) for name in names if (pk := self.id_of(name))]
        if process == "release":
            asked = AskedRow.objects.filter(task__for_institution_id=start["institution_id"])
            keys = [str(one) for one in asked.filter(done_by=None).values_list("pk", flat=True)]
        if process == "annul":
            here = Order.objects.filter(institution_id=start["institution_id"], state="EFFECTIVE")
            found = list(here.order_by("-id").values_list("pk", flat=True)[:4])
            keys = [str(pick(found))] if found else []
        draft = drafts.start(keys=keys, **start)
        values = self._values(process, pick)
        rows_ = {row.id: (row.version, values(row)) for row in draft.rows.all()}
        if rows_:
            drafts.save_rows(
                actor=start["actor"], draft_id=draft.pk, rows=rows_, moment=self.moment
            )
        return draft

    def _values(self, process: str, pick: Callable) -> Callable[[Any], dict[str, str]]:
        match process:
            case "withdraw":
                reason, to, document = pick(GROUNDS)
                return lambda row: {"reason": reason, "destination": to, "document": document}
            case "supplement_end":
                return lambda row: {"reason": "Завершено навчання"}
            case "move":
                other = {"5-А": "5-Б", "5-Б": "5-А", "6-А": "6-Б", "6-Б": "6-А"}
                return lambda row: {"to_class": other.get(row.values["class"], "5-А")}
            case "individual":
                form = pick(["Сімейна (домашня)", "Екстернатна"])
                return lambda row: {"form": form, "document": "заява матері від 19.11.2026"}
            case "institutional":
                return lambda row: {"form": "очна (денна)"}
            case "promote":
                letter = pick("АБ")
                return lambda row: {"to_class": f"6-{letter}"}
            case "repeat":
                return lambda row: {"to_class": "5-А", "document": "заява від 20.11.2026"}
            case "repost":
                rate = pick(["0,25", "0,75"])
                return lambda row: {"rate": rate}
            case "dismiss":
                return lambda row: {
                    "reason": "Власне бажання (ст. 38 КЗпП)", "document": "заява від 20.11.2026",
                }  # fmt: skip
            case "needs":
                level = pick(["2-й", "3-й"])
                return lambda row: {
                    "level": level, "document": "ІРЦ-15", "issued_on": "15.10.2026",
                }  # fmt: skip
            case "meals":
                document = pick(["малозабезпечена родина", "багатодітна родина"])
                return lambda row: {"document": document}
            case "contact":
                words = "Втрачено звʼязок з учнем"
                return lambda row: {"status": words, "attempts": "дзвінки", "actions": "ССД"}
        return lambda row: {}

    def _answer(self, draft: Draft, school: str) -> None:
        """Whoever is asked says that it is the same child, and that all is right."""
        common = {"actor": self.actor(school), "draft_id": draft.pk, "moment": self.moment}
        for row in draft.rows.filter(state="CHECK"):
            for problem in row.problems:
                if (twin := problem.get("pupil")) and problem["level"] == "warning":
                    seen = mark([row], sorted(kind(draft.process).identity))
                    drafts.decide_twin(
                        **common, row_id=row.id, pupil_id=uuid.UUID(twin), same=True, seen=seen
                    )

    def sign(self, order: Order) -> bool:
        """Sign an order that waits; a refusal leaves everything as it was."""
        school = next(k for k in HEADS if self.world.units[k].id == order.institution_id)
        before = everything()
        self.waiting.remove(order)
        try:
            done = signed(self, order, school)
        except DomainError as refusal:
            self.refused[f"sign {order.kind}:{refusal.code}"] += 1
            assert everything() == before, "a refused signature wrote something"
            self.give_up(order)
            return False
        assert done.state == "EFFECTIVE"
        self.effective.append(order.pk)
        self.did[order.kind] += 1
        return True

    def give_up(self, order: Order) -> None:
        """The order is not signed."""
        school = next(k for k in HEADS if self.world.units[k].id == order.institution_id)
        orders.give_up(actor=self.actor(school), order_id=order.pk)
        if order in self.waiting:
            self.waiting.remove(order)

    def pass_days(self, days: int) -> None:
        """Nights come, and the register turns."""
        since, self.today = self.today, self.today + datetime.timedelta(days=days)
        for school in HEADS:
            enrolments.turn(
                actor=system("ніч"),
                institution_id=self.world.units[school].id,
                since=since,
                today=self.today,
            )

    # ── what must be so
    def assert_sound(self, signed_: Order | None = None) -> None:
        """Every invariant of issue 10, asked of the tables as they are."""
        stand = in_effect(self.effective)
        assert learns() == learnt(self.first, stand), "orders say otherwise than the register"
        assert works() == worked(stand), "orders say otherwise of staff than the register"
        assert_rests_on_orders()
        assert_mirrors(self.today)
        died = {
            str(row.pupil)
            for order, rows in stand
            if order.kind == "withdraw"
            for row in rows
            if row.reason == "DEATH"
        }
        closed = Pupil.objects.filter(closed_reason="DEATH").values_list("pk", flat=True)
        assert {str(one) for one in closed} == died
        if signed_ is not None:
            assert_says_what_is_held(signed_)


def signature(register: Register, order: Order, who: str) -> bytes:
    """What the browser of a head would send, at the moment of the register."""
    key, certificate = key_of(who)
    manifest = bytes(SigningSession.objects.get(pk=order.signing_id).content)
    return sign_cms(manifest, key, certificate, signing_time=register.moment.now)


def signed(register: Register, order: Order, school: str) -> Order:
    """The head's signature of an order."""
    who = HEADS[school]
    return orders.sign(
        actor=register.world.actor(who),
        order_id=order.pk,
        cms=signature(register, order, who),
        moment=register.moment,
    )


def in_effect(signed_: Iterable[uuid.UUID]) -> list[tuple[Order, list[Any]]]:
    """Orders that stand, with their rows, in the order they were signed in."""
    found = Order.objects.in_bulk(list(signed_))
    return [(found[pk], rows_of(found[pk])) for pk in signed_ if found[pk].state == "EFFECTIVE"]


def assert_rests_on_orders() -> None:
    """Each movement in effect rests on one order that is signed and stands; of one taken back, the
    order that took it back stands."""
    for table in (Enrolment, ClassPlacement):
        for row in table.objects.select_related("opened_by", "closed_by", "voided_by"):
            if row.voided_by is None:
                assert row.opened_by is None or row.opened_by.state == "EFFECTIVE"
                assert row.closed_by is None or row.closed_by.state == "EFFECTIVE"
                assert (row.ends_on is None) == (row.closed_by is None)
            else:
                assert row.voided_by.state == "EFFECTIVE"
    for order in Order.objects.filter(state__in=["EFFECTIVE", "ANNULLED"]):
        session = SigningSession.objects.get(pk=order.signing_id)
        assert session.state == "SIGNED"
        assert session.signature
        content = bytes(session.content)
        assert bytes(order.manifest_sha256) == hashlib.sha256(content).digest()
        assert len(package_of(order, session).rows) == order.rows_count
        back = order.corrected_by.filter(state="EFFECTIVE").count()
        assert back == (order.state == "ANNULLED")
    together = _rows(
        "SELECT a.id FROM registry_enrolment a JOIN registry_enrolment b ON a.pupil_id = b.pupil_id"
        " AND a.id < b.id AND a.kind = 'MAIN' AND b.kind = 'MAIN'"
        " AND a.voided_by_id IS NULL AND b.voided_by_id IS NULL"
        " AND daterange(a.starts_on, a.ends_on) && daterange(b.starts_on, b.ends_on)"
    )
    assert not together, "a child learns mainly in two places"


def assert_mirrors(today: datetime.date) -> None:
    """The rows of pupils say what their enrolments do, and a second look changes nothing."""
    changed = _rows("SELECT registry_mirror((SELECT array_agg(id) FROM registry_pupil), %s)", today)
    assert changed == [(0,)], "the pupil's row says otherwise than its enrolments"


def assert_says_what_is_held(order: Order) -> None:
    """What the signed rows of an order say is what the register holds right after it."""
    rows = rows_of(order)
    process = kind(order.kind)
    if order.kind in FACTS:
        held = process.standing_after(order, rows, {row.pupil: row.pupil for row in rows})
        for row in rows:
            assert held[row.pupil, row.key] == row.now
    for row in rows if order.kind == "hire" else ():
        post = Post.objects.select_related("employee").get(pk=row.post)
        assert (post.employee.full_name, post.employee.rnokpp) == (row.full_name, row.rnokpp)
    for row in rows if order.kind not in {*STAFF, "annul"} else ():
        pupil = Pupil.objects.get(pk=row.pupil)
        assert (pupil.full_name, pupil.born_on) == (row.full_name, row.born_on)
        if order.kind in {"enrol", "transfer", "supplement"}:
            said = row.document
            assert PupilDocument.objects.filter(
                pupil=pupil, type=said.type, series=said.series, number=said.number
            ).exists()
        if order.kind in {"withdraw", "supplement_end"}:
            ended = Enrolment.objects.get(
                closed_by=order, pupil=pupil,
                kind="MAIN" if order.kind == "withdraw" else "SUPPLEMENTARY",
            )  # fmt: skip
            assert (ended.ends_on, ended.end_reason) == (order.effective_on, row.reason)
