"""A statistical form as data: its rows, columns, conditions and controls, read from a TOML file.

A form is rows × columns. One of the two is its *axis*: lines that split what is counted by a field
(grade, position, age). The lines of the other say what to count: a source and conditions, or a sum.
Both speak only words of `reports.vocabulary`, so a new form is a new file, and no text of a file
ever becomes SQL. docs/how-to/add-a-form.md is the way to add one.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from reports.vocabulary import SOURCES, Field

FOLDER = Path(__file__).resolve().parent / "definitions"
MOST_MEASURES = 63  # of one source in a form: each is a bit beside every counted row

Side = Literal["rows", "columns"]
# A word of a condition: the field, and `not`, `from` or `to` after it.
_ENDINGS = {"_not": ("code",), "_from": ("number",), "_to": ("number",)}


class Broken(ValueError):
    """A definition speaks of what does not exist; the message names each place, file:line."""


@dataclasses.dataclass(frozen=True)
class Line:
    """A row or a column. On the axis it says `at` which keys (none: all of them); on the other side
    what it counts. `absent` says why the register cannot fill it: the form shows that, not a zero.
    """

    code: str
    title: str
    part_of: str = ""
    absent: str = ""
    anchored: bool = False
    at: tuple[str, ...] = ()
    counts: str = ""
    where: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    sum: str = ""  # a sum of the source, kept in whole hundredths


@dataclasses.dataclass(frozen=True)
class Control:
    """A relation among rows that must hold in every column, or among columns in every row."""

    code: str
    title: str
    among: Side
    sum: tuple[str, ...] = ()
    equals: str = ""
    at_most: str = ""
    if_positive: str = ""
    less: tuple[str, ...] = ()
    then_positive: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Every line it speaks of."""
        each = (*self.sum, self.equals, self.at_most, self.if_positive, *self.less)
        return tuple(filter(None, (*each, self.then_positive)))


@dataclasses.dataclass(frozen=True)
class Axis:
    """What splits the figures: a field, on which side, and words for all of it and for one line."""

    field: str
    on: Side
    all: str
    one: str


@dataclasses.dataclass(frozen=True)
class Headline:
    """A cell that speaks for the whole form, in lists of parts."""

    title: str
    row: str
    column: str


@dataclasses.dataclass(frozen=True)
class Form:
    """One form, or one section of it, in one version."""

    code: str
    short: str
    cell_prefix: str
    title: str
    section: str
    version: int
    act: str
    as_of: str  # the day of the year the act asks for, MM-DD; "" when it names none
    as_of_words: str
    note: str
    axis: Axis
    only: Mapping[str, Mapping[str, Any]]  # by source: what the form is about at all
    headlines: tuple[Headline, ...]
    columns: tuple[Line, ...]
    rows: tuple[Line, ...]
    controls: tuple[Control, ...]

    @property
    def axis_lines(self) -> tuple[Line, ...]:
        """The lines that split."""
        return self.lines(self.axis.on)

    @property
    def measures(self) -> tuple[Line, ...]:
        """The lines that count, in the order of the kept counts."""
        return self.lines("columns" if self.axis.on == "rows" else "rows")

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources it counts."""
        return tuple(dict.fromkeys(line.counts for line in self.measures if not line.absent))

    def lines(self, side: Side) -> tuple[Line, ...]:
        """The rows or the columns."""
        return self.rows if side == "rows" else self.columns

    def row(self, code: str) -> Line:
        """A row by its code.

        Raises:
            KeyError: none such.
        """
        return {row.code: row for row in self.rows}[code]

    def column(self, code: str) -> Line:
        """A column by its code.

        Raises:
            KeyError: none such.
        """
        return {column.code: column for column in self.columns}[code]

    def crossing(self, row: str, column: str) -> tuple[Line, Line]:
        """Of a cell: the line that counts, then the line of the axis.

        Raises:
            KeyError: no such row or column.
        """
        found = self.row(row), self.column(column)
        return found if self.axis.on == "columns" else (found[1], found[0])

    def is_sum(self, row: Line, column: Line) -> bool:
        """Whether a cell holds whole hundredths of a sum, not a number of rows."""
        return bool(row.sum or column.sum)

    def is_sum_of(self, row: str, column: str) -> bool:
        """The same by codes."""
        return self.is_sum(self.row(row), self.column(column))

    def bits(self, source: str) -> list[tuple[int, Line]]:
        """Measures of a source with their places among all; the n-th of them has the bit 1 << n."""
        return [
            (place, line)
            for place, line in enumerate(self.measures)
            if line.counts == source and not line.absent
        ]

    def key(self, row: str, column: str) -> str:
        """The cell's name as in open data: «ЗНЗ1 1.12.1»."""
        return f"{self.cell_prefix} {row}.{column}"

    @property
    def name(self) -> str:
        """The title with the section."""
        return f"{self.title}. {self.section}" if self.section else self.title


