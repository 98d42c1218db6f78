"""Measurements: `make bench [ONLY=prefix]` runs tests/bench/bench_*.py and prints JSON lines.

    @bench("signatures.verify_m257", unit="per second")
    def verify() -> Result: ...

A function returns a `Result`, or several. Ratios compare within one run on one machine; absolute
figures are for the eye. Nothing here is a test: timings never decide whether the suite passes.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """One figure: `ratio` is value ÷ reference, when there is a reference measured beside it."""

    value: float
    unit: str = ""
    reference: float | None = None
    n: int = 1
    name: str = ""


@dataclass(frozen=True)
class Bench:
    """A registered measurement."""

    name: str
    unit: str
    measure: Callable[[], "Result | Iterable[Result]"]


BENCHES: list[Bench] = []


def bench(
    name: str, *, unit: str
) -> Callable[[Callable[[], Result | Iterable[Result]]], Callable[[], Result | Iterable[Result]]]:
    """Register a measurement under a dotted name whose first word is its module's prefix."""

    def register(
        measure: Callable[[], Result | Iterable[Result]],
    ) -> Callable[[], Result | Iterable[Result]]:
        BENCHES.append(Bench(name, unit, measure))
        return measure

    return register


def line(bench: Bench, result: Result) -> str:
    """The JSON line of one figure."""
    told = asdict(result) | {"name": result.name or bench.name, "unit": result.unit or bench.unit}
    reference = result.reference
    told["ratio"] = round(result.value / reference, 4) if reference else None
    told["value"] = round(result.value, 6)
    return json.dumps(
        {key: told[key] for key in ("name", "value", "unit", "reference", "ratio", "n")},
        ensure_ascii=False,
    )


def per_second(act: Callable[[], object], *, seconds: float = 1.0) -> Result:
    """How many times a second `act` runs, over about `seconds`, after one warm run."""
    act()
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        act()
        count += 1
    return Result(count / spent, n=count)


def median_ms(act: Callable[[], object], *, times: int = 30) -> Result:
    """The median milliseconds of `act` over `times` runs, after one warm run."""
    act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return Result(sorted(taken)[len(taken) // 2], n=times)
