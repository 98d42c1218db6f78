"""Reading: a resource is declared, its page and its one row are answered here.

Keyset pages, `fields`, ETag and If-None-Match, 308 to what replaced a row, 410 for a closed one;
absent and another's read the same (404).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions as drf
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.http import throttle
from integrations.http.ledger import Call
from integrations.http.parameters import LIMIT, PAGE_SIZE, after
from integrations.http.principal import actor_of
from integrations.http.problems import Gone
from integrations.http.schema import ApiSchema
from kernel import parameters, projections
from kernel.db import writes_allowed
from kernel.errors import NotFound
from kernel.parameters import Parameter
from kernel.projections import Projection

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="ETag, який ви вже маєте: якщо запис не змінився, відповідь 304 без тіла",
)


@dataclasses.dataclass(frozen=True, eq=False)
class Resource:
    """A projection as one API shows it.

    `default`: the fields of an answer that asks for none. `looks`: the subject type of rows that
    are personal data; each look is noted. `filters`: parameters named as the projection's filters.
    """

    projection: Projection
    default: tuple[str, ...]
    looks: str = ""
    filters: tuple[Parameter, ...] = ()

    @functools.cached_property
    def fields(self) -> Parameter:
        """The parameter that chooses fields."""
        known = ", ".join(self.projection.fields)
        return parameters.choice(
            "fields", f"Які поля потрібні, через кому; є: {known}", self.projection.fields
        )

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What a list of this resource takes."""
        return (after(self.projection), PAGE_SIZE, *self.filters, self.fields)


class _Json(DefaultContentNegotiation):
    """Who accepts anything, as nearly all do, gets the first without a search for it."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        accepted = request.META.get("HTTP_ACCEPT", "*/*")
        if accepted != "*/*" or format_suffix or "format" in request.query_params:
            return super().select_renderer(request, renderers, format_suffix)
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """One address of an API: knows its parameters, and notes the call whatever came of it.

    `known`: the parameters of each method that it has; they are read, and published, from here.
    """

    known: Mapping[str, tuple[Parameter, ...]]
    call: Call
    limits: Sequence[throttle.Used] = ()
    schema = ApiSchema()
    content_negotiation_class = _Json

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.limits = []
        self.call = Call(self.dataset_name(), str(request.method), request.get_full_path())
        super().initial(request, *args, **kwargs)
        if str(request.method) not in {*self.known, "HEAD", "OPTIONS"}:
            raise drf.MethodNotAllowed(str(request.method))
        self.authorise(request)
        self.given = parameters.read(request.query_params, self.parameters_of(str(request.method)))

    def quotas(self, request: Request) -> Sequence[throttle.Quota]:
        """In which quotas a call is counted, the narrowest first."""
        raise NotImplementedError

    def dataset_name(self) -> str:
        """The word under which the ledger keeps calls of this address."""
        raise NotImplementedError

    def parameters_of(self, method: str) -> tuple[Parameter, ...]:
        """The parameters that this method of this address knows."""
        return self.known.get("GET" if method == "HEAD" else method, ())

    def authorise(self, request: Request) -> None:
        """Refuse who may not call this address."""
        raise NotImplementedError

    def note(self, principal: Any, call: Call) -> None:
        """Keep the call in the ledger of this API, and the looks with it."""
        raise NotImplementedError

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        whose = "з усіма ключами оператора" if len(self.limits) > 1 else "з одним ключем"
        raise drf.Throttled(wait, detail=f"Забагато запитів {whose}; повторіть пізніше.")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        principal = getattr(request, "_user", None)
        if principal is not None:
            self.call.status = response.status_code
            with writes_allowed():
                self.note(principal, self.call)
        response["Cache-Control"] = "no-store"
        for name, value in throttle.headers(self.limits).items():
            response[name] = value
        return response

    def shown(self, request: Request, resource: Resource) -> tuple[str, ...]:
        """The fields of this answer: those asked for, else those of this version."""
        asked: tuple[str, ...] = self.given.get("fields", resource.default)
        return asked

    def page(self, request: Request, resource: Resource) -> HttpResponse:
        """One page of a resource as the given parameters ask."""
        given = self.given
        page = projections.page(
            resource.projection,
            actor_of(request),
            fields=self.shown(request, resource),
            filters={one.name: given[one.name] for one in resource.filters if one.name in given},
            after=given.get("after"),
            limit=given.get("limit", LIMIT),
            with_ids=bool(resource.looks),
        )
        self.call.rows = page.count
        self.call.looks, self.call.seen = resource.looks, page.ids
        following = orjson.dumps(page.next).decode()
        return HttpResponse(
            f'{{"items":{page.body},"next":{following}}}', content_type="application/json"
        )

    def one(self, request: Request, resource: Resource, row_id: Any) -> HttpResponse:
        """One row of a resource, or where it went.

        Raises:
            NotFound: absent, or another's.
            Gone: closed, and nothing replaced it.
        """
        row = projections.one(
            resource.projection, actor_of(request), row_id, fields=self.shown(request, resource)
        )
        if row is None:
            raise NotFound
        if row.is_gone and row.successor is None:
            raise Gone
        if row.is_gone:
            response = HttpResponse(status=308)
            del response["Content-Type"]
            response["Location"] = request.get_full_path().replace(str(row_id), str(row.successor))
            return response
        response = HttpResponse(row.body, content_type="application/json")
        if row.version is not None:
            response["ETag"] = f'"{row.version}"'
            if request.headers.get("If-None-Match") == response["ETag"]:
                same = HttpResponse(status=304, headers={"ETag": response["ETag"]})
                del same["Content-Type"]
                return same
        self.call.rows = 1
        self.call.looks, self.call.seen = resource.looks, str(row.id) if resource.looks else ""
        return response
