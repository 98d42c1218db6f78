"""Who gets a place where: priorities, one common lottery, one child one place.

Pure: it knows no schools, no database and no clock, so whatever gives out places (grade 1,
kindergartens, groups out of school) says its own ranks and is served alike. Child-proposing deferred
acceptance (handbook-modules §2): a child asks for places in the order of its wishes, a place keeps
the best of those who asked; ties of a rank are told apart by one ticket per child,
sha256("<seed>:<id>"). So nobody of a lower rank stands before one of a higher, honest wishes are
safe, the order of the input says nothing, and anybody who has inputs and seed comes to the same
bytes (`registry/admission/verify_draw.py` does it without this module).
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import hashlib
import json
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

# Compared part by part; the smaller stands first: (0,) before (1,) before (1, "2027-06-20").
Rank = tuple[int | str, ...]
# A child and its wishes as published bytes have them: places with ranks, the dearest first.
Asking = tuple[str, Sequence[tuple[str, Rank]]]

_LOT = operator.itemgetter(0)
INPUTS = "aikom.draw.inputs/1"
RESULT = "aikom.draw.result/1"


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """A place asked for, and how near the child stands to it there."""

    place: str
    rank: Rank


@dataclasses.dataclass(frozen=True, slots=True)
class Applicant:
    """A child under the name it has in public, with wishes in their order, the dearest first."""

    id: str
    wishes: tuple[Wish, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """Who got which place, and for each place everybody who asked for it, the nearest first."""

    placed: Mapping[str, str]
    lines: Mapping[str, Sequence[str]]


def seed_of(secret: str, public_value: str) -> str:
    """The seed: of a secret whose hash was published before, and of what nobody knew then."""
    return hashlib.sha256(f"{secret}:{public_value}".encode()).hexdigest()


def commitment(secret: str) -> str:
    """What is published of the secret beforehand."""
    return hashlib.sha256(secret.encode()).hexdigest()


def ticket(seed: str, applicant: str) -> str:
    """The child's lot, the same at every place; the smaller is drawn first."""
    return hashlib.sha256(f"{seed}:{applicant}".encode()).hexdigest()


def allocate(places: Mapping[str, int], applicants: Iterable[Applicant], seed: str) -> Outcome:
    """Give out the places.

    Raises:
        ValueError: an applicant stands twice, wishes for a place twice or for one that is not there,
            or a place has a negative number.
    """
    asking = ((one.id, [(wish.place, wish.rank) for wish in one.wishes]) for one in applicants)
    return _allocate(places, asking, seed)


def _allocate(places: Mapping[str, int], asking: Iterable[Asking], seed: str) -> Outcome:
    """Every wish has a number, a child's one after another: what a draw of a city looks up is then in
    arrays, and «asks on from its next wish» is one more."""
    if any(number < 0 for number in places.values()):
        raise ValueError("a number of places is negative")
    # Whoever has the smaller lot comes to every line first, so ranks alone are left to be sorted.
    drawn = sorted(((ticket(seed, name), name, wished) for name, wished in asking), key=_LOT)
    names = [name for _, name, _ in drawn]
    if len(set(names)) != len(names):
        raise ValueError("an applicant stands twice")
    number = {place: n for n, place in enumerate(sorted(places))}
    ranked: list[dict[Rank, list[int]]] = [{} for _ in number]
    first: list[int] = []  # the number of each child's dearest wish
    whose: list[int] = []
    where: list[int] = []
    for child, (_, name, wished) in enumerate(drawn):
        first.append(len(where))
        for wish, (place, rank) in enumerate(wished, len(where)):
            if (at := number.get(place)) is None:
                raise ValueError(f"{name} wishes for {place}, which is not there")
            where.append(at)
            ranked[at].setdefault(tuple(rank), []).append(wish)
        if len(set(where[first[-1] :])) != len(wished):
            raise ValueError(f"{name} wishes for one place twice")
        whose += [child] * len(wished)
    whose.append(-1)
    lines = [[wish for rank in sorted(those) for wish in those[rank]] for those in ranked]
    turn = [0] * len(where)
    for line in lines:
        for n, wish in enumerate(line):
            turn[wish] = n
    rooms = [places[place] for place in number]
    held: list[list[int]] = [[] for _ in number]  # turns in the line
    asks = [wish for child, wish in enumerate(first) if whose[wish] == child]
    while asks:
        for wish in asks:
            held[where[wish]].append(turn[wish])
        crowded = {where[wish] for wish in asks}
        asks = []
        for at in crowded:
            held[at].sort()
            for n in held[at][rooms[at] :]:  # the farthest ask on
                wish = lines[at][n]
                if whose[wish + 1] == whose[wish]:
                    asks.append(wish + 1)
            del held[at][rooms[at] :]
    placed = {
        names[whose[line[n]]]: place
        for place, line, those in zip(number, lines, held, strict=True)
        for n in those
    }
    told = {
        place: [names[whose[wish]] for wish in line]
        for place, line in zip(number, lines, strict=True)
    }
    return Outcome(placed, told)


# ── bytes that are published ─────────────────────────────────────────────────
def canonical(value: Any) -> bytes:
    """The one spelling of what is published: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def inputs(draw: str, places: Mapping[str, int], applicants: Iterable[Applicant]) -> bytes:
    """Everything a draw begins with but its seed."""
    return canonical(
        {
            "schema": INPUTS,
            "draw": draw,
            "places": sorted([place, number] for place, number in places.items()),
            "applicants": [
                [one.id, [[wish.place, list(wish.rank)] for wish in one.wishes]]
                for one in sorted(applicants, key=lambda one: one.id)
            ],
        }
    )


def read_inputs(content: bytes) -> tuple[dict[str, int], list[Asking]]:
    """Places and whoever asks for them back from published bytes.

    Raises:
        ValueError: not such bytes.
    """
    found = json.loads(content)
    if found.get("schema") != INPUTS:
        raise ValueError("not the inputs of a draw")
    return dict(found["places"]), found["applicants"]


def result(inputs_: bytes, seed: str, outcome: Outcome) -> bytes:
    """What a draw came to."""
    return canonical(
        {
            "schema": RESULT,
            "inputs_sha256": hashlib.sha256(inputs_).hexdigest(),
            "seed": seed,
            "placed": sorted([name, place] for name, place in outcome.placed.items()),
            "lines": sorted([place, list(line)] for place, line in outcome.lines.items()),
        }
    )


def draw(inputs_: bytes, secret: str, public_value: str) -> bytes:
    """The whole draw: published inputs, the secret and the public value in, the result out."""
    seed = seed_of(secret, public_value)
    with _uncollected():
        return result(inputs_, seed, _allocate(*read_inputs(inputs_), seed))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """A million small lists and no ring among them: looking for rings took half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
