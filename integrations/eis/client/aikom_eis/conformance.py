"""The test programme, gone through by this client: `python -m aikom_eis.conformance ADDRESS KEY`.

An integration of your own does the same by its own code; this one shows what each task asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from aikom_eis.client import Aikom, Row
from aikom_eis.copy import RESOURCES, Copy
from aikom_eis.errors import Conflict, KeyRefused, NotFound

Answer = dict[str, Any]


class Programme:
    """One passage. `solve` may be replaced task by task: `answers[code] = function(given)`."""

    def __init__(self, api: Aikom):
        self.api = api
        self.copy = Copy(api)
        self.answers: dict[str, Callable[[Row], Answer]] = {
            "read": self.read,
            "unicode": self.names,
            "delta": self.delta,
            "moves": self.moves,
            "limit": self.limit,
            "foreign": self.foreign,
            "stopped": self.stopped,
            "dictionary": self.dictionary,
            "write": lambda given: self.write(given, "shift"),
            "overtaken": lambda given: self.write(given, "profile"),
            "lost": lambda given: self.write(given, "capacity"),
            "mistakes": self.mistakes,
            "load": self.load,
        }

    def go(self) -> Iterator[Row]:
        """Begin, carry out and hand in every task; each as it was judged."""
        run = self._ask("programme", method="POST")
        for task in run["tasks"]:
            if task["state"] == "SKIPPED":
                yield task
                continue
            begun = self._ask(f"tasks/{task['code']}/begin", method="POST")
            answer = self.answers[task["code"]](begun["given"])
            yield self._ask(f"tasks/{task['code']}/done", method="POST", json=answer)

    def _ask(self, path: str, **how: Any) -> Row:
        method = how.pop("method")
        row: Row = self.api.call(method, f"{self.api.address}/api/sandbox/{path}", **how).json()
        return row

    # ── reading ──────────────────────────────────────────────────────────────
    def read(self, given: Row) -> Answer:
        """A copy of the whole school; the cursor is taken before."""
        self.copy.read()
        return {"counts": {name: len(self.copy.rows.get(name, {})) for name in RESOURCES}}

    def names(self, given: Row) -> Answer:
        """Names as they were read."""
        return {"names": {one: _name(self.api.pupil(one)) for one in given["pupils"]}}

    def delta(self, given: Row) -> Answer:
        """What the feed told of pupils."""
        changed: set[str] = set()
        gone: set[str] = set()
        for change in self.copy.follow():
            if change["resource"] == "pupils":
                left = change["op"] in {"delete", "leave", "merge"}
                (gone if left else changed).add(change["id"])
        return {"changed": sorted(changed), "gone": sorted(gone)}

    def moves(self, given: Row) -> Answer:
        """Where pupils are after the feed was followed."""
        list(self.copy.follow())
        pupils = self.copy.rows["pupils"]
        return {"classes": {one: pupils[one]["class_id"] for one in given["pupils"]}}

    def limit(self, given: Row) -> Answer:
        """A page; the client waits as it is told."""
        self.api.call("GET", given["path"])
        return {}

    def foreign(self, given: Row) -> Answer:
        """A pupil of another school is not there."""
        try:
            self.api.pupil(given["pupil"])
        except NotFound:
            return {"found": False}
        return {"found": True}

    def stopped(self, given: Row) -> Answer:
        """Pages by another key until it is refused; not once more."""
        with self.api.with_key(given["key"]) as other:
            try:
                for _ in other.rows("classes", limit=1):
                    pass
            except KeyRefused:
                return {"stopped": True}
        return {"stopped": False}

    def dictionary(self, given: Row) -> Answer:
        """Codes that the dictionary lacks."""
        known = {row["code"] for row in self.api.dictionary(given["dictionary"])}
        return {"unknown": [one for one in given["codes"] if one not in known]}

    # ── writing ──────────────────────────────────────────────────────────────
    def write(self, given: Row, field: str) -> Answer:
        """One field of a class; whoever was quicker is read again and left as it is."""
        path = f"classes/{given['class']}"
        while True:
            version = self.api.call("GET", path, params={"fields": "version"}).json()["version"]
            try:
                self.api.change(path, version, {field: given[field]})
            except Conflict:
                continue
            return {}

    def mistakes(self, given: Row) -> Answer:
        """Rows are tried first; only those that will be taken are sent."""
        tried = self.api.put("classes", given["items"], dry_run=True)
        refused = [one["row"] for one in tried["items"] if one["result"] == "refused"]
        good = [row for number, row in enumerate(given["items"]) if number not in refused]
        self.api.put("classes", good)
        return {"refused": refused}

    def load(self, given: Row) -> Answer:
        """All rows at once."""
        self.api.put("classes", given["items"])
        return {"classes": sum(1 for _ in self.api.classes())}


def _name(row: Row) -> str:
    parts = (row["surname"], row["given_name"], row["patronymic"])
    return " ".join(part for part in parts if part)


def main(address: str, key: str) -> int:
    """Go through the programme and print each verdict. 0 when all of it was passed."""
    failed = 0
    with Aikom(address, key) as api:
        for task in Programme(api).go():
            failed += task["state"] == "FAILED"
            sys.stdout.write(f"{task['state']:8} {task['title']}\n")
            for line in task["evidence"]:
                sys.stdout.write(f"         {line}\n")
    sys.stdout.write("Програму пройдено.\n" if not failed else f"Не виконано: {failed}.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
