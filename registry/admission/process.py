"""Applications for grade 1 as a table: the grid, checks and undo of drafts, an application of each row.

The cells are those of enrolment without class and form of study, so that the order of enrolment is
made of the same words; beside them which wish this school is and the grounds of the first turn.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error, warning
from registry.admission import calendar, identity
from registry.admission.models import MOST_WISHES
from registry.classes.frames import year_for
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.fields import labels
from registry.movements.enrol import headings
from registry.movements.enrol import rows as rules
from registry.movements.enrol.process import Enrol, Frame
from registry.process import Column, Compared, Counted, Read, Typed

GROUNDS = {
    "TERRITORY": "Проживає на території обслуговування",
    "SIBLING": "Брат чи сестра навчається у закладі",
    "STAFF": "Дитина працівника закладу",
}
_GROUND_WORDS = (
    ("TERRITORY", re.compile(r"терит|обслуг|прожив", re.IGNORECASE)),
    ("SIBLING", re.compile(r"брат|сестр", re.IGNORECASE)),
    ("STAFF", re.compile(r"прац|вчител", re.IGNORECASE)),
)
# A child begins school at six, by the first of September of the year six may be a little to come
# (Закон 463-IX ст. 12: from six, as a rule; not later than seven). Asked about, never refused.
_YOUNGEST, _ELDEST = 5, 8

_SOURCE = Enrol.source
WISH = Column(
    "wish",
    "Бажання",
    hint="1 — найбажаніший заклад; порожнє — 1",
    in_full="Яке це бажання за чергою",
    width="w4",
)
CLAIMS = Column(
    "claims",
    "Право",
    hint="територія; брат або сестра; дитина працівника",
    in_full="Право на зарахування без жеребкування",
    width="w8",
)
COLUMNS = (
    *(one for one in rules.COLUMNS if one.name not in {"class", "form"}),
    WISH,
    CLAIMS,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked(rules.CleanRow):
    """A row every rule agreed with: the child, the wish and the grounds named."""

    wish: int
    claims: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class AskedFrame(Frame):
    """What rows must know: the rules' own, the school and the year."""

    institution_id: int
    year: str


def claims_of(text: str) -> tuple[tuple[str, ...], str]:
    """Grounds named in a cell, and the part that is none."""
    found: list[str] = []
    for part in re.split(r"[;,]", tidy(text)):
        if not part.strip():
            continue
        code = next((code for code, said in _GROUND_WORDS if said.search(part)), None)
        if code is None:
            return (), part.strip()
        found.append(code)
    return tuple(code for code in GROUNDS if code in found), ""


def words_of(claims: Iterable[str]) -> str:
    """Grounds as a cell says them."""
    said = {"TERRITORY": "територія", "SIBLING": "брат або сестра", "STAFF": "дитина працівника"}
    return "; ".join(said[code] for code in claims)


