"""What a movement of pupils or staff is to drafts and orders: the contract, and the kinds that fill it.

Drafts and orders are a mechanism and know no movement: they ask `kind(code)`. The contract stands
below both, the movements above (`registry.movements.kinds` fills it when the room is loaded), so no
arrow of imports runs upwards (ADR 0033). How to write a new kind: docs/how-to/add-a-movement.md.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import string
import tomllib
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar, Union

import msgspec

from accounts.actors import Actor
from accounts.roles import Duty
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.errors import NotFound
from kernel.policy import Policy
from kernel.tables import dates
from kernel.tables.findings import Problem
from kernel.tables.headings import Headings
from kernel.text import alike, plural
from registry.people import policies

if TYPE_CHECKING:
    from registry.institutions.models.institutions import Institution

Say = Callable[[str, str, str], None]  # (field, code, detail): one more problem of the terms


# ── columns and sources ──────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: `name` in rows, its words on the page, where it is shown.

    `in_full` is the label where there is room for it; `blank` what an empty choice of a list means.
    A `fixed` column is filled from the register when a row is chosen, or as it is judged
    (`Compared.filled`), and nobody types in it.
    `choices` are the codes that may stand in it, with their words; of an `offered` one they are the
    process's `options`. `width` is a class of aikom.css.
    """

    name: str
    label: str
    required: bool = False
    in_grid: bool = True
    hint: str = ""
    in_full: str = ""
    blank: str = "Виберіть"
    fixed: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    offered: bool = False
    width: str = "w1"

    @property
    def is_day(self) -> bool:
        """Whether days are typed in it: names of such columns end so, by convention."""
        return not self.fixed and self.name.endswith(("_on", "until", "since"))

    def code_of(self, typed: str) -> str:
        """The code behind the words of a choice, as people type, pick or paste them; else as typed."""
        wanted = alike(typed)
        return next((code for code, words in self.choices if alike(words) == wanted), typed)

    def words_of(self, value: str) -> str:
        """A value of the column as people read it."""
        return dict(self.choices).get(value, value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Typed:
    """Rows are typed, pasted or read from a file. `headings` recognise a file's columns; `extra` are
    what a file's column may be besides the table's own (name → words); `to_rows` makes rows."""

    headings: Headings
    extra: Mapping[str, str]
    to_rows: Callable[[Any, Sequence[str | None]], list[dict[str, str]]]
    # Groups of the page that shows all fields of one row: (title, names of columns).
    groups: Sequence[tuple[str, Sequence[str]]] = ()
    # Choices of a list, and codes behind what people type, by column.
    choices: Mapping[str, Sequence[tuple[str, str]]] = dataclasses.field(default_factory=dict)
    codes: Mapping[str, Callable[[str], str | None]] = dataclasses.field(default_factory=dict)
    # Columns that hold a place of КАТОТТГ, looked up by its name.
    places: frozenset[str] = frozenset()
    # Which columns a table needs, for people who are about to bring one.
    needed: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """One line that may be chosen: its key, its name, what stands beside it; `why_not` when it is
    shown but cannot be chosen."""

    key: str
    name: str
    cells: tuple[str, ...] = ()
    why_not: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Picked:
    """A row made of a chosen line: its fixed columns filled, and the child it is about."""

    values: dict[str, str]
    pupil_id: uuid.UUID | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the page of lines to choose is narrowed to: a part of the name, a group."""

    text: str = ""
    group: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chosen:
    """Rows are chosen from lines that the register has: pupils, or orders.

    `lines` reads those within reach that match, in the order of the page; `pick` makes rows of the
    chosen keys (whoever asks may have forged them: an unknown key is left out). `groups` are the
    choices of the second filter.
    """

    headings: Sequence[str]
    of_pupils: bool = False  # keys are ids of pupils: their list may begin a draft, too
    # The column that holds the key of the line chosen, of a kind whose rows are not pupils.
    key: str = ""
    lines: Callable[[Actor, Institution, Wanted, Moment], Sequence[Candidate]]
    pick: Callable[[Actor, Institution, Sequence[str], Moment], list[Picked]]
    group_label: str = "Клас"
    groups: Callable[[Institution, Moment], Sequence[tuple[str, str]]] = lambda institution, m: ()


# ── judging ──────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """What the rules say of one row by itself.

    `keys` name what identifies a child («rnokpp:1234567890»): rows that share one are judged
    together. `clean` is the normalised row, None when a cell is wrong.
    """

    problems: tuple[Problem, ...] = ()
    clean: Any = None
    keys: tuple[str, ...] = ()
    looked_for: Any = None  # what `judge` asks the register with
    # Columns by name: what the register says now, in words; shown below what is typed over it.
    stands: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """What rows against rows and rows against the register add: problems, the profile the row is,
    and `seen`: children of the same name who were said to be others (asked again at signing).

    `filled` is what the register says in fixed columns of a typed row, `clean` the normalised row
    with what the register adds, in place of that of `Read`.
    """

    problems: Sequence[dict[str, Any]] = ()
    pupil_id: uuid.UUID | None = None
    seen: tuple[uuid.UUID, ...] = ()
    filled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    clean: Any = None


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one row: its state follows from problems and answers."""

    problems: list[dict[str, Any]]
    state: str
    pupil_id: uuid.UUID | None = None
    clean: Any = None
    keys: tuple[str, ...] = ()
    seen: tuple[uuid.UUID, ...] = ()
    stands: Mapping[str, str] = dataclasses.field(default_factory=dict)
    filled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Why those seen are others, by their ids: what was answered in the row.
    said: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """A row that can no longer take effect: which, whose, and why, in words that tell nothing of a
    child out of reach."""

    no: int
    name: str
    what: str


# ── what is signed ───────────────────────────────────────────────────────────
class NamedRow(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="registry.named/1"
):
    """What every signed row says: its number and who is named in it. A kind adds its own fields and
    its own tag."""

    no: int
    surname: str
    given_name: str
    patronymic: str

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)

    @property
    def about(self) -> uuid.UUID:
        """Whose row it is: the subject of looks and events of the kind."""
        raise NotImplementedError

    @property
    def about_kind(self) -> str:
        """What that is, in the notes of looks."""
        return "registry.staff"

    @property
    def children(self) -> Sequence[uuid.UUID]:
        """Whose names the row tells: who takes the order out has looked at them."""
        return ()


