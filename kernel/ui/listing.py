"""Lists: addresses of filters, chips, orders and pages as plain links; columns that make the table on
the page, its printed sheet and its file alike; rows chosen one by one or all that match.

    COLUMNS = (
        Column("name", "Заклад", lambda row: Name(row.short_name, url_of(row)), width=40),
        Column("pupils", "Учнів", lambda row: row.pupils, kind="num"),
    )
    shown = Listing(address, "Заклади освіти", COLUMNS, rows, orders=ORDERS, order=given["order"], …)
    if given["file"]:
        return files.answer(given["file"], shown, every_row, actor=…, now=…)
    …and in the template: {{ c.rows(list=shown) }}

A column that an order of the selector names (`kernel.paging.Order`) is sorted by its head. What the
page does not show the file has not: both are made of the same columns.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, Literal, NamedTuple, TypeVar, Union
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from kernel.errors import DomainError
from kernel.paging import Order, Page
from kernel.parameters import Parameter, identifier, one_of
from kernel.ui import helpers as ui

R = TypeVar("R")


@dataclasses.dataclass(frozen=True)
class Facet:
    """One filter: its parameter, heading, choices in order, and what «any» is called."""

    name: str
    title: str
    choices: Iterable[tuple[str, str]]
    anything: str = "Усі"


V = TypeVar("V", bound=Callable[..., Any])


def narrowable(view: V) -> V:
    """A page of what is below the reader: the frame offers it whole, by territory and by type, and
    what is posted to it is about what was shown."""
    view.narrowable = True  # type: ignore[attr-defined]
    return view


def carried(request: HttpRequest) -> dict[str, str]:
    """Parameters that go with the person from page to page: what a middleware read and kept."""
    return dict(getattr(request, "carried", {}))


class Address:
    """The list's own address with some parameters changed; a change goes to the first page."""

    def __init__(self, request: HttpRequest, kept: Iterable[str]):
        self.path = request.path
        self.now = {
            **carried(request),
            **{name: request.GET[name] for name in kept if request.GET.get(name)},
        }

    def in_order(self, asked: str, orders: Mapping[str, Order], default: str = "name") -> str:
        """The order of the list: what was asked, or the usual one where it is not offered, which
        the address then forgets."""
        if asked.removeprefix("-") in orders:
            return asked
        self.now.pop("order", None)
        return default if orders else ""

    def with_(self, **changes: str) -> str:
        """The address where these parameters have these values; '' removes one."""
        query = [_pair(name, value) for name, value in {**self.now, **changes}.items() if value]
        return f"{self.path}?{'&'.join(query)}" if query else self.path


@functools.lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> str:
    """A parameter as addresses write it: a page of a list repeats the same ones a hundred times."""
    return urlencode({name: value})


