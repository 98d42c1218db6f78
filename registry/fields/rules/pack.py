"""Files of rules: read, checked against the vocabulary, refused with file and rule named."""

from __future__ import annotations

import dataclasses
import datetime
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from kernel.tables.findings import Level
from registry.fields.rules.conditions import All, Given, Said, read_all
from registry.fields.rules.values import UNKNOWN, Values
from registry.fields.rules.vocabulary import DERIVED, FORMATS, type_of

# Data of the room of quality; only the language stands this low, for cells and forms ask it too.
FOLDER = Path(__file__).resolve().parents[2] / "quality" / "packs"
RESOURCES = ("pupil",)
_HOLE = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
_CODE = re.compile(r"[a-z_]+\.[a-z_]+")
_FIX_URL = re.compile(r"/[a-z/-]+/\{pupil\}/([a-z-]+/)*(#id_[a-z_]+)?")
_KEYS = {
    "code", "resource", "indicator", "severity", "title", "when", "must", "message", "fix", "fix_url",
    "since", "until",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Template:
    """A sentence with holes: «За РНОКПП дата народження {rnokpp_born_on}»."""

    text: str

    def __post_init__(self) -> None:
        for name, how in _HOLE.findall(self.text):
            if type_of(name) is None:
                raise ValueError(f"«{name}» is not a fact of the vocabulary")
            if how not in FORMATS:
                raise ValueError(f"«{how}» is not a way of writing: {', '.join(sorted(FORMATS))}")
        if "{" in _HOLE.sub("", self.text):
            raise ValueError(f"a hole cannot be read in {self.text!r}")

    @property
    def facts(self) -> frozenset[str]:
        """What its holes name."""
        return frozenset(name for name, _ in _HOLE.findall(self.text))

    def fill(self, values: Values) -> str:
        """The sentence of these values."""
        return (
            _HOLE.sub(lambda hole: FORMATS[hole[2] or ""][1](values.get(hole[1])), self.text)
            if "{" in self.text
            else self.text
        )

    def fill_whole(self, values: Values) -> str | None:
        """The same, or None when a value is not there to be written."""
        if any(values.get(name) in (None, UNKNOWN) for name in self.facts):
            return None
        return self.fill(values)


@dataclasses.dataclass(frozen=True)
class Rule:
    """What must hold, when, how bad it is when it does not, and what people are told."""

    code: str  # field.short: «rnokpp.check_digit»
    resource: str
    indicator: str  # the one of the pack's it is counted in
    severity: Level
    title: str
    when: All
    must: All
    message: Template
    fix: Template | None
    fix_url: str
    since: datetime.date | None
    until: datetime.date | None
    raw: dict[str, Any] = dataclasses.field(repr=False, compare=False)

    @property
    def field(self) -> str:
        """The field the problem stands at."""
        return self.code.partition(".")[0]

    @property
    def short(self) -> str:
        """The code of the problem within its field."""
        return self.code.partition(".")[2]

    @property
    def is_dated(self) -> bool:
        """Whether it begins or ends on some day."""
        return self.since is not None or self.until is not None

    def sql(self) -> str:
        """The same over a row `f` of facts, all of them known."""
        parts = [f"f.today >= date '{self.since}'" if self.since else ""]
        parts.append(f"f.today < date '{self.until}'" if self.until else "")
        parts += [Given(name).sql() for name in sorted(self.must.needs)]
        parts += [self.when.sql(), f"NOT {self.must.sql()}"]
        return "(" + " AND ".join(part for part in parts if part) + ")"


@dataclasses.dataclass(frozen=True)
class Indicator:
    """What is counted of children: the share of those who break none of its rules."""

    code: str
    title: str
    required: bool = False  # named by the ministry as one that must be filled


@dataclasses.dataclass(frozen=True)
class Pack:
    """One file of rules in one version."""

    year: str
    version: str
    source: str
    indicators: tuple[Indicator, ...]
    rules: tuple[Rule, ...]

    def rules_of(self, indicator: str) -> tuple[Rule, ...]:
        """Rules counted in an indicator."""
        return tuple(rule for rule in self.rules if rule.indicator == indicator)

    def rule(self, code: str) -> Rule | None:
        """A rule by its code; None when the pack has none such."""
        return next((rule for rule in self.rules if rule.code == code), None)


@cache
def load(year: str) -> Pack:
    """A pack by its year.

    Raises:
        KeyError: no such pack.
        ValueError: the file speaks of what does not exist; the message names file and rule.
    """
    path = FOLDER / f"{year}.toml"
    if year not in years():
        raise KeyError(year)
    return parse(tomllib.loads(path.read_text(encoding="utf-8")), path.name)


@cache
def years() -> tuple[str, ...]:
    """Years there are packs of, oldest first."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def current() -> Pack:
    """The pack that is asked: the newest. When its rules begin and end they say themselves."""
    return load(years()[-1])


def parse(raw: dict[str, Any], name: str) -> Pack:
    """Turn the data of a file into a pack, checking every word.

    Raises:
        ValueError: with the file and the rule named.
    """
    try:
        indicators = tuple(Indicator(**one) for one in raw["indicators"])
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"{name}: indicators: {wrong}") from wrong
    known = {one.code for one in indicators}
    rules: dict[str, Rule] = {}
    for one in raw.get("rules", ()):
        code = str(one.get("code", ""))
        try:
            rule = _rule(one)
            if rule.indicator not in known:
                raise ValueError(f"indicator {rule.indicator!r} is none of {', '.join(known)}")
            if rule.code in rules:
                raise ValueError("this code stands twice")
        except (ValueError, KeyError) as wrong:
            told = f"«{wrong.args[0]}» is missing" if isinstance(wrong, KeyError) else wrong
            raise ValueError(f"{name}: rule {code!r}: {told}") from wrong
        rules[code] = rule
    try:
        return Pack(
            name.removesuffix(".toml"),
            raw["version"],
            raw["source"],
            indicators,
            tuple(rules.values()),
        )
    except KeyError as wrong:
        raise ValueError(f"{name}: «{wrong.args[0]}» is missing") from wrong


def _rule(raw: dict[str, Any]) -> Rule:
    if unknown := set(raw) - _KEYS:
        raise ValueError(f"{sorted(unknown)} are not parts of a rule")
    if not _CODE.fullmatch(raw["code"]):
        raise ValueError("a code is «field.what», small Latin letters")
    if raw["resource"] not in RESOURCES:
        raise ValueError(f"resource {raw['resource']!r} is none of {', '.join(RESOURCES)}")
    if raw["severity"] not in ("error", "warning"):
        raise ValueError(f"severity {raw['severity']!r} is neither error nor warning")
    if not _FIX_URL.fullmatch(raw["fix_url"]):
        raise ValueError(f"fix_url {raw['fix_url']!r} is no address with {{pupil}}")
    since, until = raw.get("since"), raw.get("until")
    if not all(day is None or isinstance(day, datetime.date) for day in (since, until)):
        raise ValueError("since and until are dates")
    rule = Rule(
        raw["code"],
        raw["resource"],
        raw["indicator"],
        raw["severity"],
        raw["title"],
        read_all(raw.get("when", [])),
        read_all(raw["must"]),
        Template(raw["message"]),
        Template(raw["fix"]) if "fix" in raw else None,
        raw["fix_url"],
        since,
        until,
        raw,
    )
    if not rule.must.parts:
        raise ValueError("«must» says nothing")
    sure = rule.must.needs | _surely(rule.when)
    unsure = {
        name
        for name in rule.message.facts - sure
        if not (name in DERIVED and DERIVED[name].total and set(DERIVED[name].of) <= sure)
    }
    if unsure:
        raise ValueError(f"the message writes {sorted(unsure)}, which may be absent: ask `given`")
    return rule


def _surely(when: All) -> frozenset[str]:
    """Facts that are there whenever these conditions hold."""
    found: set[str] = set()
    for one in when.parts:
        if isinstance(one, Given):
            found.add(one.name)
        elif isinstance(one, Said):
            found |= one.needs
    return frozenset(found)
