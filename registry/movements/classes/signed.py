"""What a signed row says of a class: what is done, what it was, what it becomes, who moves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import msgspec

from registry.classes.models import ClassGroup
from registry.classes.services.spec import ClassSpec, spec_of
from registry.classifiers.selectors import classifiers
from registry.fields.labels import label
from registry.process import NamedRow

OPEN, CHANGE, SPLIT, MERGE, CLOSE = "open", "change", "split", "merge", "close"
ACTS = {
    OPEN: "Відкрити",
    CHANGE: "Змінити",
    SPLIT: "Поділити",
    MERGE: "Обʼєднати",
    CLOSE: "Закрити",
}
FACTS = {
    "label": "назва",
    "type": "тип",
    "form": "форма здобуття освіти",
    "language": "мова навчання",
    "shift": "зміна",
    "profile": "профіль",
    "capacity": "наповнюваність",
    "teacher": "класний керівник",
}
_DICTIONARIES = {"type": "class_type", "form": "education_form", "language": "language"}


class Moved(msgspec.Struct, frozen=True):
    """A child who goes on in another class, as it is signed."""

    pupil: uuid.UUID
    name: str
    form: str


class Joined(msgspec.Struct, frozen=True):
    """The class that another one joins."""

    uid: uuid.UUID
    label: str


class ClassRow(NamedRow, frozen=True, kw_only=True, omit_defaults=True, tag="registry.classes/1"):
    """One class: `uid` is the class itself, of one to be opened the id it will have; `opens` the id
    of the class that a split opens. `was` and `now` are its facts as text, of a split those of the
    new class; `people` the names of the teachers among them."""

    uid: uuid.UUID
    act: str
    year: str
    was: Mapping[str, str] = {}
    now: Mapping[str, str] = {}
    opens: uuid.UUID | None = None
    into: Joined | None = None
    pupils: tuple[Moved, ...] = ()
    people: Mapping[str, str] = {}

    @property
    def about(self) -> uuid.UUID:
        """The class."""
        return self.uid

    @property
    def about_kind(self) -> str:
        """A class."""
        return "registry.class"

    @property
    def children(self) -> Sequence[uuid.UUID]:
        """Who moves."""
        return [one.pupil for one in self.pupils]

    @property
    def opened(self) -> uuid.UUID | None:
        """The class that the row opens, if one."""
        return self.uid if self.act == OPEN else self.opens

    @property
    def goes(self) -> bool:
        """Whether the class is there no more."""
        return self.act in {MERGE, CLOSE}


def facts_of(spec: ClassSpec) -> dict[str, str]:
    """What an order may say of a class, as text; what is empty is left out."""
    told = {
        "grade": str(spec.grade),
        "letter": spec.letter,
        "form": spec.form,
        "type": spec.type,
        "language": spec.language,
        "shift": str(spec.shift),
        "profile": spec.profile,
        "capacity": str(spec.capacity or ""),
        "teacher": str(spec.teacher or ""),
    }
    return {name: value for name, value in told.items() if value}


def spec_from(facts: Mapping[str, str]) -> ClassSpec:
    """The same read back."""
    return ClassSpec(
        int(facts["grade"]),
        facts.get("letter", ""),
        facts["form"],
        facts["type"],
        facts["language"],
        int(facts["shift"]),
        facts.get("profile", ""),
        int(facts["capacity"]) if "capacity" in facts else None,
        uuid.UUID(facts["teacher"]) if "teacher" in facts else None,
    )


def facts_now(group: ClassGroup) -> dict[str, str]:
    """The facts of a class as the register has them."""
    return facts_of(spec_of(group))


def label_of(facts: Mapping[str, str]) -> str:
    """«5-А»."""
    return label(int(facts["grade"]), facts.get("letter", ""))


def words_of(facts: Mapping[str, str], people: Mapping[str, str]) -> dict[str, str]:
    """Facts by the columns of the table, as people read them."""
    if not facts:
        return {}
    told = {name: facts.get(name, "") for name in ("shift", "profile", "capacity")}
    told |= {
        name: classifiers.label(dictionary, facts[name])
        for name, dictionary in _DICTIONARIES.items()
    }
    told["label"] = label_of(facts)
    told["teacher"] = people.get(facts.get("teacher", ""), "")
    return told


def changes_of(row: ClassRow) -> str:
    """«тип: загальний → з навчанням мовами; класний керівник: Коваль Ганна»."""
    if row.act == MERGE and row.into is not None:
        return f"приєднується до класу {row.into.label}"
    before, after = words_of(row.was, row.people), words_of(row.now, row.people)
    if row.act != CHANGE:
        named = {"label": "новий клас"} if row.act == SPLIT else {}
        return "; ".join(
            f"{named.get(name, words)}: {after[name]}"
            for name, words in FACTS.items()
            if after.get(name) and not (name == "label" and row.act == OPEN)
        )
    return "; ".join(
        f"{words}: {before[name] or '—'} → {after[name] or '—'}"
        for name, words in FACTS.items()
        if before[name] != after[name]
    )


def pupils_of(row: ClassRow) -> str:
    """Who moves, by name."""
    return ", ".join(one.name for one in row.pupils)
