"""One school by one key: calls with retries, pages, conditional reads, idempotent writes."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any

import httpx

from aikom_eis import errors

Row = dict[str, Any]
RETRIED = {429, 502, 503, 504}
LONGEST_PAUSE = 60.0  # seconds


class Aikom:
    """The API as one key opens it.

    retries: how often a call is tried again after 429, 503 or a lost connection; the pause is what
    `Retry-After` says, else it doubles. A write is repeated under its own `Idempotency-Key`, so it is
    done once. `sleep` and `transport` are for tests.
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout: float = 30.0,
        retries: int = 5,
        feed_address: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=timeout,
            follow_redirects=True,
            transport=transport,
        )
        self._how: dict[str, Any] = {
            "timeout": timeout, "retries": retries, "feed_address": feed_address,
            "transport": transport, "sleep": sleep,
        }  # fmt: skip
        self.address = address.rstrip("/")
        self._feed = f"{(feed_address or address).rstrip('/')}/api/v1/"
        self._retries, self._sleep = retries, sleep

    def __enter__(self) -> Aikom:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def with_key(self, key: str) -> Aikom:
        """The same API by another key."""
        return Aikom(self.address, key, **self._how)

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    # ── reading ──────────────────────────────────────────────────────────────
    def institution(self) -> Row:
        """The school whose head gave the key."""
        return self._row("institution")

    def classes(self, *, school_year: str | None = None, **how: Any) -> Iterator[Row]:
        """Classes."""
        return self.rows("classes", school_year=school_year, **how)

    def groups(self, *, class_id: str | None = None, **how: Any) -> Iterator[Row]:
        """Groups into which classes are split."""
        return self.rows("groups", **how, **_named(class_id=class_id))

    def pupils(
        self, *, class_id: str | None = None, group_id: str | None = None, **how: Any
    ) -> Iterator[Row]:
        """Pupils in the Ukrainian order."""
        return self.rows("pupils", **how, **_named(class_id=class_id, group_id=group_id))

    def pupil(self, pupil_id: str) -> Row:
        """One pupil; of a merged profile the one that stands for it."""
        return self._row(f"pupils/{pupil_id}")

    def staff(self, **how: Any) -> Iterator[Row]:
        """Posts with those who hold them."""
        return self.rows("staff", **how)

    def load(self, **how: Any) -> Iterator[Row]:
        """What the staff teach."""
        return self.rows("load", **how)

    def enrolments(self, **how: Any) -> Iterator[Row]:
        """Who came and who left."""
        return self.rows("enrolments", **how)

    def absences(self, *, state: str | None = None, **how: Any) -> Iterator[Row]:
        """Pupils absent ten working days in a row, and what is done about them."""
        return self.rows("absences", state=state, **how)

    def dictionary(self, name: str) -> list[Row]:
        """Codes of a dictionary with their names."""
        return list(self._row(f"dictionaries/{name}")["items"])

    def rows(
        self, resource: str, *, fields: Iterable[str] = (), limit: int = 500, **filters: Any
    ) -> Iterator[Row]:
        """Every row of a resource, page by page."""
        query = {name: value for name, value in filters.items() if value is not None}
        if chosen := ",".join(fields):
            query["fields"] = chosen
        after: str | None = None
        while True:
            page = self.call(
                "GET",
                resource,
                params=query | {"limit": limit} | ({"after": after} if after else {}),
            ).json()
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def changed_since(self, path: str, etag: str) -> tuple[Row, str] | None:
        """A row and its ETag, or None when it is still the one of this ETag."""
        answer = self.call("GET", path, headers={"If-None-Match": etag})
        return (
            None if answer.status_code == 304 else (answer.json(), answer.headers.get("ETag", ""))
        )

    def _row(self, path: str) -> Row:
        row: Row = self.call("GET", path).json()
        return row

    # ── writing ──────────────────────────────────────────────────────────────
    def change(self, path: str, version: int, values: Row) -> Row:
        """Change one class or group (`classes/<id>`) as it was read with this version."""
        answer = self.call("PATCH", path, json=values, headers={"If-Match": f'"{version}"'})
        row: Row = answer.json()
        return row

    def put(self, resource: str, rows: list[Row], *, dry_run: bool = False) -> Row:
        """Many rows at once (`classes`, `groups`): an outcome for each."""
        params = {"dry_run": "true"} if dry_run else {}
        outcome: Row = self.call(
            "POST", f"{resource}:bulk", json={"items": rows}, params=params
        ).json()
        return outcome

    # ── the feed ─────────────────────────────────────────────────────────────
    def start(self, consumer: str | None = None) -> str:
        """The cursor to take before a full read; what comes after it is told by `changes`."""
        params = {"consumer": consumer} if consumer else {}
        return str(self.call("GET", "changes/start", params=params).json()["cursor"])

    def changes(
        self, cursor: str, *, consumer: str | None = None, wait: int = 0, limit: int = 500
    ) -> tuple[list[Row], str, bool]:
        """Changes after a cursor, the cursor behind them, and whether more are there already. With
        `wait` the answer waits for a change so many seconds."""
        params: dict[str, Any] = {"cursor": cursor, "limit": limit}
        if consumer:
            params["consumer"] = consumer
        path = "changes"
        if wait:
            params["wait"], path = wait, f"{self._feed}changes/wait"
        page = self.call("GET", path, params=params, timeout=wait + 30.0).json()
        return page["items"], page["next"], page["more"]

    def stream(self, cursor: str) -> Iterator[tuple[list[Row], str]]:
        """Changes as they come, by server-sent events, with the cursor behind each portion; ends with
        the error that ended it. A lost connection is taken up again from the last cursor.

        Raises:
            KeyRefused, NotGranted, CursorExpired: why nothing more comes.
        """
        while True:
            try:
                headers = {"Accept": "text/event-stream", "Last-Event-ID": cursor}
                with self._http.stream(
                    "GET", f"{self._feed}changes/stream", params={"cursor": cursor}, headers=headers
                ) as answer:
                    if answer.status_code != 200:
                        answer.read()
                        raise errors.of(answer.status_code, _problem(answer))
                    for kind, data in _events(answer.iter_lines()):
                        told = json.loads(data)
                        if kind == "end":
                            raise errors.of(int(told["status"]), told)
                        cursor = told["next"]
                        yield told["items"], cursor
            except httpx.TransportError:
                self._sleep(1.0)

    # ── a call ───────────────────────────────────────────────────────────────
    def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One call, tried again while it may help.

        Raises:
            AikomError: what the answer says, as its own class.
        """
        headers = dict(how.pop("headers", {}))
        # Whole addresses: joined to a base, «classes:bulk» would be read as a scheme.
        address = path if "://" in path else f"{self.address}/api/v1/{path}"
        if method not in {"GET", "HEAD"}:
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                answer = self._http.request(method, address, headers=headers, **how)
            except httpx.TransportError as lost:
                if last:
                    raise errors.Unavailable(
                        0, {"title": "No answer", "detail": str(lost)}
                    ) from lost
                self._sleep(_pause(attempt, ""))
                continue
            if answer.status_code in RETRIED and not last:
                self._sleep(_pause(attempt, answer.headers.get("Retry-After", "")))
                continue
            if answer.is_success or answer.status_code == 304:
                return answer
            raise errors.of(answer.status_code, _problem(answer))
        raise AssertionError("the last try either answers or raises")


def _named(**ids: str | None) -> dict[str, Any]:
    """Filters whose names of the API are words of Python: «class» for class_id."""
    return {name.removesuffix("_id"): value for name, value in ids.items()}


def _pause(attempt: int, told: str) -> float:
    if told.isdigit():
        return min(float(told), LONGEST_PAUSE)
    return min(2.0**attempt, LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {"title": answer.reason_phrase}
    return found if isinstance(found, dict) else {"title": answer.reason_phrase}


def _events(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Server-sent events: their kind and data; comments are signs of life."""
    kind = "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield kind, "\n".join(data)
            kind, data = "message", []
        elif line.startswith("event:"):
            kind = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
