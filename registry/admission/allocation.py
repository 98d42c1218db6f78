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

import dataclasses
import hashlib
import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Compared part by part; the smaller stands first: (0,) before (1,) before (1, "2027-06-20").
Rank = tuple[int | str, ...]

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
    wishes: dict[str, tuple[str, ...]] = {}
    asked: dict[str, list[tuple[Rank, str, str]]] = {place: [] for place in sorted(places)}
    if any(number < 0 for number in places.values()):
        raise ValueError("a number of places is negative")
    for one in applicants:
        if one.id in wishes:
            raise ValueError(f"{one.id} stands twice")
        wishes[one.id] = tuple(wish.place for wish in one.wishes)
        if len(set(wishes[one.id])) != len(one.wishes):
            raise ValueError(f"{one.id} wishes for one place twice")
        lot = ticket(seed, one.id)
        for wish in one.wishes:
            if wish.place not in asked:
                raise ValueError(f"{one.id} wishes for {wish.place}, which is not there")
            asked[wish.place].append((wish.rank, lot, one.id))
    lines = {place: [name for _, _, name in sorted(those)] for place, those in asked.items()}
    turn = {
        (name, place): number for place, line in lines.items() for number, name in enumerate(line)
    }
    held: dict[str, list[int]] = {place: [] for place in places}  # heaps, the farthest on top
    for first in sorted(wishes):
        name, next_wish = first, iter(wishes[first])
        waiting = {first: next_wish}
        while True:
            place = next(waiting[name], None)
            if place is None:
                break
            heapq.heappush(held[place], -turn[name, place])
            if len(held[place]) <= places[place]:
                break
            pushed = lines[place][-heapq.heappop(held[place])]
            if pushed != name:
                # It asks on from the wish after the place it lost.
                rest = wishes[pushed][wishes[pushed].index(place) + 1 :]
                waiting[pushed] = iter(rest)
                name = pushed
    placed = {lines[place][-number]: place for place, heap in held.items() for number in heap}
    return Outcome(dict(sorted(placed.items())), lines)


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


def read_inputs(content: bytes) -> tuple[dict[str, int], list[Applicant]]:
    """Places and applicants back from published bytes.

    Raises:
        ValueError: not such bytes.
    """
    found = json.loads(content)
    if found.get("schema") != INPUTS:
        raise ValueError("not the inputs of a draw")
    return dict(found["places"]), [
        Applicant(name, tuple(Wish(place, tuple(rank)) for place, rank in wishes))
        for name, wishes in found["applicants"]
    ]


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
    return result(inputs_, seed, allocate(*read_inputs(inputs_), seed))
