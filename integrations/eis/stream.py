"""Waiting for changes: a long poll and server-sent events, in an asynchronous process of its own.

A waiting consumer is a coroutine and a socket: no worker of the web server, no thread and no connection
of the database is held for it. What it is answered is asked of the very view of `GET /changes`
(`integrations.eis.api.changes`), in a few threads; so right, throttle, ledger and refusals are those of
every call. `NOTIFY aikom_feed` wakes whoever waits for a school, for new items and for a right that ended.

    GET /api/v1/changes/wait?cursor=…&wait=25    answers as /changes, once there is something to say
    GET /api/v1/changes/stream?cursor=…          server-sent events; `id:` is the cursor (Last-Event-ID)
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import psycopg
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections, connection, connections
from django.http import HttpResponse

from integrations.eis.api.changes import ChangesView
from integrations.eis.bell import CHANNEL

WAIT, LONGEST_WAIT = 25.0, 60.0  # seconds of a long poll: when nothing is said, and at most
BEAT = 20.0  # seconds between two signs of life in a stream
RECHECK = 3  # beats after which a stream's right is asked though nothing woke it (a day may have ended it)
THREADS = 4
log = logging.getLogger(__name__)
Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclasses.dataclass(slots=True)
class Answer:
    """What the view answered, without the request it holds on to: thousands of these wait."""

    status: int
    body: bytes
    headers: dict[str, str]
    school: int | None = None  # None: refused
    count: int = 1
    next: str = ""
    more: bool = False


class Bell:
    """Wakes who waits for a school. One connection of the database for all of them."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = {}

    @contextlib.contextmanager
    def listening(self, institution_id: int) -> Any:
        """An event that is set when the school's feed moves; begin before reading, so that nothing
        falls between the reading and the waiting."""
        event = asyncio.Event()
        self._waiting.setdefault(institution_id, set()).add(event)
        try:
            yield event
        finally:
            left = self._waiting[institution_id]
            left.discard(event)
            if not left:
                del self._waiting[institution_id]

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def ring(self, told: str) -> None:
        """Wake those of one school, or everybody («*»)."""
        schools: Iterable[int] = (
            list(self._waiting) if told == "*" else [int(told)] if told.isdigit() else []
        )
        for school in schools:
            for event in self._waiting.get(school, ()):
                event.set()

    async def run(self) -> None:
        """Listen for ever; after a lost connection everybody looks again, for what was not heard."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **_address(), autocommit=True
                ) as db:
                    await db.execute(f"LISTEN {CHANNEL}")
                    self.ring("*")
                    async for one in db.notifies():
                        self.ring(one.payload)
            except psycopg.Error as trouble:
                log.warning("feed: not listening: %s", trouble)
            await asyncio.sleep(1)


def _address() -> dict[str, Any]:
    """The database as Django reaches it, without what only Django's own connections take."""
    taken = {"dbname", "user", "password", "host", "port", "sslmode", "service"}
    params = connection.get_connection_params()
    return {name: value for name, value in params.items() if name in taken and value}


