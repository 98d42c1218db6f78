"""The engine of places alone: vectors of handbook-modules §2, what must hold whoever applies, and the
program for anybody that comes to the same without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.admission import allocation, verify_draw
from registry.admission.allocation import Applicant, Wish, allocate

SEED = "AIKOM-2027-KG-0001"


def applicant(name: str, wishes: str, first: str = "") -> Applicant:
    return Applicant(
        name, tuple(Wish(p, (1 if p in first.split() else 2,)) for p in wishes.split())
    )


def test_the_round_of_the_handbook():
    children = [
        applicant("A", "K1 K2 K3", first="K2"),
        applicant("B", "K1 K2 K3"),
        applicant("C", "K2 K1 K3", first="K1"),
        applicant("D", "K1 K3 K2"),
        applicant("E", "K2 K1"),
        applicant("F", "K1 K2"),
    ]
    outcome = allocate({"K1": 2, "K2": 1, "K3": 2}, children, SEED)
    assert outcome.placed == {"A": "K2", "B": "K3", "C": "K1", "D": "K1"}


def test_the_queue_of_the_handbook():
    ranks = {
        "Q1": (0, 6, "2025-03-01 09:00"),
        "Q2": (0, 1, "2026-09-10"),
        "Q3": (1, 2, "2024-01-05"),
        "Q4": (0, 6, "2025-03-01 09:00"),
        "Q5": (0, 99, "2024-02-02"),
        "Q6": (0, 8, "2025-06-01"),
        "Q7": (1, 99, "2023-12-01"),
        "Q8": (0, 5, "2026-11-20"),
    }
    children = [Applicant(name, (Wish("K", rank),)) for name, rank in ranks.items()]
    assert allocate({"K": 0}, children, SEED).lines["K"] == [
        "Q2",
        "Q8",
        "Q1",
        "Q4",
        "Q6",
        "Q5",
        "Q3",
        "Q7",
    ]


@pytest.mark.parametrize(
    ("places", "children"),
    [
        ({"K": -1}, []),
        ({"K": 1}, [applicant("A", "K"), applicant("A", "K")]),
        ({"K": 1}, [applicant("A", "K K")]),
        ({"K": 1}, [applicant("A", "L")]),
    ],
)
def test_what_makes_no_sense_is_refused(places, children):
    with pytest.raises(ValueError, match=r"is negative|twice|not there"):
        allocate(places, children, SEED)


@st.composite
def rounds(draw):
    places = {f"K{n}": draw(st.integers(0, 3)) for n in range(draw(st.integers(1, 4)))}
    children = []
    for number in range(draw(st.integers(0, 9))):
        asked = draw(st.lists(st.sampled_from(sorted(places)), unique=True, max_size=4))
        wishes = tuple(Wish(place, (draw(st.integers(0, 2)),)) for place in asked)
        children.append(Applicant(f"2027-{number:07d}", wishes))
    return places, children, draw(st.text("0123456789abcdef", min_size=1, max_size=8))


@given(rounds(), st.randoms())
def test_places_are_just_whoever_applies(round_, random):
    places, children, seed = round_
    outcome = allocate(places, children, seed)
    turn = {(n, p): i for p, line in outcome.lines.items() for i, n in enumerate(line)}
    got: dict[str, list[str]] = {place: [] for place in places}
    for name, place in outcome.placed.items():  # one child, one place: a mapping by child
        got[place].append(name)
    assert all(len(names) <= places[place] for place, names in got.items())
    ranks = {(one.id, wish.place): wish.rank for one in children for wish in one.wishes}
    for place, line in outcome.lines.items():  # nobody of a lower priority before a higher one
        assert [ranks[name, place] for name in line] == sorted(ranks[name, place] for name in line)
    for one in children:
        for (
            wish
        ) in one.wishes:  # in order: each place dearer than the one got is full of nearer ones
            if outcome.placed.get(one.id) == wish.place:
                break
            taken = got[wish.place]
            assert len(taken) == places[wish.place]
            assert all(turn[name, wish.place] < turn[one.id, wish.place] for name in taken)
    mixed = list(children)
    random.shuffle(mixed)
    bytes_ = allocation.inputs("d", places, children)
    assert allocation.inputs("d", dict(reversed(places.items())), mixed) == bytes_
    assert allocation.result(bytes_, seed, allocate(places, mixed, seed)) == allocation.result(
        bytes_, seed, outcome
    )
    assert verify_draw.recompute(json.loads(bytes_), seed) == (
        sorted([name, place] for name, place in outcome.placed.items()),
        sorted([place, list(line)] for place, line in outcome.lines.items()),
    )


@given(rounds())
def test_one_more_at_the_end_of_the_line_changes_nobody_above(round_):
    places, children, seed = round_
    last = Applicant("2027-9999999", tuple(Wish(place, (9,)) for place in sorted(places)))
    before, after = allocate(places, children, seed), allocate(places, [*children, last], seed)
    assert {k: v for k, v in after.placed.items() if k != last.id} == before.placed
    assert {place: line[:-1] for place, line in after.lines.items()} == before.lines


@given(rounds(), st.data())
def test_a_wish_kept_back_or_moved_never_helps(round_, data):
    """Honest wishes are safe: no other order of them gets the child a place it wants more."""
    places, children, seed = round_
    if not children:
        return
    child = data.draw(st.sampled_from(children))
    told = data.draw(st.permutations(child.wishes))[: data.draw(st.integers(0, 4))]
    others = [one for one in children if one.id != child.id]
    honest = allocate(places, children, seed).placed.get(child.id)
    lying = allocate(places, [*others, Applicant(child.id, tuple(told))], seed).placed.get(child.id)
    order = [wish.place for wish in child.wishes] + [None]
    assert order.index(honest) <= order.index(lying)


def test_the_program_for_anybody_needs_nothing_of_ours(tmp_path: Path):
    inputs = allocation.inputs(
        "d", {"K1": 1, "K2": 1}, [applicant(f"2027-{n}", "K1 K2") for n in range(4)]
    )
    result = allocation.draw(inputs, "secret", "48.1234")
    protocol = {
        "secret": "secret",
        "secret_sha256": allocation.commitment("secret"),
        "public_value": "48.1234",
        "seed": allocation.seed_of("secret", "48.1234"),
        "inputs_sha256": verify_draw.sha256(inputs),
        "result_sha256": verify_draw.sha256(result),
    }

    def run(protocol: dict[str, str], inputs: bytes, result: bytes) -> subprocess.CompletedProcess:
        names = {"protocol.json": json.dumps(protocol).encode(), "in": inputs, "out": result}
        for name, content in names.items():
            (tmp_path / name).write_bytes(content)
        return subprocess.run(
            [sys.executable, "-I", verify_draw.__file__, *names],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    told = run(protocol, inputs, result)
    assert (told.returncode, told.stdout) == (0, "RIGHT: the draw comes to the same\n")
    swapped = json.loads(result)
    swapped["placed"][0][0] = "2027-9"
    for bad in (
        (protocol | {"secret": "another"}, inputs, result),
        (protocol | {"public_value": "48.1235"}, inputs, result),
        (protocol, inputs.replace(b'["K1",1]', b'["K1",2]'), result),
        (protocol, inputs, allocation.canonical(swapped)),
    ):
        told = run(*bad)
        assert (told.returncode, told.stdout[:5]) == (1, "WRONG")
