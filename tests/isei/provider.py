"""The demo's provider with the troubles a real one has: silence, slowness, rubbish, excess."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from typing import Any

from integrations.isei.demo.provider import Answer, Provider, told
from signatures.certificates import Certificate
from tests.kit.waiting import LONG

Trouble = Callable[[dict[str, str]], Answer]
_ended = threading.Event()


class TroubledProvider(Provider):
    """`troubles["/get-user-info"] = silent` makes one address misbehave; `asked` is what came."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.troubles: dict[str, Trouble] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.logged_out = threading.Event()
        self.reseal: Callable[[dict[str, str], Certificate], bytes] | None = None

    def start(self) -> None:
        _ended.clear()
        super().start()

    def close(self) -> None:
        _ended.set()
        super().close()

    def answer(self, method: str, path: str, question: dict[str, str]) -> Answer:
        self.asked.append((method, path, question))
        trouble = self.troubles.get(path)
        answer = trouble(question) if trouble else super().answer(method, path, question)
        if path == "/get-user-logout":
            self.logged_out.set()
        return answer

    def seal(self, fields: dict[str, str], recipient: Certificate) -> str:
        if self.reseal is None:
            return super().seal(fields, recipient)
        return base64.b64encode(self.reseal(fields, recipient)).decode()

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


def slow(question: dict[str, str]) -> Answer:
    """Longer than anybody waits here: until the provider ends."""
    _ended.wait(LONG)
    return told(200)


def rubbish(question: dict[str, str]) -> Answer:
    return Answer(200, b"<html>\xff\xfe 502</html>", "text/html")


def nested(question: dict[str, str]) -> Answer:
    return Answer(200, b"[" * 100_000)


def a_list(question: dict[str, str]) -> Answer:
    return Answer(200, b'["access_token"]')


def oversized(question: dict[str, str]) -> Answer:
    return Answer(200, json.dumps({"access_token": "x" * 600_000}).encode())


def broken_down(question: dict[str, str]) -> Answer:
    return Answer(500, b"{}")


def elsewhere(question: dict[str, str]) -> Answer:
    """A redirect: nobody follows it."""
    return Answer(302, location="http://127.0.0.1:1/")


def nothing_known(question: dict[str, str]) -> Answer:
    return told(200, error=2, message="Сесію користувача не знайдено")
