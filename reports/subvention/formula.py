"""The subvention of one budget by the formula of the state (handbook G.1–G.3), every step kept.

V = У ÷ РНК × НП ÷ 18 × ЗП: pupils by the size a class is reckoned with are reckoned classes; by the
weekly hours of the curriculum, hours; by the hours of a rate, teachers' rates; other pedagogical
rates by a coefficient of the reckoned classes; rates by the yearly salary with its charges and by
the year's share are the sum. Fractions throughout: a kopiyka is rounded once, at the end.

Source: постанова КМУ 27.12.2017 № 1088 with its changes; handbook G says what of it is established.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction

KOPIYKAS = 100


@dataclasses.dataclass(frozen=True)
class Band:
    """Grades with one number of weekly hours that are paid for a class."""

    first: int
    last: int
    hours: Fraction

    @property
    def title(self) -> str:
        return f"{self.first}–{self.last}" if self.first != self.last else str(self.first)


@dataclasses.dataclass(frozen=True)
class Interval:
    """[from, to) of a measure, or from on when `to` is None; a single point when the two are equal."""

    start: Fraction
    end: Fraction | None

    def has(self, value: Fraction) -> bool:
        if self.end == self.start:
            return value == self.start
        return value >= self.start and (self.end is None or value < self.end)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One cell of the table of РНК: pupils of a km² and the rural share (percent) it is for."""

    density: Interval
    rural: Interval
    size: Fraction


@dataclasses.dataclass(frozen=True)
class Support:
    """Other pedagogical rates for one reckoned class, by the rural share."""

    rural: Interval
    rates: Fraction


@dataclasses.dataclass(frozen=True)
class Threshold:
    """From a day on, an institution whose grades are within these gets nothing below so many pupils."""

    since: datetime.date
    first: int
    last: int
    fewest: int


@dataclasses.dataclass(frozen=True)
class Parameters:
    """What the formula is given for every budget. `shares`: the year's share coefficient by the day
    it begins; `exempt`: types of institutions that no threshold concerns."""

    salary: Fraction
    months: int
    charges: Fraction
    rate_hours: Fraction
    bands: tuple[Band, ...]
    sizes: tuple[Cell, ...]
    support: tuple[Support, ...]
    shares: tuple[tuple[datetime.date, Fraction], ...]
    thresholds: tuple[Threshold, ...]
    exempt: frozenset[str]

    @property
    def yearly(self) -> Fraction:
        """Salary of a rate for a year with its charges (ЗП)."""
        return self.salary * self.months * (1 + self.charges / 100)

    def share_on(self, day: datetime.date) -> Fraction | None:
        """The share coefficient of a day; None before the first."""
        begun = [share for since, share in self.shares if since <= day]
        return begun[-1] if begun else None

    def size_at(self, density: Fraction, rural: Fraction) -> Fraction | None:
        """РНК of a density (pupils of a km²) and rural share (percent); None where the table has no
        cell."""
        for cell in self.sizes:
            if cell.density.has(density) and cell.rural.has(rural):
                return cell.size
        return None

    def support_at(self, rural: Fraction) -> Fraction | None:
        """Other pedagogical rates for a reckoned class."""
        for line in self.support:
            if line.rural.has(rural):
                return line.rates
        return None

    def fewest(self, day: datetime.date, first: int, last: int) -> int | None:
        """The threshold of an institution that teaches these grades; None where there is none."""
        begun = [t for t in self.thresholds if t.since <= day]
        newest = max((t.since for t in begun), default=None)
        fitting = [t for t in begun if t.since == newest and t.first <= first and last <= t.last]
        narrowest = min(fitting, key=lambda t: t.last - t.first, default=None)
        return narrowest.fewest if narrowest else None


@dataclasses.dataclass(frozen=True)
class School:
    """Who is counted at one institution: pupils of group I by grade; `with_` is the institution its
    threshold is judged with (the hub of a branch)."""

    id: int
    type: str
    pupils: Mapping[int, int]
    with_: int | None = None

    @property
    def all(self) -> int:
        return sum(self.pupils.values())


@dataclasses.dataclass(frozen=True)
class Place:
    """The territory of a budget: km², rural share in percent, its own РНК where the act names one."""

    area: Fraction | None
    rural: Fraction | None
    size: Fraction | None = None


@dataclasses.dataclass(frozen=True)
class BandStep:
    """One band of grades on its way from pupils to teachers' rates."""

    title: str
    pupils: int
    classes: Fraction
    hours: Fraction
    rates: Fraction


@dataclasses.dataclass(frozen=True)
class SchoolShare:
    """What of the sum falls to an institution, or the threshold it does not reach."""

    id: int
    pupils: int
    fewest: int | None
    amount: int  # kopiykas
    counted: bool


@dataclasses.dataclass(frozen=True)
class Reckoned:
    """A budget's sum with every step. `missing` says in words what the formula was not given; then
    there is no sum."""

    pupils: int
    eligible: int
    density: Fraction | None
    size: Fraction | None
    own_size: bool
    bands: tuple[BandStep, ...]
    teachers: Fraction
    support_rate: Fraction | None
    support: Fraction
    yearly: Fraction
    share: Fraction | None
    amount: int | None
    schools: tuple[SchoolShare, ...]
    missing: tuple[str, ...]

    @property
    def rates(self) -> Fraction:
        """Pedagogical rates in all."""
        return self.teachers + self.support


