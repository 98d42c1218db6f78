"""Reference runner of the rules of data quality of АІКОМ, for school information systems.

One file, no dependencies, Python 3.10 and later. It reads a pack as it is published
(`GET /rules/<year>.json`) and says of a child's facts what the central database would say:

    pack = Pack(json.load(open("2026.json")))
    pack.check({"surname": "", "born_on": "2031-02-03", "today": "2026-11-22"})
    [{"code": "surname.required", "severity": "error", "message": "Не вказано прізвище.", …}, …]

Facts are named in the pack. A fact that is not a key is unknown, and rules that name it are not
asked; None or "" is known to be absent. Dates are "РРРР-ММ-ДД" or datetime.date.

    python aikom_quality.py 2026.json < rows.jsonl > findings.jsonl     # a JSON object a line
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]

_HOLE = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime.date(1899, 12, 31)


class Pack:
    """A pack of rules ready to be asked.

    Raises:
        ValueError: the pack says a word this runner does not know: take the newer runner.
    """

    def __init__(self, data: Mapping[str, Any]):
        self.version: str = data["version"]
        self._facts: dict[str, str] = {name: one["type"] for name, one in data["facts"].items()}
        self._derived: dict[str, list[str]] = {n: one["of"] for n, one in data["derived"].items()}
        self._words = _words(data)
        self._deriving = _deriving(data)
        self._formats = _FORMATS
        self._known("derived", self._derived, self._deriving)
        self._known("formats", data["formats"], self._formats)
        self._rules = [self._read(raw) for raw in data["rules"]]

    def check(self, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What the rules say of a child's facts, in the order of the pack.

        Raises:
            ValueError: a name that is no fact, or a value of another type; the message says which.
        """
        values: dict[str, Any] = {name: self._value(name, facts[name]) for name in facts}
        for name, of in self._derived.items():
            if all(one in values for one in of):
                arguments = [values[one] for one in of]
                absent = any(one is None for one in arguments)
                values[name] = None if absent else self._deriving[name](*arguments)
        return [
            self._told(raw, values)
            for raw, asked, needs, when, must in self._rules
            if asked <= values.keys()
            and not any(values[name] is None for name in needs)
            and _is_dated_in(raw, values)
            and when(values)
            and not must(values)
        ]

    def _read(self, raw: Mapping[str, Any]) -> tuple[Any, set[str], set[str], Test, Test]:
        when, in_when, _ = self._all(raw.get("when", []))
        must, in_must, needs = self._all(raw["must"])
        asked = in_when | in_must
        if raw.get("since") or raw.get("until"):
            asked, needs = asked | {"today"}, needs | {"today"}
        return raw, asked, needs, when, must

    def _all(self, raw: list[Any], joined: Any = all) -> tuple[Test, set[str], set[str]]:
        parts = [self._condition(one) for one in raw]
        tests = [test for test, _, _ in parts]
        named: set[str] = set().union(*(one for _, one, _ in parts))
        needs: set[str] = set().union(*(one for _, _, one in parts))
        return (lambda values: joined(test(values) for test in tests)), named, needs

    def _condition(self, raw: Mapping[str, Any]) -> tuple[Test, set[str], set[str]]:
        ((word, said),) = raw.items()
        if word in ("given", "missing"):
            is_there = word == "given"
            return (lambda values: (values[said] is not None) == is_there), {said}, set()
        if word == "not":
            test, named, needs = self._condition(said)
            return (lambda values: not test(values)), named, needs
        if word == "any":
            return self._all(said, any)
        self._known("conditions", [word], self._words)
        takes, spare, ask = self._words[word]
        arguments = said if isinstance(said, list) else [said]
        names = [
            one
            for one, kind in zip(arguments, takes, strict=False)
            if kind not in ("codes", "number")
        ]
        constants = [arguments[len(names) :]] if takes[-1] == "codes" else arguments[len(names) :]
        needs = {name for at, name in enumerate(names) if at not in spare}

        def holds(values: Mapping[str, Any]) -> bool:
            if any(values[name] is None for name in needs):
                return False
            given = [
                values[one] or "" if at in spare else values[one] for at, one in enumerate(names)
            ]
            return bool(ask(*given, *constants))

        return holds, set(names), needs

    def _value(self, name: str, value: Any) -> Any:
        kind = self._facts.get(name)
        if kind is None:
            raise ValueError(f"«{name}» is not a fact of the pack")
        if value is None or value == "":
            return None
        if kind == "date" and isinstance(value, str) and _DAY.fullmatch(value):
            return datetime.date(*map(int, value.split("-")))
        right = {"text": str, "date": datetime.date, "int": int}[kind]
        if not isinstance(value, right) or isinstance(value, (bool, datetime.datetime)):
            raise ValueError(f"«{name}» is {kind}, got {value!r}")
        return value

    def _told(self, raw: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        fix = raw.get("fix", "")
        if any(values.get(name) is None for name, _ in _HOLE.findall(fix)):
            fix = ""
        return {
            "code": raw["code"],
            "severity": raw["severity"],
            "message": self._filled(raw["message"], values),
            "fix": self._filled(fix, values) or None,
            "fix_url": raw["fix_url"],
        }

    def _filled(self, text: str, values: Mapping[str, Any]) -> str:
        return _HOLE.sub(lambda hole: self._formats[hole[2] or ""](values[hole[1]]), text)

    def _known(self, what: str, said: Any, words: Mapping[str, Any]) -> None:
        unknown = sorted(set(said) - set(words))
        if unknown:
            raise ValueError(f"{what} {unknown} of pack {self.version} are newer than this runner")


def _is_dated_in(raw: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    since, until = raw.get("since"), raw.get("until")
    today = values["today"].isoformat() if since or until else ""
    return not (since and today < since) and not (until and today >= until)


# ── what follows from facts ──────────────────────────────────────────────────
def _ten(number: str) -> bool:
    return re.fullmatch("[0-9]{10}", number) is not None


def _rnokpp_born_on(number: str) -> datetime.date | None:
    return _EPOCH + datetime.timedelta(days=int(number[:5])) if _ten(number) else None


def _rnokpp_sex(number: str) -> str | None:
    return ("M" if int(number[8]) % 2 else "F") if _ten(number) else None


def _rnokpp_checksum(number: str) -> bool:
    if not _ten(number) or number == "0000000000":
        return False
    weights = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
    told = sum(weight * int(digit) for weight, digit in zip(weights, number[:9], strict=True))
    return told % 11 % 10 == int(number[9])


def _unzr_born_on(unzr: str) -> datetime.date | None:
    if re.fullmatch("[0-9]{8}-[0-9]{5}", unzr) is None:
        return None
    try:
        return datetime.date(int(unzr[:4]), int(unzr[4:6]), int(unzr[6:8]))
    except ValueError:
        return None


def _unzr_checksum(unzr: str) -> bool:
    if re.fullmatch("[0-9]{8}-[0-9]{5}", unzr) is None:
        return False
    digits = unzr.replace("-", "")
    told = sum(int(digit) * (7, 3, 1)[at % 3] for at, digit in enumerate(digits[:12]))
    return told % 10 == int(digits[12])


def _full_years(born_on: datetime.date, day: datetime.date) -> int:
    before = (day.month, day.day) < (born_on.month, born_on.day)
    return max(day.year - born_on.year - before, 0)


def _deriving(data: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    endings: dict[str, list[str]] = data["patronymic_endings"]

    def patronymic_sex(patronymic: str) -> str | None:
        low = patronymic.lower()
        return next((sex for sex, ends in endings.items() if low.endswith(tuple(ends))), None)

    return {
        "rnokpp_born_on": _rnokpp_born_on,
        "rnokpp_sex": _rnokpp_sex,
        "unzr_born_on": _unzr_born_on,
        "patronymic_sex": patronymic_sex,
        "age": _full_years,
        "usual_age": lambda grade: grade + 5,
        "usual_age_more": lambda grade: grade + 6,
    }


# ── conditions: what each takes, which of its facts may be absent and read as "", the question ──
def _words(data: Mapping[str, Any]) -> dict[str, tuple[list[str], set[int], Callable[..., Any]]]:
    shapes: dict[str, dict[str, str]] = data["document_shapes"]

    def document_shape(kind: str, series: str, number: str) -> bool:
        shape = shapes.get(kind)
        return (
            shape is not None
            and re.fullmatch(shape["series"], series) is not None
            and re.fullmatch(shape["number"], number) is not None
        )

    asks: dict[str, Callable[..., Any]] = {
        "equal": lambda a, b: a == b,
        "before": lambda a, b: a < b,
        "not_after": lambda a, b: a <= b,
        "at_most": lambda a, b: a <= b,
        "among": lambda a, codes: a in codes,
        "rnokpp_checksum": _rnokpp_checksum,
        "unzr_checksum": _unzr_checksum,
        "unzr_date": lambda unzr: _unzr_born_on(unzr) is not None,
        "document_shape": document_shape,
        "phone_shape": lambda phone: re.fullmatch(data["phone_shape"], phone) is not None,
        "age_fits_grade": lambda born, grade, day: grade + 4 <= _full_years(born, day) <= grade + 9,
    }
    said = data["conditions"]
    return {
        name: (said[name]["takes"], set(said[name].get("spare", ())), ask)
        for name, ask in asks.items()
        if name in said
    }


# ── how a fact is written into a message ─────────────────────────────────────
def _plain(value: Any) -> str:
    return f"{value:%d.%m}.{value.year:04d}" if isinstance(value, datetime.date) else str(value)


def _years(number: int) -> str:
    tens, ones = number % 100, number % 10
    few = 2 <= ones <= 4 and not 12 <= tens <= 14
    return f"{number} {'рік' if ones == 1 and tens != 11 else 'роки' if few else 'років'}"


_FORMATS: dict[str, Callable[[Any], str]] = {
    "": _plain,
    "years": _years,
    "whose": lambda sex: "хлопця" if sex == "M" else "дівчини",
    "letter": lambda sex: "Ч" if sex == "M" else "Ж",
}


def main() -> int:
    """Check rows of the standard input, a JSON object a line; findings go out, a list a line."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: aikom_quality.py PACK.json < rows.jsonl > findings.jsonl\n")
        return 2
    pack = Pack(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    rows, out = sys.stdin.buffer, sys.stdout.buffer
    for line in filter(bytes.strip, rows):
        out.write(json.dumps(pack.check(json.loads(line)), ensure_ascii=False).encode() + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
