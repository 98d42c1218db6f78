"""Admission to grade 1: one draw of a whole region."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from registry.admission import allocation
from registry.admission.allocation import Applicant, Wish
from tests.bench import Result, bench

CHILDREN, SCHOOLS, PLACES, WISHES = 100_000, 1_000, 90, 3


@bench("admission.draw", unit="s")
def draw() -> Iterator[Result]:
    """From published inputs to published result. The reference is what no draw can do without: a
    ticket for each child, and each school's line sorted by rank and ticket."""
    chance = random.Random(14)
    places = {f"school-{n:04d}": PLACES for n in range(SCHOOLS)}
    names = list(places)
    children = [
        Applicant(
            f"2027-{n:07d}",
            tuple(Wish(place, (chance.choice((1, 2)),)) for place in chance.sample(names, WISHES)),
        )
        for n in range(CHILDREN)
    ]
    inputs = allocation.inputs("bench", places, children)
    began = time.perf_counter()
    allocation.draw(inputs, "secret", "48.1234")
    spent = time.perf_counter() - began

    seed = allocation.seed_of("secret", "48.1234")
    began = time.perf_counter()
    tickets = {one.id: allocation.ticket(seed, one.id) for one in children}
    lines: dict[str, list[tuple[allocation.Rank, str, str]]] = {place: [] for place in places}
    for one in children:
        for wish in one.wishes:
            lines[wish.place].append((wish.rank, tickets[one.id], one.id))
    for line in lines.values():
        line.sort()
    yield Result(spent, reference=time.perf_counter() - began, n=CHILDREN)
