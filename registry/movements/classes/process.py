"""«Зміни в мережі класів»: a table of classes under one order and one signature (handbook D.4).

A row opens a class, changes one, splits one, joins one to another or closes one. What the row leaves
blank stays. Children move only where their class is split or joined, and the row names them.

Sources: Закон 463-IX, ст. 12 (classes and their filling), ст. 38 (the head); handbook D.3, D.4.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import uuid_utils

from accounts.actors import Actor
from accounts.roles import Duty
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error, warning
from kernel.tables.headings import Headings
from kernel.text import alike, clean, hyphens, plural, sort_key, years
from registry.classes import selectors as class_reads
from registry.classes.events import ClassClosed, ClassOpened, ClassUpdated
from registry.classes.frames import first_day
from registry.classes.models import ClassGroup, ClassPast
from registry.classes.services.spec import ClassSpec, field_problems, spec_of
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.enrolments.events import PlacementMoved
from registry.enrolments.models import ClassPlacement
from registry.fields import labels
from registry.institutions.models.institutions import Institution
from registry.movements.classes import effect
from registry.movements.classes.frame import Frame, frame_of, name_of
from registry.movements.classes.signed import (
    ACTS,
    CHANGE,
    CLOSE,
    MERGE,
    OPEN,
    SPLIT,
    ClassRow,
    Joined,
    Moved,
    changes_of,
    facts_of,
    label_of,
    pupils_of,
    words_of,
)
from registry.movements.movement import Movement
from registry.movements.staff.load import to_rows
from registry.orders import texts
from registry.orders.models import Order
from registry.people import policies
from registry.process import (
    Candidate,
    Chosen,
    Column,
    Compared,
    Conflict,
    Counted,
    Picked,
    Read,
    Say,
    Terms,
    Typed,
    Verdict,
    Wanted,
)

_CALLED = {
    OPEN: ("відкрити", "створити", "утворити", "новий"),
    CHANGE: ("змінити", "зміна", "перейменувати", "оновити"),
    SPLIT: ("поділити", "розділити", "поділ"),
    MERGE: ("обʼєднати", "приєднати", "злити", "обʼєднання"),
    CLOSE: ("закрити", "ліквідувати", "розформувати"),
}
_ACT_OF = {alike(word): act for act, words in _CALLED.items() for word in words}
_NOTHING = {"-", "немає"}  # takes the teacher, the profile, the capacity away
_RANGE = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")
_APART = re.compile(r"[,;\n]+")

COLUMNS = (
    Column(
        "act",
        "Дія",
        choices=tuple((word, word) for word in ACTS.values()),
        blank="Змінити",
        width="w5",
    ),
    Column("class", "Клас", required=True, offered=True, hint="Зразок: 5-А", width="w4"),
    Column(
        "label",
        "Нова назва або клас",
        offered=True,
        hint="Змінити — нова назва; поділити — новий клас; обʼєднати — до якого класу",
        width="w5",
    ),
    Column(
        "pupils",
        "Хто переходить",
        hint="Для поділу: прізвища через кому або номери за списком класу, 16-30",
        width="w8",
    ),
    Column("type", "Тип", in_full="Тип класу", offered=True, width="w8"),
    Column("form", "Форма", in_full="Форма здобуття освіти", offered=True, width="w6"),
    Column("language", "Мова", in_full="Мова навчання", offered=True, width="w5"),
    Column("shift", "Зміна", hint="1, 2 або 3", width="w4"),
    Column("profile", "Профіль", width="w6"),
    Column("capacity", "Місць", in_full="Гранична наповнюваність", width="w4"),
    Column("teacher", "Класний керівник", offered=True, hint="«немає» знімає", width="w8"),
    Column("class_id", "Код класу", fixed=True, in_grid=False),
)
_WORDS = {
    "act": "дія|що зробити|зміст змін",
    "class": "клас|класи|назва класу|назва|клас (група)",
    "label": "нова назва|новий клас|нова назва або клас|до якого класу|куди",
    "pupils": "хто переходить|учні|учні нового класу|перелік учнів",
    "type": "тип|тип класу|вид класу",
    "form": "форма|форма здобуття освіти|форма навчання",
    "language": "мова|мова навчання",
    "shift": "зміна|зміна навчання",
    "profile": "профіль|профіль навчання",
    "capacity": "місць|наповнюваність|гранична наповнюваність",
    "teacher": "класний керівник|керівник|кл. керівник|піб класного керівника|вчитель|класовод",
}
HEADINGS = Headings(
    words=_WORDS,
    shapes=(("class", re.compile(r"\d{1,2}\s?-?\s?[а-яґєії]{0,3}", re.IGNORECASE)),),
    needed=(frozenset({"class"}),),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Clean:
    """A row that every rule agreed with."""

    act: str
    year: str
    group: ClassGroup | None
    wanted: ClassSpec | None = None
    into: ClassGroup | None = None
    moved: tuple[ClassPlacement, ...] = ()


class _Found:
    """What one row says, read cell by cell; every problem is kept."""

    def __init__(self, row: DraftRow, frame: Frame):
        self.row = row
        self.frame = frame
        self.problems: list[Problem] = []
        self.keys: list[str] = []
        self.typed = {name: tidy(row.values.get(name, "")) for name in _WORDS}

    def wrong(self, field: str, code: str, detail: str, fix: str | None = None) -> None:
        self.problems.append(error(field, code, detail, fix))

    @property
    def is_wrong(self) -> bool:
        return any(one.level == "error" for one in self.problems)

    def act(self) -> str | None:
        """What is done; left blank, a class that is there is changed and one that is not is opened."""
        typed = self.typed["act"]
        if typed:
            act = _ACT_OF.get(alike(typed))
            if act is None:
                self.wrong("act", "unknown", f"Дія: {', '.join(ACTS.values()).lower()}.")
            return act
        name = labels.parse(self.typed["class"])
        if name is not None and self.frame.classes.named(*name) is None:
            self.problems.append(
                warning(
                    "act",
                    "will_open",
                    f"Класу {labels.label(*name)} ще немає: його буде відкрито. Якщо це описка, "
                    "виправте назву.",
                )
            )
            return OPEN
        return CHANGE

    def group(self) -> ClassGroup | None:
        """The class that the row is about."""
        checked = labels.check("class", self.row.values.get("class", ""), self.frame.classes)
        self.problems.extend(checked.problems)
        return self.frame.groups[checked.value.id] if checked.value else None

    def name(self, field: str) -> tuple[int, str] | None:
        """A parallel and a letter that a class is to have."""
        typed = self.typed[field]
        if not typed:
            self.wrong(field, "required", "Вкажіть назву класу, як-от 5-А.")
            return None
        name = labels.parse(typed)
        if name is None:
            self.wrong(field, "not_a_class", "Клас пишуть так: 5-А.")
        return name

    def over(self, spec: ClassSpec, first: Any) -> ClassSpec:
        """The class as it is to be: what is typed over what it is."""
        said: dict[str, Any] = {}
        on = self.frame.day
        for field, dictionary, what in (
            ("type", "class_type", "тип класу"),
            ("form", "education_form", "форму здобуття освіти"),
            ("language", "language", "мову навчання"),
        ):
            if typed := self.typed[field]:
                code = classifiers.code_of(dictionary, typed, on)
                if code is None:
                    self.wrong(field, "unknown", f"Виберіть {what} зі списку.")
                else:
                    said[field] = code
        for field in ("shift", "capacity"):
            typed = self.typed[field]
            if typed and field == "capacity" and hyphens(typed) in _NOTHING:
                said[field] = None
            elif typed and not (typed.isascii() and typed.isdigit() and len(typed) < 4):
                self.wrong(field, "not_a_number", "Вкажіть число.")
            elif typed:
                said[field] = int(typed)
        if typed := self.typed["profile"]:
            said["profile"] = "" if hyphens(typed) in _NOTHING else clean(typed)
        if hyphens(typed := self.typed["teacher"]) in _NOTHING:
            said["teacher"] = None
        elif typed:
            checked = self.frame.people.check("teacher", typed)
            self.problems.extend(checked.problems)
            if checked.value is not None:
                said["teacher"] = checked.value.pk
        wanted = dataclasses.replace(spec, **said)
        told = {one.field for one in self.problems}
        for one in field_problems(wanted, self.frame.leaders, first):
            field = {"grade": "class", "letter": "class"}.get(one.field, one.field)
            if field not in told:
                self.wrong(field, one.code, one.detail)
        return wanted

    def moved(self, group: ClassGroup) -> tuple[ClassPlacement, ...]:
        """The children that a split takes: by name, or by number in the list of the class."""
        here = self.frame.learners.get(group.pk, ())
        if not self.typed["pupils"]:
            self.wrong("pupils", "required", "Вкажіть, хто переходить до нового класу.")
        found: dict[uuid.UUID, ClassPlacement] = {}
        for part in filter(None, map(str.strip, _APART.split(self.typed["pupils"]))):
            for place in self._meant(part, here):
                found[place.enrolment.pupil_id] = place
        if here and len(found) == len(here):
            self.wrong("pupils", "everybody", "Переходять усі: клас досить перейменувати.")
        return tuple(place for place in here if place.enrolment.pupil_id in found)

    def _meant(self, part: str, here: Sequence[ClassPlacement]) -> Sequence[ClassPlacement]:
        if match := _RANGE.fullmatch(hyphens(part)):
            first, last = int(match[1]), int(match[2])
            if not 1 <= first <= last <= len(here):
                self.wrong(
                    "pupils",
                    "no_such_number",
                    f"«{part}»: у списку класу номери від 1 до {len(here)}.",
                )
                return ()
            return here[first - 1 : last]
        if part.isascii() and part.isdigit():
            return self._meant(f"{part}-{part}", here)
        wanted = sort_key(part)
        named = [
            place
            for place in here
            if wanted in (sort_key(name) for name in _called(place.enrolment.pupil))
        ]
        if len(named) > 1:
            self.wrong("pupils", "several", f"«{part}»: таких учнів кілька, впишіть імʼя повністю.")
        elif not named:
            self.wrong("pupils", "unknown", f"«{part}»: такого учня у класі немає.")
        return named if len(named) == 1 else ()

    def begun(self, moved: Iterable[ClassPlacement], field: str) -> None:
        """Children are in the class before the day of the order."""
        late = [
            one for one in moved if max(one.starts_on, one.enrolment.starts_on) >= self.frame.day
        ]
        if late:
            child = late[0].enrolment.pupil.full_name
            told = f"{child} у цьому класі лише з {dates.show(late[0].starts_on)}"
            more = f" (і ще {len(late) - 1})" if len(late) > 1 else ""
            self.wrong(field, "not_begun", f"{told}{more}: вкажіть пізніший день наказу.")


def _called(pupil: Any) -> Iterable[str]:
    yield pupil.surname
    yield f"{pupil.surname} {pupil.given_name}"
    yield pupil.full_name


# ── lines to choose ──────────────────────────────────────────────────────────
def lines(
    actor: Actor, institution: Institution, wanted: Wanted, moment: Moment
) -> Sequence[Candidate]:
    """The open classes of the year of the day."""
    year = first_day(None, moment.today)[1]
    rows = class_reads.of_year(actor, institution, year)
    return [
        Candidate(
            str(one.group.uid),
            one.label,
            (
                classifiers.label("class_type", one.group.type),
                str(one.pupils),
                one.group.teacher.employee.full_name if one.group.teacher else "",
            ),
        )
        for one in rows
        if not wanted.group or str(one.group.grade) == wanted.group
        if not wanted.text or alike(wanted.text) in alike(one.label)
    ]


def pick(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """Rows of the classes chosen, of whichever year."""
    ids = []
    for key in keys:
        try:
            ids.append(uuid.UUID(key))
        except ValueError:
            continue
    groups = ClassGroup.objects.visible_to(actor).filter(
        institution_id=institution.pk, closed_on=None, uid__in=ids
    )
    return [
        Picked({"class": one.label, "class_id": str(one.uid)})
        for one in groups.order_by(*labels.ORDER)
    ]


def parallels(institution: Institution, moment: Moment) -> Sequence[tuple[str, str]]:
    """Parallels that have a class."""
    year = first_day(None, moment.today)[1]
    grades = ClassGroup.objects.filter(
        institution_id=institution.pk, school_year=year, closed_on=None
    ).values_list("grade", flat=True)
    return [(str(one), f"{one} паралель") for one in sorted(set(grades))]


class ClassesUpdate(Movement[ClassRow, Clean]):
    """«Зміни в мережі класів»."""

    code = "classes"
    name = "Зміни в мережі класів"
    about = "про мережу класів"
    verb = "змінено"
    order = 70
    icon = "grid"
    columns = COLUMNS
    keep = policies.keep_class_orders
    duty = Duty.CLASSES
    subject = "registry.class"
    rows_are = Counted("Класи", "Клас", "клас,класи,класів", "клас,класи,класів")
    card = "class_detail"
    people_list = "classes_own"
    to_people = "Переглянути класи"
    source = Chosen(
        headings=("Клас", "Тип", "Учнів", "Класний керівник"),
        key="class_id",
        lines=lines,
        pick=pick,
        group_label="Паралель",
        groups=parallels,
    )
    also = Typed(
        headings=HEADINGS,
        extra={},
        to_rows=to_rows,
        needed="Клас і те, що змінюється: дія (відкрити, змінити, поділити, обʼєднати, закрити), нова "
        "назва, тип, форма, мова, зміна, профіль, класний керівник. Новий клас можна без дії.",
    )
    row = ClassRow
    effective_hint = "Перший день змін, дд.мм.рррр"
    default_ground = "рішення педагогічної ради, заяви батьків (інших законних представників)"
    text = Path(texts.__path__[0]) / "classes.toml"
    told = ()
    paper = (
        ("Дія", lambda row: ACTS[row.act]),
        ("Зміни", changes_of),
        ("Хто переходить", pupils_of),
    )

    # ── the draft
    def frame(self, draft: Draft, actor: Actor | None, moment: Moment) -> Frame:
        """The school's classes on the day of the order.

        Raises:
            NoSchoolYear: the classifier ends before that day.
        """
        day, year = first_day(draft.terms.get("effective_on"), moment.today)
        moving = (
            label
            for act, label in draft.rows.values_list("values__act", "values__class")
            if act and label and _ACT_OF.get(alike(act)) in {SPLIT, MERGE}
        )
        named = {labels.label(*name) for one in moving if (name := labels.parse(one))}
        return frame_of(draft.institution_id, day, year, named)

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Classes, the staff, dictionaries.

        Raises:
            NoSchoolYear: no school year covers the day.
        """
        day, year = first_day(terms.get("effective_on"), moment.today)
        frame = frame_of(institution_id, day, year, ())
        classes = [(ref.label, ref.label) for ref in frame.classes.refs]

        def names(dictionary: str) -> list[tuple[str, str]]:
            return [(name, name) for _, name in classifiers.choices(dictionary, day)]

        return {
            "class": classes,
            "label": classes,
            "teacher": frame.people.labels,
            "type": names("class_type"),
            "form": names("education_form"),
            "language": names("language"),
        }

    def read(self, row: DraftRow, frame: Frame) -> Read:
        """Each cell by itself; then whether the register allows the act."""
        found = _Found(row, frame)
        act = found.act()
        group = None
        if act == OPEN:
            read = self._opened(found)
        elif act is not None and (group := found.group()) is not None:
            how = {CHANGE: self._changed, SPLIT: self._split, MERGE: self._merged}
            read = how.get(act, self._closed)(found, group)
            kinds = {SPLIT: "part", MERGE: "gone", CLOSE: "gone"}
            found.keys += [f"class:{group.pk}", f"{kinds.get(act, 'whole')}:{group.pk}"]
            if act != SPLIT:
                found.keys.append(f"alone:{group.pk}")
            if act in {MERGE, CLOSE}:
                name = name_of(group.grade, group.letter)
                found.keys += [f"name:{name}", f"frees:{name}"]
        else:
            read = None
        people = {str(post.pk): frame.people.label(post) for post in frame.people.posts}
        if group is not None and group.teacher is not None:
            people[str(group.teacher.pk)] = group.teacher.employee.full_name
        stands = words_of(facts_of(spec_of(group)), people) if group and act == CHANGE else {}
        return Read(
            tuple(found.problems),
            None if found.is_wrong else read,
            keys=tuple(found.keys),
            stands={name: words for name, words in stands.items() if name != "label" and words},
        )

    @staticmethod
    def _opened(found: _Found) -> Clean | None:
        name = found.name("class")
        if name is None:
            return None
        first = max(found.frame.day, found.frame.year.starts_on)
        wanted = found.over(ClassSpec(*name), first)
        found.keys += [f"name:{name_of(*name)}", f"takes:{name_of(*name)}"]
        return Clean(OPEN, found.frame.year.code, None, wanted)

    @staticmethod
    def _changed(found: _Found, group: ClassGroup) -> Clean:
        frame, spec = found.frame, spec_of(group)
        wanted = found.over(spec, max(frame.day, group.opened_on))
        if found.typed["label"] and (name := found.name("label")):
            wanted = dataclasses.replace(wanted, grade=name[0], letter=name[1])
            if other := frame.taken(name_of(*name), group.opened_on, but=group):
                found.wrong("label", "class_exists", f"Клас {other.label} цього року вже є.")
            found.keys += [f"name:{name_of(*name)}", f"takes:{name_of(*name)}"]
        if wanted.grade != group.grade and frame.filled.get(group.pk):
            what = "У класі є учні: паралель змінюється наказом про переведення."
            found.wrong("label", "grade_of_pupils", what)
        if wanted == spec and not found.is_wrong:
            what = "Так уже записано: рядок нічого не змінює."
            if not any(found.typed[one] for one in _WORDS if one not in {"act", "class"}):
                what = "Заповніть те, що змінюється: порожні клітинки нічого не змінюють."
            found.wrong("label", "nothing_new", what)
        if frame.day < group.opened_on:
            opened = dates.show(group.opened_on)
            found.wrong("class", "before_class", f"Клас утворено {opened}: раніше його не було.")
        counted = [one for one in ClassPast.facts() if getattr(wanted, one) != getattr(spec, one)]
        if counted and group.pk in frame.touched:
            told = (
                f"З {dates.show(frame.day)} або пізніше цей клас уже змінено: вкажіть інший день."
            )
            found.wrong("class", "changed_that_day", told)
        return Clean(CHANGE, frame.year.code, group, wanted)

    @staticmethod
    def _split(found: _Found, group: ClassGroup) -> Clean:
        frame = found.frame
        moved = found.moved(group)
        found.begun(moved, "pupils")
        found.keys += [f"child:{one.enrolment.pupil_id}" for one in moved]
        spec = dataclasses.replace(spec_of(group), teacher=None)
        if name := found.name("label"):
            if name[0] != group.grade:
                what = f"Новий клас має бути тієї самої паралелі: {group.grade}."
                found.wrong("label", "other_grade", what)
            spec = dataclasses.replace(spec, grade=name[0], letter=name[1])
            found.keys += [f"name:{name_of(*name)}", f"takes:{name_of(*name)}"]
        return Clean(
            SPLIT,
            frame.year.code,
            group,
            found.over(spec, max(frame.day, group.opened_on)),
            moved=moved,
        )

    @staticmethod
    def _merged(found: _Found, group: ClassGroup) -> Clean | None:
        frame = found.frame
        checked = labels.check("label", found.row.values.get("label", ""), frame.classes)
        found.problems.extend(checked.problems)
        moved = tuple(frame.learners.get(group.pk, ()))
        found.begun(moved, "class")
        if (leaving := frame.filled.get(group.pk, 0) - len(moved)) > 0:
            told = plural(leaving, "учня вже відраховують", *["учнів уже відраховують"] * 2)
            what = f"Ще {leaving} {told} пізнішим днем: обʼєднайте класи після того."
            found.wrong("class", "leaving", what)
        if checked.value is None:
            return None
        into = frame.groups[checked.value.id]
        if into == group:
            found.wrong("label", "same_class", "Це той самий клас.")
        elif into.grade != group.grade:
            found.wrong("label", "other_grade", "Обʼєднують класи однієї паралелі.")
        found.keys += [f"class:{into.pk}", f"into:{into.pk}"]
        return Clean(MERGE, frame.year.code, group, into=into, moved=moved)

    @staticmethod
    def _closed(found: _Found, group: ClassGroup) -> Clean:
        if learn := found.frame.filled.get(group.pk):
            count = f"{learn} {plural(learn, 'учень', 'учні', 'учнів')}"
            what = f"У класі {count}: обʼєднайте його з іншим або переведіть їх."
            found.wrong("class", "class_not_empty", what)
        return Clean(CLOSE, found.frame.year.code, group)

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """A class is told of once, a name is given once, whoever joins a class finds it there."""
        return [
            Compared([one.as_json() for one in self._between(row, read, frame, first_with)])
            for row, read in zip(rows, reads, strict=True)
        ]

    @staticmethod
    def _between(
        row: DraftRow, read: Read, frame: Frame, first_with: Mapping[str, int]
    ) -> Iterable[Problem]:
        own = dict(key.split(":", 1) for key in read.keys)
        pk = own.get("alone") or own.get("part")
        above = first_with.get(f"alone:{pk}", row.position)
        if pk and above != row.position and (above < row.position or "part" in own):
            yield error("class", "twice", f"Про цей клас уже сказано в рядку {above}.")
        if into := own.get("into"):
            if gone := first_with.get(f"gone:{into}"):
                yield error("label", "goes", f"Цей клас закриває рядок {gone}.")
            if part := first_with.get(f"part:{into}"):
                yield error("label", "splits", f"Цей клас ділить рядок {part}.")
        if name := own.get("takes"):
            above = first_with[f"takes:{name}"]
            if above < row.position:
                yield error(
                    "label" if "class" in own else "class",
                    "class_twice",
                    f"Клас з такою назвою вже є в рядку {above}.",
                )
            clean_ = read.clean
            if isinstance(clean_, Clean) and clean_.act in {OPEN, SPLIT} and clean_.wanted:
                wanted = name_of(clean_.wanted.grade, clean_.wanted.letter)
                other = frame.taken(wanted, max(frame.day, frame.year.starts_on))
                if other is not None and f"frees:{name}" not in first_with:
                    yield error(
                        "class" if clean_.act == OPEN else "label",
                        "class_exists",
                        f"Клас {other.label} цього року вже є.",
                    )
        for key in read.keys:
            if key.startswith("child:") and (above := first_with[key]) < row.position:
                yield error(
                    "pupils", "child_twice", f"Хтось із них уже переходить за рядком {above}."
                )
                break

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Classes that the order brings near their norm or past it."""
        try:
            frame = self.frame(draft, None, moment)
        except NoSchoolYear:
            return ()
        more: Counter[int] = Counter()
        for row in draft.rows.exclude(state__in=["EMPTY", "EXCLUDED"]):
            one = self.read(row, frame).clean
            if isinstance(one, Clean) and one.into is not None:
                more[one.into.pk] += len(one.moved)
        return class_reads.filling(more)

    # ── the order
    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """From a day of the school year on that has come, or from the first day of a year to come."""
        if terms.effective_on < terms.issued_on:
            say("effective_on", "before_order", "Ця дата не може бути раніша за дату наказу.")
        elif not terms.year_starts_on <= terms.effective_on < terms.year_ends_on:
            say(
                "effective_on",
                "outside_year",
                f"{dates.show(terms.effective_on)} — не навчальний день {years(terms.year_code)} року.",
            )
        elif terms.effective_on > max(moment.today, terms.year_starts_on):
            say("effective_on", "future", "Цей день ще не настав: підпишіть наказ того дня.")

    def signed(self, number: int, verdict: Verdict) -> ClassRow:
        """What the bytes say of one class."""
        one: Clean = verdict.clean
        was = facts_of(spec_of(one.group)) if one.group else {}
        now = facts_of(one.wanted) if one.wanted else {}
        teachers = effect.names_of({was.get("teacher"), now.get("teacher")})
        spec = one.group if one.group is not None else one.wanted
        assert spec is not None  # noqa: S101 - a class is there or is to be opened
        form = one.wanted.form if one.wanted else one.into.form if one.into else ""
        return ClassRow(
            no=number,
            surname=spec.label,
            given_name="",
            patronymic="",
            uid=one.group.uid if one.group else uuid.UUID(str(uuid_utils.uuid7())),
            act=one.act,
            year=one.year,
            was=was,
            now=now,
            opens=uuid.UUID(str(uuid_utils.uuid7())) if one.act == SPLIT else None,
            into=Joined(one.into.uid, one.into.label) if one.into else None,
            pupils=tuple(
                Moved(
                    place.enrolment.pupil_id,
                    place.enrolment.pupil.full_name,
                    form if one.group and place.form == one.group.form else place.form,
                )
                for place in one.moved
            ),
            people=teachers,
        )

    def remarks_of_order(self, rows: Sequence[ClassRow]) -> Sequence[str]:
        """How many children move."""
        moved = sum(len(row.pupils) for row in rows)
        return [f"До інших класів переходять: {moved}"] if moved else []

    def conflicts(self, order: Order, rows: Sequence[ClassRow]) -> list[Conflict]:
        """Classes and children that are no longer as they were signed; they are held."""
        return effect.conflicts(order, rows)

    def effect(self, order: Order, rows: Sequence[ClassRow]) -> None:
        """Classes close, change and open; children of those split and joined go on there."""
        effect.write(order, rows)

    def events(self, order: Order, rows: Sequence[ClassRow]) -> Iterable[Event]:
        """What happened to each class, and to each child that moved."""
        for row in rows:
            common: dict[str, Any] = {"unit": order.institution_id, "year": row.year}
            if row.goes:
                yield ClassClosed(subject=row.uid, label=label_of(row.was), **common)
            elif row.act == CHANGE:
                changed = {
                    name for name in {*row.was, *row.now} if row.was.get(name) != row.now.get(name)
                }
                yield ClassUpdated(
                    subject=row.uid,
                    label=label_of(row.now),
                    changed=tuple(sorted(changed)),
                    since=order.effective_on,
                    **common,
                )
            else:
                yield ClassOpened(
                    subject=row.opened or row.uid,
                    label=label_of(row.now),
                    changed=tuple(sorted(row.now)),
                    **common,
                )
            for one in row.pupils:
                yield PlacementMoved(
                    subject=one.pupil,
                    unit=order.institution_id,
                    order=order.pk,
                    kind=self.code,
                    from_class=label_of(row.was),
                    class_label=row.into.label if row.into else label_of(row.now),
                    form=one.form,
                    starts_on=order.effective_on,
                )

    # ── taking it back
    def undone(self, order: Order, row: ClassRow) -> str:
        """«відкриття класу з 01.12.2026»."""
        what = {
            OPEN: "відкриття класу",
            SPLIT: f"поділ: класу {label_of(row.now)} не буде" if row.now else "",
            MERGE: f"обʼєднання з класом {row.into.label}" if row.into else "",
            CLOSE: "закриття класу",
        }.get(row.act) or f"зміни ({changes_of(row)})"
        moved = len(row.pupils)
        back = f"; {moved} {plural(moved, 'учень повертається', 'учні повертаються', 'учнів повертаються')}"
        return f"{what} з {dates.show(order.effective_on)}{back if moved else ''}"

    def stands_on(self, order: Order, rows: Sequence[ClassRow]) -> list[Conflict]:
        """Classes that were changed since, or that others use by now."""
        return effect.stands_on(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[ClassRow]) -> None:
        """Closed classes go on, opened ones never were, changed ones are what they were."""
        effect.put_back(order, by, rows)

    def outcome(self, count: int, day: Any, *, done: bool) -> str:
        """«Мережу класів буде змінено з 01.12.2026: 5 класів»."""
        will = "" if done else "буде "
        return f"мережу класів {will}змінено з {dates.show(day)}: {self.rows_are.counted(count)}"


PROCESS = ClassesUpdate()
