"""Labels of classes: «5-А» and everything people write instead (handbook C.6)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, Problem, error
from kernel.text import alike, alphabetically, cyrillic, hyphens, latin, sort_key, years

_ROMAN = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12,
}  # fmt: skip
_SHAPE = re.compile(
    r"(?P<grade>\d{1,2}|[IVXІХЇ]{1,5})(?:\s*-?\s*\(?\s*(?P<letter>[^\W_]{1,4})\s*\)?)?", re.I
)
_NOISE = re.compile(r"\bклас[уі]?\b\.?|\bкл\b\.?|[«»\"']", re.IGNORECASE)
_AS_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(?:\d{4})")


def label(grade: int, letter: str) -> str:
    """«5-А»; «5» without a letter."""
    return f"{grade}-{letter}" if letter else str(grade)


def label_sql(of: str) -> str:
    """`label` as SQL; `of` is how the statement calls registry_classgroup."""
    return f"{of}.grade || CASE WHEN {of}.letter = '' THEN '' ELSE '-' || {of}.letter END"


def order_sql(of: str) -> tuple[str, str]:
    """What classes are ordered by in SQL: 2-А before 10-А, 12-Є between 12-Е and 12-Ж."""
    return f"{of}.grade", f'uk_sort_key({of}.letter) COLLATE "C"'


ORDER = ("grade", alphabetically("letter"))  # the same of ClassGroup


@dataclasses.dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the year at the institution: its compact id, parallel, letter and label, and what
    else whoever enters it is told."""

    id: int
    grade: int
    letter: str
    form: str = "FULL_TIME"
    language: str = "uk"
    shift: int = 1

    @property
    def label(self) -> str:
        """«5-А»; «5» without a letter."""
        return label(self.grade, self.letter)


class Classes:
    """The open classes of one school year at one institution, found by label."""

    def __init__(self, refs: Iterable[ClassRef], year: str = ""):
        self.refs = sorted(refs, key=lambda ref: (ref.grade, sort_key(ref.letter)))
        self.year = year
        self._by_label = {(ref.grade, alike(ref.letter)): ref for ref in self.refs}
        self._by_text = {ref.label: ref for ref in self.refs}

    def exactly(self, text: str) -> ClassRef | None:
        """The class whose label is exactly this text."""
        return self._by_text.get(text)

    def named(self, grade: int, letter: str) -> ClassRef | None:
        """The class of a parallel and a letter."""
        return self._by_label.get((grade, alike(letter)))

    def of_grade(self, grade: int) -> list[ClassRef]:
        """Classes of one parallel."""
        return [ref for ref in self.refs if ref.grade == grade]


def parse(text: str) -> tuple[int, str] | None:
    """Read a label into parallel and letter: «5-А», «5а», «V-A», «1 (А)», «11 клас», «1-1»."""
    value = " ".join(_NOISE.sub(" ", hyphens(tidy(text))).split())
    match = _SHAPE.fullmatch(value)
    if match is None:
        return None
    grade_text = latin(match["grade"].upper().replace("Ї", "II"))
    grade = int(grade_text) if grade_text.isdigit() else _ROMAN.get(grade_text)
    if grade is None or grade > 13:
        return None
    return grade, letter(match["letter"] or "")


def letter(text: str) -> str:
    """A class's letter as it is kept: capital, Latin look-alikes as Ukrainian."""
    return cyrillic(text.upper())


def check(field: str, text: str, classes: Classes) -> Checked[ClassRef]:
    """Find the class a label names among the classes of the year."""
    if exact := classes.exactly(text):
        return Checked(exact)
    if found := common(field, text):
        return Checked(None, (found,))
    value = tidy(text)
    if not value:
        return Checked(None, (error(field, "required", "Не вказано клас."),))
    if match := _AS_DATE.fullmatch(value):
        # Excel turns the label «5-1» into the fifth of January.
        ref = classes.named(int(match[1]), match[2].lstrip("0"))
        return Checked(
            None,
            (
                error(
                    field,
                    "class_as_date",
                    "Excel перетворив назву класу на дату.",
                    ref.label if ref else None,
                ),
            ),
        )
    parsed = parse(value)
    if parsed is None:
        return Checked(None, (error(field, "not_a_class", "Клас пишуть так: 5-А."),))
    grade, letter = parsed
    if ref := classes.named(grade, letter):
        return Checked(ref)
    return Checked(None, (_absent(field, grade, letter, classes),))


def _absent(field: str, grade: int, letter: str, classes: Classes) -> Problem:
    name = label(grade, letter)
    beside = classes.of_grade(grade)
    year = f" у {years(classes.year)} навчальному році" if classes.year else ""
    if not beside:
        return error(
            field,
            "no_such_class",
            f"Класу {name}{year} немає, і жодного {grade}-го класу не відкрито. "
            "Спершу відкрийте клас.",
        )
    told = ", ".join(ref.label for ref in beside[:8])
    return error(
        field,
        "no_such_class",
        f"Класу {name}{year} немає. Є: {told}.",
        beside[0].label if len(beside) == 1 else None,
    )