class SignedRow(NamedRow, frozen=True, kw_only=True, tag="registry.row/1"):
    """A signed row about a pupil: `class EnrolRow(SignedRow, …, tag="registry.enrol/1")`."""

    pupil: uuid.UUID
    born_on: datetime.date

    @property
    def about(self) -> uuid.UUID:
        """The pupil."""
        return self.pupil

    @property
    def about_kind(self) -> str:
        """A child."""
        return "registry.pupil"


@dataclasses.dataclass(frozen=True, slots=True)
class Counted:
    """What rows of a kind are called: alone in a title, and by count («1 учень», «на 5 учнів»)."""

    title: str  # «Учні»
    one: str  # «Учень»
    some: str  # «учень,учні,учнів»
    of: str  # «учня,учнів,учнів»

    def counted(self, count: int) -> str:
        """«5 учнів»."""
        return f"{count} {plural(count, *self.some.split(','))}"

    def for_many(self, count: int) -> str:
        """«(зараховано) 1 учня»: the words without the number."""
        return plural(count, *self.of.split(","))


PUPILS = Counted("Учні", "Учень", "учень,учні,учнів", "учня,учнів,учнів")


@dataclasses.dataclass(frozen=True, slots=True)
class TermField:
    """A term of the order beside number, date, first day and ground. `kind`: text, check, choice."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    missing: str = "Заповніть це поле."
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Terms:
    """What an order says beside its rows."""

    number: str
    issued_on: datetime.date
    effective_on: datetime.date
    ground: str
    year_code: str
    year_starts_on: datetime.date
    year_ends_on: datetime.date
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)


class _Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: datetime.date
    law: str
    title: str
    preamble: str
    points: list[str]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The legal text of a kind of order: editions, each from a date of the order on.

    `points` may name {day}, {count}, {pupils} and the extra terms. The file is read and checked when
    the room is loaded, so a mistake stops the start and not the order.
    """

    edition: list[_Edition]

    def on(self, day: datetime.date) -> _Edition:
        """The edition in force on the date of an order; before the first, the first."""
        return next((one for one in reversed(self.edition) if one.since <= day), self.edition[0])


