"""Odd values of every query parameter of every address are answered, never crashed on (issue 8).

What the reader takes is what the parameter's schema describes.

Which parameters an address knows is seen by opening it: `kernel.parameters.read` is the one reader.
A value that the reader refuses goes no further, so each such value is tried against the reader, and
one by HTTP; a value that it lets pass is sent to the address itself.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import quote

import jsonschema_rs
import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel import parameters
from kernel.paging import BadCursor
from kernel.parameters import Parameter
from tests.architecture import sources
from tests.architecture.test_permission_matrix import ROWS
from tests.eis.test_api import grant
from tests.reports import generate
from tests.world import World, sign_in

ODD = [
    "²",
    "٣",
    "٣" * 8 + "-" + "٣" * 4 + "-0000-0000-" + "٣" * 12,
    "00000000-0000-0000-0000-000000000000",
    "9" * 10_000,
    "а" * 99,
    "[1,2]",
    '{"a":1}',
    "-1",
    "0",
    "99999999999999999999999999",
    "1.5",
    "1e9",
    "0x10",
    " ",
    "\t",
    "';--",
    "%",
    "_",
    "\\",
    "(",
    "<b>",
    "../../etc",
    "\u202e",
    "\ufffd",
    "\x1b[0m",
    "👩‍🏫",
    "TRUE",
    "null",
    "Male",
    "МОВА",
    "WzEsMl0",
    "bnVsbA",
]
# Reads `request.GET` itself, and why it may.
READERS = {
    "kernel/parameters.py": "the reader",
    "kernel/ui/listing.py": "addresses of a list from values that the view has read",
    "kernel/ui/context.py": "what stands in the search box, drawn escaped",
    "registry/tallies/lens.py": "gives the query back as it came, encoded, without the lens",
    "registry/drafts/portal/choosing.py": "gives the query back as it came, encoded",
}


@pytest.mark.house
def test_a_query_is_read_by_the_one_reader() -> None:
    found = {
        str(path)
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "GET"
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    }
    assert found == set(READERS), "Say what the address knows: kernel.parameters.asked(request, …)"


def refused(parameter: Parameter, value: str) -> bool:
    """Whether the reader takes this value for none of the parameter's."""
    try:
        parameters.read(QueryDict(f"{parameter.name}={quote(value)}"), [parameter])
    except (parameters.BadParameter, BadCursor):
        return True
    return False


def described(parameter: Parameter, value: str) -> bool:
    """Whether what is published of the parameter lets this value pass."""
    kind = parameter.schema["type"]
    said: object = value
    if kind == "array":
        said = value.split(",")
    elif kind == "integer" and re.fullmatch("-?[0-9]{1,30}", value):
        said = int(value)
    elif kind == "boolean":
        said = {"true": True, "false": False}.get(value, value)
    return jsonschema_rs.is_valid(parameter.schema, said, validate_formats=True)


@pytest.mark.django_db
def test_an_odd_value_of_any_parameter_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    key = grant(world, system, datasets=["institution", "classes", "pupils", "staff"]).secret
    run = generate(world, "bohdan", "chernivtsi")
    there = {f"report_{name}": {"run_id": run.pk} for name in ("run", "cell", "xlsx")}
    known: dict[str, Parameter] = {}
    read: Callable[..., dict[str, object]] = parameters.read

    def noting(query: QueryDict, asked: tuple[Parameter, ...], **how: bool) -> dict[str, object]:
        known.update({parameter.name: parameter for parameter in asked})
        return read(query, asked, **how)

    monkeypatch.setattr(parameters, "read", noting)
    tried: dict[str, int] = defaultdict(int)
    told: list[str] = []
    nothing_done = transaction.savepoint()
    for name, row in sorted(ROWS.items()):
        transaction.savepoint_rollback(nothing_done)  # what another row made for itself is gone
        nothing_done = transaction.savepoint()
        if row.token:
            continue
        arguments = there.get(name) or (row.args(world) if row.args else {})
        address = reverse(name, kwargs=arguments)
        client = Client(raise_request_exception=False)
        opens = (
            [who for who, met in row.expected().items() if met == "opens"] if not row.api else []
        )
        sign_in(client, world.grants["bohdan" if "bohdan" in opens else (opens or ["olena"])[0]])
        headers = {"Authorization": f"Bearer {key}"} if row.api else {}
        ask = client.post if row.method == "POST" else client.get
        known.clear()
        # A health check says 503 where no broker runs, whatever it is asked.
        bare = ask(address + row.query, headers=headers).status_code
        for parameter in list(known.values()):
            told += [
                f"{name}?{parameter.name}={value[:80]}: read unlike described"
                for value in ODD
                if refused(parameter, value) == described(parameter, value)
            ]
            passed = [value for value in ODD if not refused(parameter, value)]
            wrong = next(value for value in ODD if value not in passed)
            tried[name] += 1
            # What is no number of any script may come in one text, where a text is taken.
            texts = [value for value in passed if not value.strip("-.").replace(".", "").isdigit()]
            if not refused(parameter, " ".join(texts)):
                passed = [value for value in passed if value not in texts] + [" ".join(texts)]
            for query, expected in [
                *((f"{parameter.name}={quote(value)}", None) for value in passed),
                (f"{parameter.name}={quote(wrong)}", 400),
                (f"{parameter.name}=1&{parameter.name}=2", 400),
            ]:
                met = ask(f"{address}?{query}", headers=headers).status_code
                if (met >= 500 and met != bare) or (expected and met not in {expected, 403, 404}):
                    told.append(f"{name}?{query[:80]}: {met}")
    assert {"pupil_list", "report_cell", "api_pupils", "users", "search", "draft_detail"} <= set(
        tried
    )
    assert sum(tried.values()) > 60
    assert not told, "\n".join(told)