@cache
def _files() -> dict[str, str]:
    """Texts of all definitions by the codes of their forms."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        found[parse(text, path.name).code] = text
    return found


@cache
def load(code: str) -> Form:
    """The form of a code, as its file has it today.

    Raises:
        KeyError: no such form.
        Broken: a file speaks of what does not exist.
    """
    return parse(text_of(code), code)


def text_of(code: str) -> str:
    """The file of a form, to be kept with its runs.

    Raises:
        KeyError: no such form.
    """
    return _files()[code]


def codes() -> tuple[str, ...]:
    """Codes of all forms there are."""
    return tuple(_files())


@lru_cache(maxsize=64)
def kept(text: str) -> Form:
    """The form of a run, from the text kept with it; words gone from the vocabulary since are left."""
    return _Reader(text, "").form()


def problems() -> Iterator[str]:
    """What is wrong with the definitions, all of it, each with its file and line."""
    whole = True
    for path in sorted(FOLDER.glob("*.toml")):
        try:
            parse(path.read_text(encoding="utf-8"), path.name)
        except Broken as broken:
            whole = False
            yield from str(broken).splitlines()
    if not whole:  # relations between forms are asked of whole ones
        return
    try:
        between()
    except Broken as broken:
        yield from str(broken).splitlines()


@dataclasses.dataclass(frozen=True)
class Between:
    """A relation between sections: a cell, or a row in every column («*»), equals another or is not
    greater."""

    code: str
    title: str
    one: tuple[str, str, str]
    equals: tuple[str, ...] = ()
    at_most: tuple[str, ...] = ()

    @property
    def other(self) -> tuple[str, str, str]:
        """What it is compared with."""
        form, row, column = self.equals or self.at_most
        return form, row, column


@cache
def between() -> tuple[Between, ...]:
    """Relations between sections, every one checked.

    Raises:
        Broken: a file speaks of what does not exist.
    """
    found, wrong = [], []
    for path in sorted((FOLDER / "between").glob("*.toml")):
        reader = _Reader(path.read_text(encoding="utf-8"), path.name)
        for number, raw in enumerate(reader.raw.get("controls", [])):
            one = reader.build(Between, raw, "controls", number)
            _check_between(reader, one, number)
            found.append(one)
        wrong += reader.problems
    if wrong:
        raise Broken("\n".join(wrong))
    return tuple(found)


def lost_between(form: Form) -> list[str]:
    """Cells that relations between sections speak of and this version of a form has no more."""
    lost = []
    for one in between():
        for code, row, column in (one.one, one.other):
            if code != form.code:
                continue
            try:
                form.row(row)
                if column != "*":
                    form.column(column)
            except KeyError:
                lost.append(f"«{one.title}» говорить про {row}.{column}, якого тут немає")
    return lost


def _check_between(reader: _Reader, one: Between, number: int) -> None:
    if bool(one.equals) == bool(one.at_most):
        reader.say("співвідношення каже equals або at_most", "controls", number)
        return
    sides = []
    for side in (one.one, one.equals or one.at_most):
        try:
            code, row, column = side
            form = load(code)
            form.row(row)
            sides.append(tuple(c.code for c in form.columns) if column == "*" else ())
            if column != "*":
                form.column(column)
        except (KeyError, ValueError):
            reader.say(f"немає клітинки {'.'.join(map(str, side))}", "controls", number, side[0])
            return
    if sides[0] != sides[1]:
        reader.say("«*» стоїть з обох боків, графи ті самі", "controls", number, "one")


def parse(text: str, file: str = "") -> Form:
    """Read a definition and check every word and reference of it.

    Raises:
        Broken: with every problem, a line each.
    """
    reader = _Reader(text, file)
    form = reader.form()
    reader.check(form)
    if reader.problems:
        raise Broken("\n".join(reader.problems))
    return form


_SHAPES = {
    "str": "текст у лапках",
    "int": "число",
    "bool": "true або false",
    "Side": "rows або columns",
    "tuple[str, ...]": "список текстів",
    "tuple[str, str, str]": "три тексти: форма, рядок, графа",
    "Mapping[str, Any]": "таблиця умов",
}
_EMPTY: dict[str, Any] = {
    "str": "", "int": 0, "bool": False, "Side": "columns", "Mapping[str, Any]": {},
    "tuple[str, ...]": (), "tuple[str, str, str]": ("", "", ""),
}  # fmt: skip


def _is_of(value: Any, shape: str) -> bool:
    """Whether a value of the file has the shape that a field wants."""
    if shape in {"str", "Side"}:
        return isinstance(value, str)
    if shape == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if shape == "bool":
        return isinstance(value, bool)
    if shape == "Mapping[str, Any]":
        return isinstance(value, dict)
    of_texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return of_texts and (shape != "tuple[str, str, str]" or len(value) == 3)


class _Reader:
    """Turns the text into a form and says what is wrong, where."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text.splitlines(), file
        self.problems: list[str] = []
        try:
            self.raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Broken(f"{file}: {error}") from None

    def say(self, what: str, table: str = "", number: int = 0, word: str = "") -> None:
        """Note a problem at the `number`-th table of that name, at the line that has the word."""
        heads = (f"[{table}]", f"[[{table}]]")
        begins = [at for at, line in enumerate(self.text) if line.strip() in heads]
        start = begins[number] if table and number < len(begins) else 0
        end = next(
            (at for at in range(start + 1, len(self.text)) if self.text[at].startswith("[")),
            len(self.text),
        )
        whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        at = next((at for at in range(start, end) if word and whole.search(self.text[at])), start)
        self.problems.append(f"{self.file}:{at + 1}: {what}")

    def build(self, kind: type[Any], raw: Any, table: str, number: int = 0) -> Any:
        """A dataclass of a table: every key known, every needed one there, lists made tuples."""
        fields = {field.name: field for field in dataclasses.fields(kind)}
        if not isinstance(raw, dict):
            self.say(f"[{table}] — це таблиця слів", table, number)
            raw = {}
        for word in sorted(set(raw) - set(fields)):
            self.say(
                f"у [{table}] немає слова {word}; є: {', '.join(sorted(fields))}",
                table,
                number,
                word,
            )
        values = {}
        for word in set(raw) & set(fields):
            if _is_of(raw[word], str(fields[word].type)):
                value = raw[word]
                values[word] = tuple(value) if isinstance(value, list) else value
            else:
                self.say(
                    f"{word} має іншу будову: {_SHAPES[str(fields[word].type)]}",
                    table,
                    number,
                    word,
                )
                values[word] = _EMPTY[str(fields[word].type)]
        for name, field in fields.items():
            if name in values:
                continue
            if field.default is field.default_factory is dataclasses.MISSING:
                self.say(f"у [{table}] бракує {name}", table, number)
                values[name] = ""
        return kind(**values)

    def form(self) -> Form:
        """The form, its own shape checked."""
        raw = dict(self.raw)
        axis = self.build(Axis, raw.pop("axis", {}), "axis")
        if axis.on not in {"rows", "columns"}:
            self.say(f"вісь стоїть на rows або columns, а не на {axis.on!r}", "axis", 0, "on")
            axis = dataclasses.replace(axis, on="columns")
        rest: dict[str, Any] = {}
        for table, kind in (("headlines", Headline), ("columns", Line), ("rows", Line)):
            each = self._tables(raw, table)
            rest[table] = tuple(
                self.build(kind, self._line(one) if kind is Line else one, table, number)
                for number, one in enumerate(each)
            )
            if not each:
                self.say(f"немає жодного [[{table}]]")
        rest["controls"] = tuple(
            self.build(Control, {"among": "rows", **one}, "controls", number)
            for number, one in enumerate(self._tables(raw, "controls"))
        )
        only = raw.pop("only", {})
        if not isinstance(only, dict) or not all(isinstance(one, dict) for one in only.values()):
            self.say("[only.…] — це таблиця слів", word="only")
            only = {}
        rest["only"] = only
        head = {"section": "", "as_of": "", "as_of_words": "", "note": "", **raw}
        head.pop("valid_from", None)  # for people who read the file
        for word in sorted(set(head) - {field.name for field in dataclasses.fields(Form)}):
            self.say(f"у формі немає слова {word}", word=word)
            del head[word]
        for field in dataclasses.fields(Form):
            if field.name not in {**head, **rest, "axis": 1}:
                self.say(f"бракує {field.name}")
                head[field.name] = ""
            elif field.name in head and not _is_of(head[field.name], str(field.type)):
                self.say(
                    f"{field.name} має іншу будову: {_SHAPES[str(field.type)]}", word=field.name
                )
                head[field.name] = _EMPTY[str(field.type)]
        return Form(**head, **rest, axis=axis)

    def _tables(self, raw: dict[str, Any], table: str) -> list[dict[str, Any]]:
        found = raw.pop(table, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self.say(f"{table} пишуть таблицями [[{table}]]", word=table)
        return []

    @staticmethod
    def _line(raw: dict[str, Any]) -> dict[str, Any]:
        keys = raw.get("at")
        return {**raw, "at": [str(key) for key in keys]} if isinstance(keys, list) else raw

    # ── references and words ────────────────────────────────────────────────────

    def check(self, form: Form) -> None:
        """Every reference and every word of the vocabulary."""
        for side in ("rows", "columns"):
            seen: set[str] = set()
            for number, line in enumerate(form.lines(side)):
                if line.code in seen:
                    self.say(f"{line.code} стоїть двічі", side, number, "code")
                seen.add(line.code)
            for number, line in enumerate(form.lines(side)):
                if line.part_of and line.part_of not in seen:
                    self.say(f"{line.part_of} немає серед {side}", side, number, "part_of")
            self._check_circles(form, side)  # type: ignore[arg-type]
        self._check_measures(form)
        self._check_axis(form)
        codes = [control.code for control in form.controls]
        for number, control in enumerate(form.controls):
            if codes.index(control.code) < number:
                self.say(f"{control.code} стоїть двічі", "controls", number, "code")
            self._check_control(control, number)
            if control.among not in {"rows", "columns"}:
                self.say("контроль діє серед rows або columns", "controls", number, "among")
                continue
            there = {line.code for line in form.lines(control.among)}
            for code in control.named:
                if code not in there:
                    self.say(f"{code} немає серед {control.among}", "controls", number, code)
        for number, headline in enumerate(form.headlines):
            try:
                form.crossing(headline.row, headline.column)
            except KeyError as error:
                self.say(f"немає рядка чи графи {error}", "headlines", number)

    def _check_circles(self, form: Form, side: Side) -> None:
        """No line is a part of itself, however long the way round."""
        wholes = {line.code: line.part_of for line in form.lines(side)}
        for number, line in enumerate(form.lines(side)):
            way, at = [line.code], line.part_of
            while at and at in wholes and at not in way:
                way.append(at)
                at = wholes[at]
            if at == line.code:
                told = " → ".join((*way, at))
                self.say(f"{line.code} є частиною самого себе: {told}", side, number, "part_of")

    def _check_control(self, control: Control, number: int) -> None:
        """A relation says what is compared with what, and holds of no line by itself."""
        other = control.equals or control.at_most
        if control.equals and control.at_most:
            self.say("контроль каже equals або at_most, не обидва", "controls", number, "at_most")
        elif bool(control.sum) != bool(other):
            missing = "equals або at_most" if control.sum else "sum"
            self.say(f"у контролі бракує {missing}", "controls", number)
        elif bool(control.if_positive) != bool(control.then_positive):
            missing = "then_positive" if control.if_positive else "if_positive"
            self.say(f"у контролі бракує {missing}", "controls", number)
        elif not other and not control.if_positive:
            self.say("контроль нічого не порівнює", "controls", number)
        if other and other in control.sum:
            self.say(f"{other} порівняно із самим собою", "controls", number, "sum")
        if len(set(control.sum)) < len(control.sum):
            self.say("рядок додано двічі", "controls", number, "sum")
        if control.less and not control.if_positive:
            self.say("less буває лише разом з if_positive", "controls", number, "less")

    def _check_measures(self, form: Form) -> None:
        side = "columns" if form.axis.on == "rows" else "rows"
        for number, line in enumerate(form.measures):
            if line.at:
                self.say("at мають лише рядки осі", side, number, "at")
            if line.absent:
                continue
            if line.counts not in SOURCES:
                self.say(
                    f"{line.code} рахує {line.counts!r}, а є лише: {', '.join(sorted(SOURCES))}",
                    *(side, number, "counts"),
                )
                continue
            if line.sum and line.sum not in SOURCES[line.counts].sums:
                self.say(f"у {line.counts} немає суми {line.sum}", side, number, "sum")
            self._check_where(line.counts, line.where, side, number)
        for source in form.sources:
            if source in SOURCES and len(form.bits(source)) > MOST_MEASURES:
                self.say(
                    f"забагато рядків рахують {source} (найбільше {MOST_MEASURES}): поділіть форму"
                )
            if len({line.sum for _, line in form.bits(source)} - {""}) > 1:
                self.say(f"у формі одна сума {source}, не кілька")
        for source, where in form.only.items():
            if source not in form.sources:
                self.say(f"ніщо не рахує {source}", f"only.{source}")
            elif source in SOURCES:
                self._check_where(source, where, f"only.{source}", 0)

    def _check_axis(self, form: Form) -> None:
        for source in filter(SOURCES.__contains__, form.sources):
            field = SOURCES[source].fields.get(form.axis.field)
            if field is None or field.kind not in {"code", "number"}:
                self.say(f"{source} не можна поділити за {form.axis.field}", "axis", 0, "field")
                continue
            for number, line in enumerate(form.axis_lines):
                if line.counts or line.where or line.sum:
                    self.say("рядок осі сам нічого не рахує", form.axis.on, number)
                for key in line.at:
                    self._check_code(field, key, form.axis.on, number)

    def _check_where(self, source: str, where: Any, table: str, number: int) -> None:
        for word, value in where.items():
            field, ending = split(source, word)
            if field is None:
                self.say(f"у {source} немає слова {word}", table, number, word)
            elif ending and field.kind not in _ENDINGS[ending]:
                self.say(f"{ending} не буває з {word}", table, number, word)
            elif field.kind == "flag":
                if not isinstance(value, bool):
                    self.say(f"{word} — це true або false", table, number, word)
            elif ending in {"_from", "_to"}:
                if not isinstance(value, int):
                    self.say(f"{word} — це число", table, number, word)
            elif not isinstance(value, list):
                self.say(f"{word} — це список", table, number, word)
            else:
                for code in value:
                    self._check_code(field, code, table, number)

    def _check_code(self, field: Field, code: Any, table: str, number: int) -> None:
        if field.kind == "number":
            if not str(code).isdecimal():
                self.say(f"{code!r} — не число", table, number, str(code))
        elif code not in field.known():
            self.say(f"коду {code} немає в довіднику реєстру", table, number, str(code))


def split(source: str, word: str) -> tuple[Field | None, str]:
    """A condition's word as a field of the source and an ending."""
    fields = SOURCES[source].fields
    if word in fields:
        return fields[word], ""
    for ending in _ENDINGS:
        if word.endswith(ending) and (field := fields.get(word.removesuffix(ending))):
            return field, ending
    return None, ""
