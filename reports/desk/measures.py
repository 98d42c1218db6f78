"""What the desk may be asked: cubes and measures of `measures.toml`, each word checked against the
vocabulary of forms."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from registry.classifiers.selectors import classifiers
from reports.vocabulary import COUNTED, Field, Source

FILE = Path(__file__).with_name("measures.toml")
MOST = 6  # fields of a cube: columns d1 … d6 of what is kept
KINDS = ("count", "sum", "mean", "share", "forecast")
PEOPLE = ("", "rows", "amount")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cube:
    """A source split by some of its fields."""

    code: str
    source: str
    by: tuple[str, ...]
    flags: tuple[str, ...] = ()
    amount: str = ""
    weight: str = ""
    people: str = ""

    @property
    def of(self) -> Source:
        """Its source."""
        return COUNTED[self.source]

    def field(self, name: str) -> Field:
        """A field it is split by.

        Raises:
            KeyError: it is not split by this one.
        """
        if name not in self.by:
            raise KeyError(name)
        return self.of.fields[name]

    def column(self, name: str) -> str:
        """Where a field is kept: d1 … d6.

        Raises:
            ValueError: it is not split by this one.
        """
        return f"d{self.by.index(name) + 1}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measure:
    """A figure that people choose."""

    code: str
    title: str
    cube: str
    kind: str
    unit: str
    group: str
    note: str = ""
    where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    of: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    without: tuple[str, ...] = ()
    why: str = ""
    exact: bool = False  # counts things that are no persons, of a cube that sums persons

    @property
    def kept(self) -> Cube:
        """Its cube."""
        return cubes()[self.cube]

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """Fields it may be split by."""
        return tuple(name for name in self.kept.by if name not in self.without)

    @property
    def people(self) -> str:
        """Whom a small figure would tell, as the cube says."""
        return "" if self.exact else self.kept.people


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _made(kind: type[Any], raw: Mapping[str, Any]) -> Any:
    values = {
        name: tuple(value)
        if isinstance(value, list)
        else {word: tuple(codes) for word, codes in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in raw.items()
    }
    return kind(**values)


@cache
def cubes() -> dict[str, Cube]:
    """All cubes by code."""
    return {one["code"]: _made(Cube, one) for one in _raw()["cubes"]}


@cache
def measures() -> dict[str, Measure]:
    """All measures by code, in the order of the file."""
    return {one["code"]: _made(Measure, one) for one in _raw()["measures"]}


def title_of(field: str) -> str:
    """A field in words."""
    return str(_raw()["fields"][field])


def problems() -> Iterator[str]:
    """What of the file speaks of nothing there is."""
    for cube in cubes().values():
        if cube.source not in COUNTED:
            yield f"куб {cube.code}: немає джерела {cube.source}"
            continue
        if len(cube.by) > MOST:
            yield f"куб {cube.code}: полів більше ніж {MOST}"
        if cube.people not in PEOPLE:
            yield f"куб {cube.code}: у «people» має бути одне з {PEOPLE}"
        for name in (*cube.by, *cube.flags):
            if name not in cube.of.fields:
                yield f"куб {cube.code}: у {cube.source} немає слова {name}"
            elif name in cube.by and name not in _raw()["fields"]:
                yield f"куб {cube.code}: поле {name} не має назви"
        for name in filter(None, (cube.amount, cube.weight)):
            if name not in cube.of.sums:
                yield f"куб {cube.code}: у {cube.source} немає суми {name}"
    for measure in measures().values():
        if measure.cube not in cubes() or measure.kind not in KINDS:
            yield f"показник {measure.code}: куб {measure.cube}, вид {measure.kind}"
            continue
        if (measure.kind in {"sum", "mean"}) and not measure.kept.amount:
            yield f"показник {measure.code}: куб {measure.cube} нічого не підсумовує"
        if (measure.kind == "share") != bool(measure.of):
            yield f"показник {measure.code}: of буває лише в частки"
        if bool(measure.without) != bool(measure.why):
            yield f"показник {measure.code}: до «without» потрібне «why»"
        for name, codes in (*measure.where.items(), *measure.of.items()):
            if name not in measure.kept.by:
                yield f"показник {measure.code}: куб не має поля {name}"
            elif unknown := set(codes) - measure.kept.field(name).known():
                yield f"показник {measure.code}: немає кодів {sorted(unknown)}"


def codes_of(field: Field) -> list[str]:
    """Codes of a field in the order in which they are kept: the n-th of them is n + 1."""
    return list(field.codes) if isinstance(field.codes, tuple) else sorted(field.known())


_BANDS = {"age_band": (5, "років"), "hours_band": (6, "год"), "size_band": (5, "учнів")}


def said(cube: Cube, name: str, code: int | None) -> str:
    """A kept code of a field in words; of a unit its id."""
    field = cube.field(name)
    if code is None:
        return "не вказано"
    if name in _BANDS:
        step, words = _BANDS[name]
        return f"{code}–{code + step - 1} {words}"
    if name == "grade":
        return f"{code} клас" if code else "підготовчий"
    if name == "age":
        return str(code)
    if field.kind == "flag":
        return "так" if code else "ні"
    if field.kind in {"number", "unit"}:
        return str(code)
    text = codes_of(field)[code - 1]
    if isinstance(field.codes, str):
        return classifiers.label(field.codes, text)
    return str(_raw()["words"][name][text])


def coded(cube: Cube, name: str, text: str) -> int | None:
    """How a code is kept; None when the field has none such."""
    field = cube.field(name)
    if field.kind in {"number", "flag", "unit"}:
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
    codes = codes_of(field)
    return codes.index(text) + 1 if text in codes else None