def groups(
    address: Address, facets: Iterable[Facet], counts: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """What `c.filters` shows: choices nobody has are left out, the chosen one stays."""
    shown: list[dict[str, Any]] = []
    for facet in facets:
        counted = counts.get(facet.name, {})
        chosen = address.now.get(facet.name, "")
        items = [
            {
                "label": label,
                "url": address.with_(**{facet.name: code}),
                "count": counted.get(code, 0),
                "current": code == chosen,
            }
            for code, label in facet.choices
            if counted.get(code) or code == chosen
        ]
        if len(items) > 1 or chosen:
            everything: dict[str, Any] = {
                "label": facet.anything,
                "url": address.with_(**{facet.name: ""}),
                "count": sum(counted.values()),
                "current": not chosen,
            }
            shown.append({"title": facet.title, "items": [everything, *items]})
    return shown


def chips(address: Address, facets: Iterable[Facet], *, sought: str = "q") -> list[dict[str, str]]:
    """Filters that are on, what was sought first, each with the address without it."""
    found = []
    if text := address.now.get(sought):
        found.append({"title": "Пошук", "label": f"«{text}»", "url": address.with_(**{sought: ""})})
    return found + [
        {"title": facet.title, "label": label, "url": address.with_(**{facet.name: ""})}
        for facet in facets
        for code, label in facet.choices
        if address.now.get(facet.name) == code
    ]


def pills(
    address: Address,
    name: str,
    choices: Mapping[str, str] | Iterable[tuple[str, str]],
    now: str,
    counts: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Choices of one parameter as `c.pills` shows them, the one `now` marked; `counts` say how many
    rows each leaves, and «any» all of them unless told."""
    told = {"": sum(counts.values()), **counts}
    return [
        {
            "label": label,
            "url": address.with_(**{name: key}),
            "count": told.get(key, 0),
            "current": key == now,
        }
        for key, label in dict(choices).items()
    ]


def pager(address: Address, page: Page[Any]) -> dict[str, str]:
    """Addresses of the neighbouring pages for `c.pager`."""
    return {
        "first": address.with_(),
        "previous": address.with_(before=page.previous) if page.previous else "",
        "next": address.with_(after=page.next) if page.next else "",
    }


# ── cells ────────────────────────────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Tag:
    """A state in a word with a sign, as `c.tag`."""

    label: str
    kind: str = "plain"

    def __str__(self) -> str:
        return self.label


class Name(NamedTuple):
    """What a row is about, leading to its page: the words, lighter words after them, a note; `aloud`
    is heard after words that are the same in every row."""

    text: str
    url: str = ""
    rest: str = ""
    note: str = ""
    code: bool = False
    aloud: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.rest}".strip()


Cell = Union[
    None, str, int, Decimal, datetime.date, datetime.datetime, Tag, Name, "Sequence[str | Tag]"
]
_SIGNS = {"good": "check", "heed": "warn", "bad": "err", "note": "clock", "off": "ban"}


@dataclasses.dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its key (an order of that name sorts by it), heading, and what stands there.

    kind: num (figures to the right) | nw (does not break). `apart`: headings and values that the
    file has in its place, where a machine wants more columns than a page has room for. `empty`: what
    is read aloud where nothing stands.
    """

    name: str
    title: str
    cell: Callable[[R], Cell]
    kind: Literal["", "num", "nw"] = ""
    width: int = 16
    apart: Sequence[tuple[str, Callable[[R], Cell]]] = ()
    empty: str = "немає"


def words(cell: Cell) -> str:
    """A cell in plain words, as the page shows it."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str | Tag | Name):
        return str(cell)
    if isinstance(cell, datetime.datetime):
        return ui.moment(cell)
    if isinstance(cell, datetime.date):
        return ui.day(cell)
    if isinstance(cell, Decimal):
        return ui.number(cell, 2)
    if isinstance(cell, int):
        return ui.number(cell)
    return ", ".join(str(one) for one in cell)


esc = ui.printed


def _tag(one: str | Tag) -> str:
    if isinstance(one, str):
        return f'<span class="ak-tag">{esc(one)}</span>'
    sign = ui.icon(_SIGNS[one.kind]) if one.kind in _SIGNS else ""
    look = "" if one.kind == "plain" else f" ak-tag--{one.kind}"
    return f'<span class="ak-tag{look}">{sign}{esc(one.label)}</span>'


def _name(one: Name) -> str:
    text = f"<code>{esc(one.text)}</code>" if one.code else esc(one.text)
    rest = f" <i>{esc(one.rest)}</i>" if one.rest else ""
    rest += f'<span class="ak-vh">: {esc(one.aloud)}</span>' if one.aloud else ""
    note = f' <span class="ak-small ak-muted">{esc(one.note)}</span>' if one.note else ""
    if not one.url:
        return f"{text}{rest}{note}"
    return f'<a href="{esc(one.url)}">{text}{rest}</a>{note}'


def drawn(cell: Cell) -> str:
    """A cell as markup, every value escaped."""
    if type(cell) is str:
        return ui.escaped(cell)
    if isinstance(cell, Name):
        return _name(cell)
    if isinstance(cell, Tag):
        return _tag(cell)
    if isinstance(cell, list | tuple):
        return " ".join([_tag(one) for one in cell])
    return esc(words(cell))


def _nothing(words: str) -> str:
    """An empty cell; «немає» is said by the sheet of styles."""
    return "<td>" if words == "немає" else f'<td data-empty><span class="ak-vh">{esc(words)}</span>'


# Cells that are drawn once for all rows that have them: equal ones of these types look the same.
_REPEATED = (type(None), str, tuple, datetime.date)


# ── choosing rows ────────────────────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Act:
    """One thing that can be done to the chosen rows; `url` is where it is posted."""

    label: str
    url: str
    name: str = "do"
    value: str = ""
    kind: str = "second"
    icon: str = ""


class ChosenChanged(DomainError):
    """Rows that match are not those that were shown when «all» was chosen."""

    code = "chosen_changed"
    http_status = 412
    title = "Список змінився, поки ви вибирали"


def seal(keys: Iterable[Any]) -> str:
    """What «all that match» meant when it was shown: how many, and a digest of which."""
    told = sorted(str(key) for key in keys)
    return f"{len(told)}-{hashlib.sha256(chr(10).join(told).encode()).hexdigest()[:16]}"


_KEY = identifier("pick")


def chosen(request: HttpRequest, matching: Callable[[], Sequence[Any]]) -> list[str]:
    """Keys of the chosen rows: those ticked, or all that match if they are those that were shown.

    matching: keys of every row under the filters, asked only for «all».

    Raises:
        ChosenChanged: others match now.
    """
    if request.POST.get("all") != "1":
        ticked = dict.fromkeys(request.POST.getlist("pick"))
        return [key for key in ticked if _KEY.read(key)]
    keys = [str(key) for key in matching()]
    shown = request.POST.get("seen", "")
    if seal(keys) != shown:
        before = shown.partition("-")[0]
        raise ChosenChanged(
            f"Було {before if before.isdecimal() else 'інше число'}, тепер {len(keys)}. "
            "Перегляньте список і виберіть ще раз."
        )
    return keys


# ── the list as a whole ──────────────────────────────────────────────────────────────────────────
def order_of(orders: Mapping[str, Order], default: str) -> Parameter:
    """The parameter `order` of a list: a name, or a name after «-» for the other way round."""
    return one_of(
        "order", [f"{way}{name}" for name in orders for way in ("", "-")], nothing=default
    )


@dataclasses.dataclass(frozen=True)
class Head:
    """The head of a column as the page draws it."""

    title: str
    url: str
    state: str
    num: bool


@dataclasses.dataclass(frozen=True)
class Listing(Generic[R]):
    """A list as `c.rows` draws it.

    title: what is listed («Працівники»). `orders`: those offered here, by column; `order`: the one
    now. `key`: of a row that may be chosen; `acts`: what can be done to the chosen ones. `all_keys`:
    keys of all that match, asked when all are chosen; None where they are too many to be counted.
    """

    address: Address
    title: str
    columns: Sequence[Column[R]]
    rows: Sequence[R]
    pager: Mapping[str, str] = dataclasses.field(default_factory=dict)
    orders: Mapping[str, Order] = dataclasses.field(default_factory=dict)
    order: str = ""
    key: Callable[[R], str] | None = None
    acts: Sequence[Act] = ()
    total: int | None = None
    everything: str = ""  # the seal of all that match, when all are chosen
    most: int = 0  # files hold at most so many rows; 0: no file is offered
    chips: Sequence[Mapping[str, str]] = ()
    clear: str = ""
    dim: Callable[[R], bool] | None = None
    why: str = ""  # why a list of this size is not sorted by its other columns

    def at(self, page: Page[R]) -> Listing[R]:
        """The same list with the rows of a page, and the way to its neighbours."""
        return dataclasses.replace(self, rows=page.rows, pager=pager(self.address, page))

    @property
    def now(self) -> tuple[str, bool]:
        """The column it is ordered by, and whether downwards."""
        return self.order.removeprefix("-"), self.order.startswith("-")

    @property
    def caption(self) -> str:
        """What the table holds and how it is ordered."""
        name, down = self.now
        by = next((c.title for c in self.columns if c.name == name), "")
        way = " за спаданням" if down else ""
        return f"{self.title}, упорядковано за стовпцем «{by}»{way}" if by else self.title

    @property
    def heads(self) -> list[Head]:
        """Heads of columns; those that sort are links, the one now to the other way round."""
        name, down = self.now
        found = []
        for column in self.columns:
            url, state = "", "none"
            if column.name in self.orders:
                turned = f"-{name}" if column.name == name and not down else column.name
                url = self.address.with_(order=turned)
                state = ("down" if down else "up") if column.name == name else "none"
            found.append(Head(column.title, url, state, column.kind == "num"))
        return found

    @property
    def sorts(self) -> list[dict[str, Any]]:
        """Orders as a short list of links, for a phone, where heads are not seen."""
        return [
            {"label": head.title, "url": head.url, "state": head.state}
            for head in self.heads
            if head.url
        ]

    @property
    def sorted_by(self) -> str:
        """The heading of the column it is ordered by."""
        return next((head.title for head in self.heads if head.state != "none"), "")

    @property
    def look(self) -> str:
        """Classes of the table: what a column looks like is said once, by its number."""
        first = 2 if self.acts else 1
        kinds = [
            f"ak-{column.kind}{place}"
            for place, column in enumerate(self.columns, first)
            if column.kind and place > first  # the name of a row is a heading
        ]
        return " ".join(["ak-list", *(["ak-picks"] if self.acts else []), *kinds])

    @property
    def labels(self) -> dict[str, str]:
        """Words that stand beside the values on a phone, by the number of the column."""
        first = 2 if self.acts else 1
        return {
            f"data-l{place}": column.title
            for place, column in enumerate(self.columns, first)
            if place > first
        }

    @property
    def body(self) -> SafeString:
        """Rows as markup. Drawn here, not by a template: a hundred rows of nine cells are a
        thousand turns of a template's loop. Rows say only what differs: looks and labels of columns
        stand in the table's own tag, ends of cells are what HTML supposes anyhow, and what is equal
        in many rows is drawn once."""
        first, *others = self.columns
        columns: list[tuple[Callable[[R], Cell], dict[Cell, str]]] = [
            (column.cell, dict.fromkeys((None, "", ()), _nothing(column.empty)))
            for column in others
        ]
        key, dim = self.key if self.acts else None, self.dim
        checked = " checked disabled" if self.everything else ""
        made: list[str] = []
        for number, row in enumerate(self.rows):
            made.append("<tr class=is-dim>" if dim and dim(row) else "<tr>")
            if key is None:
                made.append(f"<th scope=row>{drawn(first.cell(row))}")
            else:
                made.append(
                    f'<td><label><input type=checkbox name=pick value="{esc(key(row))}" '
                    f'aria-labelledby="pick pick{number}"{checked}></label>'
                    f"<th scope=row id=pick{number}>{drawn(first.cell(row))}"
                )
            for cell_of, known in columns:
                cell = cell_of(row)
                if type(cell) in _REPEATED:  # one of a few: «Ж», «5-А», nothing
                    if (text := known.get(cell)) is None:
                        text = known[cell] = f"<td>{drawn(cell)}"
                    made.append(text)
                else:
                    made.append(f"<td>{drawn(cell)}")
        return mark_safe("".join(made))  # noqa: S308 - every value was escaped

    @property
    def files(self) -> list[dict[str, str]]:
        """Addresses of the list as a file, exactly as filtered and sorted."""
        if not self.most:
            return []
        kept = {"order": self.order} if self.order else {}
        return [
            {"label": kind.upper(), "url": self.address.with_(file=kind, **kept)}
            for kind in ("xlsx", "csv")
        ]

    @property
    def lines(self) -> list[list[str]]:
        """Rows in plain words, for a printed sheet."""
        return [[words(column.cell(row)) for column in self.columns] for row in self.rows]

    @property
    def all_url(self) -> str:
        """Where all that match are chosen at once; '' where their number is not known."""
        beyond = self.total is not None and self.total > len(self.rows)
        return self.address.with_(all="1") if self.acts and beyond and not self.everything else ""

    @property
    def none_url(self) -> str:
        """The list with nothing chosen."""
        return self.address.with_()