@functools.cache
def text_of(path: Path) -> Text:
    """Read and check a file of editions.

    Raises:
        ValueError: a field is missing or wrong, or editions are out of order.
    """
    text = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Text)
    days = [one.since for one in text.edition]
    if not days or days != sorted(set(days)) or not all(one.points for one in text.edition):
        raise ValueError(f"{path.name}: editions must be dated in order and have points")
    return text


Row = TypeVar("Row", bound=NamedRow)
Clean = TypeVar("Clean")

# The tables stand above the contract: `registry.movements.movement` says which they are.
Draft = TypeVar("Draft")
DraftRow = TypeVar("DraftRow")
Order = TypeVar("Order")


# ── the contract ─────────────────────────────────────────────────────────────
class Process(Generic[Row, Clean, Draft, DraftRow, Order]):
    """One kind of movement. A subclass says what it is by attributes, and what it does by methods;
    drafts, undo, preview, paper, signature, pages and menu come from the mechanism."""

    code: ClassVar[str]  # "enrol": Order.kind, Draft.process, address /services/enrol/
    name: ClassVar[str]  # «Зарахування учнів»: the menu, the crumbs, a draft's first title
    about: ClassVar[str]  # «про зарахування»: orders in lists
    verb: ClassVar[str]  # «зараховано»: «5 учнів буде зараховано з 01.09.2026»
    order: ClassVar[int] = 50  # place in the menu
    # The address of its own page, of a kind whose order is not made of a draft.
    page: ClassVar[str] = ""
    # The authority above gives and signs it, by its own number: the institution is asked nothing.
    by_authority: ClassVar[bool] = False
    # The page where an order in effect is taken back, of a kind that «Скасування наказу» does not, and
    # who does it.
    undo_page: ClassVar[str] = ""
    undone_by: ClassVar[Policy] = policies.sign_order
    icon: ClassVar[str] = "users"
    columns: ClassVar[Sequence[Column]] = ()
    source: ClassVar[Typed | Chosen]
    also: ClassVar[Typed | None] = None  # of chosen rows that may be brought as a table, too
    keep: ClassVar[Policy] = policies.keep
    sign: ClassVar[Policy] = policies.sign_order
    see: ClassVar[Policy] = policies.see_orders  # the order with the names in it
    duty: ClassVar[Duty] = Duty.PUPILS  # of the deputy who prepares
    # What its rows are: the subject of looks, and words.
    subject: ClassVar[str] = "registry.pupil"
    rows_are: ClassVar[Counted] = PUPILS
    one_row: ClassVar[str] = ""  # the title of a form of one row alone
    # Names of pages: the card of whom a row is about (none of children out of the signer's reach),
    # the list of all, with the words to it.
    card: ClassVar[str] = "pupil_detail"
    people_list: ClassVar[str] = "pupil_list"
    to_people: ClassVar[str] = "Переглянути здобувачів освіти"
    identity: ClassVar[frozenset[str]] = (
        frozenset()
    )  # columns whose change forgets answers on twins
    # Columns whose change forgets what was answered about another one, too.
    judged_with: ClassVar[Mapping[str, str]] = MappingProxyType({})
    # Fixed columns of typed rows that judging fills (`Compared.filled`).
    filled: ClassVar[frozenset[str]] = frozenset()
    # The signed row, and its former versions that old orders still hold.
    row: ClassVar[type[NamedRow]]
    older: ClassVar[tuple[type[NamedRow], ...]] = ()
    term_fields: ClassVar[Sequence[TermField]] = ()
    effective_label: ClassVar[str] = "Діє з"
    effective_hint: ClassVar[str] = "дд.мм.рррр"
    default_ground: ClassVar[str] = ""
    text: ClassVar[Path]  # registry/orders/texts/<code>.toml
    # A kind whose ready rows become something else than an order: the address where its drafts end,
    # what the last step is called, and what ready rows go into. It signs nothing.
    finish: ClassVar[str] = ""
    finish_step: ClassVar[str] = ""
    into: ClassVar[str] = "до наказу"
    # What is said beside a form of one row while nothing of it is in effect.
    unfinished: ClassVar[str] = "До реєстру нічого не потрапить, доки наказ не підписано."
    # Columns of the paper after № and name, the first of every pupil, then the kind's: heading and
    # what stands there.
    told: ClassVar[Sequence[tuple[str, Callable[[Any], str]]]] = (
        ("Народження", lambda row: dates.show(row.born_on)),
    )
    paper: ClassVar[Sequence[tuple[str, Callable[[Any], str]]]] = ()

    # ── the draft
    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """The day that the order's form begins with; `first` is today, or the first of September
        while there are holidays."""
        return first

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> Any:
        """What the rules must know beside the rows; read once for a whole judging."""
        return None

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Choices of columns that only the register knows: the open classes, say."""
        return {}

    def read(self, row: DraftRow, frame: Any) -> Read:
        """Apply every rule to one row by itself; asks no database."""
        raise NotImplementedError

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Any,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """Compare rows with the register and with each other, in as many queries for 1,000 as for one.

        `rows` may be a part of the table: those a change touched. `first_with` says for each of
        their keys the position of the first live row of the whole table that has it.
        """
        raise NotImplementedError

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """What is to be seen of the table as a whole before the order is formed; refuses nothing."""
        return ()

    # ── the order
    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """Say what is wrong with the terms beside what every order asks (number, dates, ground)."""

    def signed(self, number: int, verdict: Verdict) -> Row:
        """The row to be signed, made of a ready row."""
        raise NotImplementedError

    def corrects(self, rows: Sequence[Row]) -> uuid.UUID | None:
        """The order that this one corrects or annuls."""
        return None

    def remarks_of_order(self, rows: Sequence[Row]) -> Sequence[str]:
        """The same of an order that waits for its signature."""
        return ()

    def conflicts(self, order: Order, rows: Sequence[Row]) -> list[Conflict]:
        """Rows that the register, as it is now, no longer allows. Asked when the order is signed,
        inside its transaction: lock what the answer hangs on."""
        return []

    def effect(self, order: Order, rows: Sequence[Row]) -> None:
        """Write what the order brings, set by set, locks in the order of keys.

        Raises:
            DomainError: a rival took effect first (`kernel.db.violation` names the constraint).
        """
        raise NotImplementedError

    def events(self, order: Order, rows: Sequence[Row]) -> Iterable[Event]:
        """What happened, one event per child."""
        return ()

    def undone(self, order: Order, row: Row) -> str:
        """What annulling would take back of one row, in the words of the counter-order's paper."""
        return self.about

    def undone_beside(self, order: Order, rows: Sequence[Row]) -> Sequence[str]:
        """What annulling takes back beside the rows, and what it leaves, in sentences: shown with the
        table and with the counter-order before it is signed."""
        return ()

    def stands_on(self, order: Order, rows: Sequence[Row]) -> list[Conflict]:
        """Rows of an effective order that cannot be taken back, and why: what stands on them now.

        Asked while a counter-order is prepared, so that all is seen before the signature, and again
        inside its transaction: lock what the answer hangs on. A kind that leaves this out cannot be
        annulled.
        """
        return [Conflict(row.no, row.full_name, "накази цього виду не скасовують") for row in rows]

    def annul(self, order: Order, by: Order, rows: Sequence[Row]) -> None:
        """Take back everything that `order` wrote, because `by` says so: void, never delete.
        `stands_on` was asked just before, in the same transaction."""
        raise NotImplementedError

    def signed_with(self, actor: Actor) -> Collection[str]:
        """Codes of the organisations whose keys sign it, of a kind that the institution's own head
        does not sign; empty: those of the institution."""
        return ()

    def onward(self, ready: int) -> str:
        """What the button after the table says."""
        return f"Далі: наказ на {ready} {self.rows_are.for_many(ready)}"

    # ── ready for every kind
    @property
    def typed(self) -> Typed | None:
        """How rows are typed or read from a table, if they may be."""
        return self.also or (self.source if isinstance(self.source, Typed) else None)

    @property
    def chosen(self) -> Chosen | None:
        """How rows are chosen from the register, if they may be."""
        return self.source if isinstance(self.source, Chosen) else None

    @functools.cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by their names."""
        return {column.name: column for column in self.columns}

    @functools.cached_property
    def days(self) -> tuple[str, ...]:
        """Columns of days: each is judged as a whole, for some may have the month first."""
        return tuple(column.name for column in self.columns if column.is_day)

    @functools.cached_property
    def grid(self) -> tuple[Column, ...]:
        """Columns that the table on the page has."""
        return tuple(column for column in self.columns if column.in_grid)

    @functools.cached_property
    def told_by(self) -> tuple[str, ...]:
        """Columns that say whose a row is, one or two: of a row at rest a phone shows these alone."""
        names = tuple(column.name for column in self.grid)
        for few in (("surname", "given_name"), ("pupil",), ("class", "label")):
            if set(few) <= set(names):
                return few
        return names[:1]

    @property
    def columns_of_paper(self) -> tuple[tuple[str, Callable[[Any], str]], ...]:
        """Columns of the paper after № and name."""
        return (*self.told, *self.paper)

    @functools.cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        kinds = (self.row, *self.older)
        return msgspec.json.Decoder(Union[kinds])  # type: ignore[arg-type] # noqa: UP007

    def decode(self, content: bytes) -> Row:
        """A signed row read back, by the schema it names.

        Raises:
            msgspec.ValidationError: not a row of this kind.
        """
        row: Row = self._decoder.decode(content)
        return row

    def text_for(self, rows: Sequence[Row]) -> Path:
        """The file of editions; another one where the rows call for another law."""
        return self.text

    def wording(self, terms: Terms, count: int, rows: Sequence[Row] = ()) -> dict[str, Any]:
        """Title, preamble and points of an order, by the edition in force on its date."""
        edition = text_of(self.text_for(rows)).on(terms.issued_on)
        words = {
            **terms.extra,
            "day": dates.show(terms.effective_on),
            "count": str(count),
            "pupils": self.rows_are.for_many(count),
        }
        return {
            "title": edition.title,
            "preamble": edition.preamble,
            "points": [point.format_map(words) for point in edition.points],
        }

    def outcome(self, count: int, day: datetime.date, *, done: bool) -> str:
        """«5 учнів буде зараховано з 01.09.2026»; done, that it was all of them: «5 із 5 учнів …»."""
        pupils = self.rows_are.for_many(count)
        if done:
            return f"{count} із {count} {pupils} {self.verb} з {dates.show(day)}"
        return f"{count} {pupils} буде {self.verb} з {dates.show(day)}"


AnyProcess: TypeAlias = Process[Any, Any, Any, Any, Any]


# ── kinds ────────────────────────────────────────────────────────────────────
_KINDS: dict[str, AnyProcess] = {}
_FORMATTER = string.Formatter()
_WORDS = frozenset({"day", "count", "pupils"})  # of every order, beside its own terms


def _require_words(process: AnyProcess) -> None:
    """Read the text of a kind. What its points name is known, unless the kind words them itself: a
    name with a mistake would be met by whoever forms an order, and only under that edition."""
    text = text_of(process.text)
    if type(process).wording is not Process.wording:
        return
    known = _WORDS | {field.name for field in process.term_fields}
    for edition in text.edition:
        named = {name for point in edition.points for _, name, _, _ in _FORMATTER.parse(point)}
        if unknown := {name for name in named if name} - known:
            words = ", ".join(sorted(unknown))
            raise ValueError(f"{process.text.name}, since {edition.since}: no such words: {words}")


def fill(kinds: Mapping[str, AnyProcess]) -> None:
    """Give the mechanism its kinds; each is checked whole, so that a mistake stops the start.

    Raises:
        ValueError: a code that differs from its key, a signed row without a tag of its own, or a text
            that names what its order does not know.
    """
    for code, process in kinds.items():
        if process.finish and process.code == code:
            continue
        tag = process.row.__struct_config__.tag
        if process.code != code or not str(tag).startswith(f"registry.{code}/"):
            raise ValueError(f"{code}: the code, the key and the row's tag must agree")
        _require_words(process)
    _KINDS.clear()
    _KINDS.update(kinds)


def kinds() -> Mapping[str, AnyProcess]:
    """Every kind by its code."""
    return _KINDS


def kind(code: str) -> AnyProcess:
    """The kind of a code.

    Raises:
        NotFound: there is none.
    """
    try:
        return _KINDS[code]
    except KeyError:
        raise NotFound from None