class Feed:
    """The ASGI application."""

    def __init__(self) -> None:
        self.bell = Bell()
        self._connections: list[Any] = []
        self._pool = ThreadPoolExecutor(
            THREADS,
            thread_name_prefix="feed",
            initializer=lambda: self._connections.append(connections["default"]),
        )
        self._view = ChangesView.as_view()
        self._listener: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self.bell.run())
        if scope["type"] != "http":
            return
        path = scope["path"].rstrip("/")
        if path == "/api/v1/changes/wait":
            await self._poll(scope, send)
        elif path == "/api/v1/changes/stream":
            await self._stream(scope, receive, send)
        elif path == "/healthz":
            await _answer(send, 200, b'{"status":"ok"}')
        else:
            problem = {"type": "/problems/not_found", "title": "Нічого не знайдено", "status": 404}
            await _answer(
                send, 404, orjson.dumps(problem), {"Content-Type": "application/problem+json"}
            )

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            what = (await receive())["type"]
            await send({"type": f"{what}.complete"})
            if what == "lifespan.shutdown":
                await self.stop()
                self.close()
                return

    async def stop(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    def close(self) -> None:
        """Let the threads and their connections go."""
        self._pool.shutdown()
        for one in self._connections:
            one.inc_thread_sharing()
            one.close()

    async def ask(self, scope: Scope, query: dict[str, str]) -> Answer:
        """The answer of `GET /changes` to this caller, from a thread."""
        asked = {**scope, "path": "/api/v1/changes", "query_string": urlencode(query).encode()}
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._call, asked)

    def _call(self, scope: Scope) -> Answer:
        close_old_connections()
        try:
            response: HttpResponse = self._view(ASGIRequest(scope, io.BytesIO()))
            if hasattr(response, "render"):
                response.render()
            told = Answer(response.status_code, response.content, dict(response.items()))
            if hasattr(response, "school"):
                told.school, told.count = response.school, response.count  # type: ignore[attr-defined]
                told.next, told.more = str(response.next), response.more  # type: ignore[attr-defined]
            return told
        finally:
            close_old_connections()

    async def _poll(self, scope: Scope, send: Send) -> None:
        query = _query(scope)
        said = query.pop("wait", "")
        patience = min(float(said), LONGEST_WAIT) if said.isdigit() and len(said) < 4 else WAIT
        until = asyncio.get_running_loop().time() + patience
        response = await self.ask(scope, query)
        school = response.school
        if school is not None and not response.count:
            with self.bell.listening(school) as event:
                while True:
                    response = await self.ask(scope, query)
                    if response.count:
                        break
                    if not await _until(event, until):
                        break
        await _answer(send, response.status, response.body, response.headers)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = _query(scope)
        if last := _header(scope, b"last-event-id"):
            query["cursor"] = last
        first = await self.ask(scope, query)
        school = first.school
        if school is None:
            await _answer(send, first.status, first.body, first.headers)
            return
        gone = asyncio.create_task(_left(receive))
        with self.bell.listening(school) as event:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [
                        (b"content-type", b"text/event-stream; charset=utf-8"),
                        (b"cache-control", b"no-store"),
                        (b"x-accel-buffering", b"no"),
                    ],
                }
            )
            try:
                async for part in self._parts(scope, query, first, event, gone):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _parts(
        self,
        scope: Scope,
        query: dict[str, str],
        response: Answer,
        event: asyncio.Event,
        gone: asyncio.Task[None],
    ) -> AsyncIterator[bytes]:
        """Events of a stream, until the caller leaves or the right ends; a page is read again after
        the event began to listen, so the first may come twice in no case and be missed in none."""
        beats = 0
        while not gone.done():
            if response.school is None:
                yield b"event: end\ndata: " + response.body + b"\n\n"
                return
            query["cursor"] = response.next
            if response.count:
                place = response.next.encode()
                yield b"id: " + place + b"\nevent: changes\ndata: " + response.body + b"\n\n"
            response.body, response.headers = b"", {}
            if not response.more:
                loop = asyncio.get_running_loop()
                while not await _until(event, loop.time() + BEAT, gone):
                    if gone.done():
                        return
                    beats += 1
                    yield b": \n\n"
                    if beats % RECHECK == 0:
                        break
                event.clear()
            response = await self.ask(scope, query)


async def _until(
    event: asyncio.Event, until: float, gone: asyncio.Task[None] | None = None
) -> bool:
    """Whether the event came before the time (of the loop) or before the caller left; it is cleared."""
    left = until - asyncio.get_running_loop().time()
    ring = asyncio.ensure_future(event.wait())
    waits: set[asyncio.Future[Any]] = {ring} | ({gone} if gone is not None else set())
    try:
        await asyncio.wait(waits, timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ring.cancel()
    rang = event.is_set()
    event.clear()
    return rang


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _query(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _answer(
    send: Send, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    told = {"Content-Type": "application/json", **(headers or {})}
    told["Content-Length"] = str(len(body))
    pairs = [(key.lower().encode(), value.encode("latin-1")) for key, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
