#!/usr/bin/env python3
"""Recompute a draw of АІКОМ: Python 3.8 or later, nothing else, no network.

    python verify_draw.py protocol.json inputs.json result.json

The three files are on the public page of the draw. Checked are: that the secret is the one whose
hash was published before; that inputs and result are those of the protocol; that the seed is made
of the secret and the public value; that the result is what the published rules give:

  seed       sha256("<secret>:<public value>"), hexadecimal
  ticket     sha256("<seed>:<number of the child>"), hexadecimal
  line       everybody who asked for a place, by rank (the smaller first), then by ticket
  places     each child asks for places in the order of its wishes; a full place keeps those who
             stand nearest in its line and turns the farthest away, who asks for the next wish
"""

import hashlib
import json
import pathlib
import sys


def sha256(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def recompute(inputs, seed):
    """Children's places and the lines, by the rules above and by no cleverer way."""
    places = dict(inputs["places"])
    wishes = {name: [place for place, _ in wished] for name, wished in inputs["applicants"]}
    rank = {(n, place): r for n, wished in inputs["applicants"] for place, r in wished}
    lot = {name: sha256(seed + ":" + name) for name in wishes}
    asked = {place: [] for place in places}
    for name, place in rank:
        asked[place].append(name)
    lines = {
        place: sorted(names, key=lambda n: (rank[n, place], lot[n], n))
        for place, names in asked.items()
    }
    stands = {(n, p): number for p, line in lines.items() for number, n in enumerate(line)}
    asking = dict.fromkeys(wishes, 0)  # which wish the child asks for now
    at = {place: [] for place in places}
    free = sorted(wishes)
    while free:
        turned_away = []
        for name in free:
            if asking[name] < len(wishes[name]):
                at[wishes[name][asking[name]]].append(name)
        for place, names in at.items():
            names.sort(key=lambda n: stands[n, place])
            turned_away += names[places[place] :]
            del names[places[place] :]
        for name in turned_away:
            asking[name] += 1
        free = turned_away
    placed = sorted([name, place] for place, names in at.items() for name in names)
    return placed, sorted([place, line] for place, line in lines.items())


def check(protocol, inputs_bytes, result_bytes):
    """What does not hold, in words; nothing when the draw is right."""
    inputs, result = json.loads(inputs_bytes), json.loads(result_bytes)
    wrong = []
    if sha256(protocol["secret"]) != protocol["secret_sha256"]:
        wrong.append("the secret is not the one whose hash was published")
    if sha256(inputs_bytes) != protocol["inputs_sha256"]:
        wrong.append("inputs.json is not the file of the protocol")
    if sha256(result_bytes) != protocol["result_sha256"]:
        wrong.append("result.json is not the file of the protocol")
    seed = sha256(protocol["secret"] + ":" + protocol["public_value"])
    if seed != protocol["seed"] or seed != result["seed"]:
        wrong.append("the seed is not made of the secret and the public value")
    placed, lines = recompute(inputs, seed)
    if result["placed"] != placed:
        wrong.append("places are given otherwise than the rules say")
    if result["lines"] != lines:
        wrong.append("the lines stand otherwise than the rules say")
    return wrong


def main(paths):
    if len(paths) != 3:
        sys.stdout.write(__doc__)
        return 2
    protocol, inputs_bytes, result_bytes = (pathlib.Path(path).read_bytes() for path in paths)
    wrong = check(json.loads(protocol), inputs_bytes, result_bytes)
    for one in wrong:
        sys.stdout.write("WRONG: " + one + "\n")
    if not wrong:
        sys.stdout.write("RIGHT: the draw comes to the same\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