class Apply(Enrol):
    """«Заяви до 1 класу»: rows are typed or come from a table, and become applications."""

    code = "apply"
    name = "Заяви до 1 класу"
    about = "про прийом заяв"
    verb = "подано заяву"
    rows_are = Counted("Заяви", "Заява", "заява,заяви,заяв", "заяву,заяви,заяв")
    one_row = "Заява до 1 класу"
    columns = COLUMNS
    source = Typed(
        headings=dataclasses.replace(
            headings.HEADINGS,
            words={
                **{
                    name: words
                    for name, words in headings.HEADINGS.words.items()
                    if name not in {"class", "form", headings.CLASS_NUMBER, headings.CLASS_LETTER}
                },
                "wish": "бажання|яке це бажання за чергою|пріоритет|черговість|черговість закладу",
                "claims": "право|право на зарахування без жеребкування|підстава|пільга|"
                "першочергове право|категорія",
            },
            shapes=tuple(one for one in headings.HEADINGS.shapes if one[0] != "class"),
            sheet_is="",
            rivals=tuple(one for one in headings.HEADINGS.rivals if "class" not in one),
        ),
        extra={
            name: words
            for name, words in headings.EXTRA.items()
            if name not in {headings.CLASS_NUMBER, headings.CLASS_LETTER}
        },
        to_rows=headings.to_rows,
        groups=(
            *(one for one in _SOURCE.groups if one[0] != "Навчання"),
            ("Заява", ("wish", "claims")),
        ),
        choices={name: said for name, said in _SOURCE.choices.items() if name != "form"},
        codes=_SOURCE.codes,
        places=_SOURCE.places,
    )
    finish = "admission_take"
    finish_step = "Реєстрація"
    into = "до зареєстрованих заяв"
    unfinished = "Заяву ще не зареєстровано."

    def onward(self, ready: int) -> str:
        """What the button after the table says."""
        return f"Далі: зареєструвати {ready} {self.rows_are.for_many(ready)}"

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> AskedFrame:
        """The year children are admitted to; of its classes there is one, the first.

        Raises:
            NoSchoolYear: the classifier ends before that year.
        """
        year = year_for(datetime.date(calendar.year_of(moment.today), 9, 1))
        classes = labels.Classes([labels.ClassRef(0, 1, "")], year.code)
        return AskedFrame(
            rules.Frame(moment.today, year.starts_on, classes),
            year.starts_on,
            frozenset(actor.scope.keys),
            draft.institution_id,
            year.code,
        )

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Countries, and which wish the school is."""
        everywhere = classifiers.choices("country", moment.today)
        return {
            "citizenship": everywhere,
            "address_country": [one for one in everywhere if one[0] != "UA"],
            "wish": [(str(n), str(n)) for n in range(1, MOST_WISHES + 1)],
        }

    def read(self, row: DraftRow, frame: Any) -> Read:
        """All rules of cells: those of enrolment to grade 1, the wish and the grounds."""
        typed = types.SimpleNamespace(values={**row.values, "class": "1", "form": ""})
        found = super().read(typed, frame)  # type: ignore[arg-type]
        problems = list(found.problems)
        said = tidy(row.values.get("wish", ""))
        if said and not (said.isascii() and said.isdigit() and 0 < int(said) <= MOST_WISHES):
            problems.append(
                error("wish", "not_a_number", f"Номер бажання — від 1 до {MOST_WISHES}.")
            )
        claims, unread = claims_of(row.values.get("claims", ""))
        if unread:
            problems.append(
                error("claims", "unknown", f"«{unread[:60]}» — невідоме право. Є: {CLAIMS.hint}.")
            )
        problems += _age(found.looked_for.born_on, frame)
        wrong = any(one.level == "error" for one in problems)
        clean = None
        if not wrong and found.clean is not None:
            fields = {f.name: getattr(found.clean, f.name) for f in dataclasses.fields(found.clean)}
            clean = Asked(**fields, wish=int(said or 1), claims=claims)
        return Read(tuple(problems), clean, found.keys, found.looked_for)

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Any,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """As enrolment does, and against the applications that stand at this school."""
        judged = super().judge(rows, reads, frame, first_with)
        standing = identity.standing([one.clean for one in reads], frame.institution_id, frame.year)
        for place, number in standing.items():
            told = error(
                "document", "applied", f"Заяву цієї дитини вже прийнято: № {number}."
            ).as_json()
            judged[place] = dataclasses.replace(
                judged[place], problems=[*judged[place].problems, told]
            )
        return judged

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Nothing of classes: there are none yet."""
        return ()


def _age(born_on: datetime.date | None, frame: AskedFrame) -> list[Problem]:
    if born_on is None:
        return []
    years = frame.starts_on.year - born_on.year
    if _YOUNGEST <= years <= _ELDEST:
        return []
    return [
        warning(
            "born_on",
            "unusual_age",
            f"До 1 вересня {frame.starts_on.year} року дитині буде {years}: для 1 класу це незвично.",
        )
    ]


PROCESS: Any = Apply()