def reckon(
    schools: Sequence[School], place: Place, given: Parameters, day: datetime.date
) -> Reckoned:
    """The sum of one budget on a day.

    Density counts every pupil of group I; who learns below a threshold is not paid for. Grades that
    no band names are not paid for either and are told.
    """
    fewest = _thresholds(schools, given, day)
    paid = [one for one in schools if fewest[one.id][1]]
    pupils = sum(one.all for one in schools)
    missing = _missing(place, given, day)
    density = Fraction(pupils) / place.area if place.area else None
    size = place.size
    if size is None and density is not None and place.rural is not None:
        size = given.size_at(density, place.rural)
        if size is None:
            missing.append("клітинки таблиці РНК для такої щільності й частки сільського населення")
    support_rate = None if place.rural is None else given.support_at(place.rural)
    if place.rural is not None and support_rate is None:
        missing.append(
            "коефіцієнта інших педагогічних ставок для такої частки сільського населення"
        )
    share = given.share_on(day)
    bands = tuple(_band(band, paid, size, given.rate_hours) for band in given.bands)
    beyond = sum(
        n
        for one in paid
        for grade, n in one.pupils.items()
        if not any(b.first <= grade <= b.last for b in given.bands)
    )
    if beyond:
        missing.append(f"годин навчального плану для паралелей, де є учні поза групами ({beyond})")
    teachers = sum((band.rates for band in bands), Fraction(0))
    classes = sum((band.classes for band in bands), Fraction(0))
    support = classes * (support_rate or 0)
    exact = None
    if not missing and share is not None:
        exact = (teachers + support) * given.yearly * share * KOPIYKAS
    amount = None if exact is None else whole(exact)
    return Reckoned(
        pupils=pupils,
        eligible=sum(one.all for one in paid),
        density=density,
        size=size,
        own_size=place.size is not None,
        bands=bands,
        teachers=teachers,
        support_rate=support_rate,
        support=support,
        yearly=given.yearly,
        share=share,
        amount=amount,
        schools=_shared(schools, fewest, amount, _weights(paid, given, support_rate)),
        missing=tuple(missing),
    )


def _missing(place: Place, given: Parameters, day: datetime.date) -> list[str]:
    missing = []
    if place.size is None and not place.area:
        missing.append("площі території")
    if place.rural is None:
        missing.append("частки сільського населення")
    if not given.salary:
        missing.append("заробітної плати на ставку")
    if given.share_on(day) is None:
        missing.append("коефіцієнта року на цю дату")
    return missing


def _band(
    band: Band, schools: Sequence[School], size: Fraction | None, hours: Fraction
) -> BandStep:
    pupils = sum(
        n for one in schools for grade, n in one.pupils.items() if band.first <= grade <= band.last
    )
    classes = Fraction(pupils) / size if size else Fraction(0)
    weekly = classes * band.hours
    return BandStep(band.title, pupils, classes, weekly, weekly / hours)


def _thresholds(
    schools: Sequence[School], given: Parameters, day: datetime.date
) -> dict[int, tuple[int | None, bool]]:
    """Of each institution: its threshold, and whether it is reached (a hub with its branches)."""
    ids = {one.id for one in schools}
    joint: dict[int, list[School]] = {}
    for one in schools:
        joint.setdefault(one.with_ if one.with_ in ids else one.id, []).append(one)  # type: ignore[arg-type]
    told: dict[int, tuple[int | None, bool]] = {}
    for head, members in joint.items():
        grades = [g for one in members for g, n in one.pupils.items() if n and g > 0]
        leads = next((one for one in members if one.id == head), members[0])
        fewest = None
        if grades and leads.type not in given.exempt:
            fewest = given.fewest(day, min(grades), max(grades))
        enough = fewest is None or sum(one.all for one in members) >= fewest
        told |= {one.id: (fewest, enough) for one in members}
    return told


def _weights(
    schools: Sequence[School], given: Parameters, support_rate: Fraction | None
) -> dict[int, Fraction]:
    """Rates that an institution's pupils bring, times the size of a class that all of them share."""
    return {
        one.id: sum(
            (
                n * (band.hours / given.rate_hours + (support_rate or 0))
                for grade, n in one.pupils.items()
                for band in given.bands
                if band.first <= grade <= band.last
            ),
            Fraction(0),
        )
        for one in schools
    }


def _shared(
    schools: Sequence[School],
    fewest: Mapping[int, tuple[int | None, bool]],
    amount: int | None,
    weights: Mapping[int, Fraction],
) -> tuple[SchoolShare, ...]:
    parts = dict.fromkeys((one.id for one in schools), 0) | _apportioned(amount or 0, weights)
    return tuple(
        SchoolShare(one.id, one.all, fewest[one.id][0], parts[one.id], fewest[one.id][1])
        for one in schools
    )


def whole(value: Fraction) -> int:
    """Rounded half up, as money is."""
    down = value.numerator // value.denominator
    return down + (1 if value - down >= Fraction(1, 2) else 0)


def _apportioned(total: int, weights: Mapping[int, Fraction]) -> dict[int, int]:
    """A whole number in proportion: what rounding down leaves goes to the largest remainders."""
    every = sum(weights.values(), Fraction(0))
    if not every:
        return dict.fromkeys(weights, 0)
    exact = {key: total * weight / every for key, weight in weights.items()}
    parts = {key: int(part) for key, part in exact.items()}
    left = total - sum(parts.values())
    for key in sorted(exact, key=lambda k: (parts[k] - exact[k], k))[:left]:
        parts[key] += 1
    return parts


def redistributed(before: Mapping[int, int], after: Mapping[int, int]) -> dict[int, int]:
    """The whole of `before` given out anew in the proportion of `after`, by budget, in kopiykas.

    A change of pupils inside the year moves money, it does not make any (seed 2: «перерозподіл»).
    """
    if not any(after.values()):
        return dict(before)
    weights = {key: Fraction(value) for key, value in after.items()}
    return _apportioned(sum(before.values()), weights)
