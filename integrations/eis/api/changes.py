"""/api/v1/changes: what a copy of a school's data must do to be what a full read gives."""

from __future__ import annotations

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from integrations.eis import errors, feed
from integrations.eis.api import resources, schemas
from integrations.eis.api.views import KeyedView, refusals
from integrations.eis.selectors import keys
from integrations.http.parameters import LIMIT, PAGE_SIZE
from kernel import parameters

RESOURCES = {
    "institution": resources.INSTITUTION,
    "classes": resources.CLASSES,
    "groups": resources.GROUPS,
    "staff": resources.STAFF,
    "load": resources.LOAD,
    "pupils": resources.PUPILS,
}
CURSOR = parameters.matching(
    "cursor", "Позначка з поля next попередньої відповіді або з /changes/start", feed.PATTERN
)
CONSUMER = parameters.matching(
    "consumer",
    "Назва вашого споживача, латиницею: ми памʼятаємо останню позначку, від якої він питав",
    "[a-z0-9_-]{1,60}",
)
_REFUSED = {409: "Не сказано, після чого питати", 410: "Потрібне нове повне читання"}
WAIT = parameters.whole("wait", 1, 60)


class ChangesView(KeyedView):
    """Changes after a place."""

    known = {"GET": (CURSOR, CONSUMER, PAGE_SIZE)}

    def dataset_name(self) -> str:
        return "changes"

    @extend_schema(
        operation_id="changes",
        summary="Зміни після позначки: кожна з рядком, яким він є зараз",
        responses={200: schemas.ChangePageSchema, **refusals(_REFUSED)},
    )
    def get(self, request: Request) -> HttpResponse:
        holder: keys.KeyHolder = request.user  # type: ignore[assignment]
        given, name = self.given, self.given.get("consumer", "")
        place = feed.cursor_of(given["cursor"]) if "cursor" in given else None
        if place is None and name:
            place = feed.remembered(holder.system_id, holder.institution_id, name)
        if place is None:
            raise errors.CursorNeeded
        page = feed.page(
            holder.actor,
            holder.institution_id,
            place,
            feed.scope_of(holder.actor.datasets, holder.fields),
            limit=given.get("limit", LIMIT),
            shown=lambda name: self.shown(request, RESOURCES[name]),
        )
        if name and "cursor" in given:
            feed.remember(holder.system_id, holder.institution_id, name, place)
        self.call.rows = page.count
        if page.looks:
            self.call.looks, self.call.seen = "registry.pupil", page.looks
        more = "true" if page.more else "false"
        response = HttpResponse(
            f'{{"items":{page.body},"next":"{page.next}","more":{more}}}',
            content_type="application/json",
        )
        # For the process that lets consumers wait (integrations.eis.stream).
        response.school, response.count = holder.institution_id, page.count  # type: ignore[attr-defined]
        response.next, response.more = page.next, page.more  # type: ignore[attr-defined]
        return response


class ChangesWaitView(ChangesView):
    """The same; the feed's own process, where a proxy leads to it, answers once there is something."""

    known = {"GET": (*ChangesView.known["GET"], WAIT)}

    @extend_schema(
        operation_id="changes_wait",
        summary="Те саме, але відповідь чекає на зміни до wait секунд",
        responses={200: schemas.ChangePageSchema, **refusals(_REFUSED)},
    )
    def get(self, request: Request) -> HttpResponse:
        return super().get(request)


class ChangesStartView(KeyedView):
    """Where a copy begins."""

    known = {"GET": (CONSUMER,)}

    def dataset_name(self) -> str:
        return "changes"

    @extend_schema(
        operation_id="changes_start",
        summary="Позначка, з якої починати: візьміть її, прочитайте все, далі питайте зміни після неї",
        responses={200: schemas.ChangesStartSchema, **refusals({})},
    )
    def get(self, request: Request) -> HttpResponse:
        holder: keys.KeyHolder = request.user  # type: ignore[assignment]
        scope = feed.scope_of(holder.actor.datasets, holder.fields)
        place = feed.Cursor(feed.follow(holder.institution_id), scope)
        if name := self.given.get("consumer"):
            feed.remember(holder.system_id, holder.institution_id, name, place)
        return HttpResponse(orjson.dumps({"cursor": str(place)}), content_type="application/json")
