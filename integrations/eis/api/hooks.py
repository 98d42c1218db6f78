"""/api/v1/webhooks: a system says where it is to be woken when the feed of the key's school moves."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from integrations.eis.api import schemas
from integrations.eis.api.views import KeyedView, refusals
from integrations.eis.hooks import selectors, services, signing
from integrations.eis.hooks.models import Hook
from integrations.eis.hooks.sending import LONGEST
from integrations.eis.hooks.services import Issued
from integrations.http import writes
from integrations.http.principal import actor_of
from integrations.http.writes import Field, Shape
from kernel.clock import moment
from kernel.once import Once, Replayed

URL = (Field("url", f"адреса https, до {LONGEST} знаків", writes.text(LONGEST, 1), required=True),)


def _hours(value: Any) -> int:
    if type(value) is not int or value not in services.OVERLAPS:
        raise ValueError
    return value


OVERLAP = (
    Field(
        "overlap_hours",
        "скільки годин попередній секрет підписує разом із новим: "
        + ", ".join(map(str, services.OVERLAPS)),
        Shape(_hours, {"type": "integer", "enum": list(services.OVERLAPS)}),
        "overlap",
        required=True,
    ),
)
_WRITTEN = {
    409: "Адрес уже досить, або сповіщення на цю адресу вимкнено",
    413: "Запит завеликий",
    422: "Адреса неправильна, або ключ повторення вже вжито для іншого запиту",
}


def _said(hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.pk,
        "url": hook.url,
        "created_at": hook.made_at,
        "enabled": hook.disabled_at is None,
        "disabled_at": hook.disabled_at,
        "disabled_reason": hook.disabled_why or None,
        "failures": hook.queue.failures,
        "delivered_at": hook.queue.answered_at,
    }


def _issued(issued: Issued) -> dict[str, Any]:
    """What is kept of an answer that is repeated: the secret is made of its salt again."""
    salt = issued.hook.secrets.order_by("-made_at", "-pk").values_list("salt", flat=True)[0]
    return {"id": str(issued.hook.pk), "url": issued.hook.url, "salt": bytes(salt).hex()}


class _HookView(KeyedView):
    def dataset_name(self) -> str:
        return "webhooks"

    def issued(self, once: Once, command: Any, status: int) -> HttpResponse:
        """Answer with the secret; asked again under the same key, with the same one."""
        again = False
        try:
            command()
            kept = once.outcome
        except Replayed as replayed:
            kept, again = replayed.outcome, True
        secret = signing.secret_of(bytes.fromhex(kept["salt"]))
        body = {"id": kept["id"], "url": kept["url"], "secret": secret}
        response = HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
        if again:
            response["Idempotency-Replayed"] = "true"
        self.call.rows = 1
        return response


class HooksView(_HookView):
    """Addresses that this system is woken at for this school."""

    known = {"GET": (), "POST": ()}

    @extend_schema(
        operation_id="webhooks",
        summary="Адреси, на які ОІС отримує сповіщення про зміни цього закладу",
        responses={200: schemas.HookListSchema, **refusals({})},
    )
    def get(self, request: Request) -> HttpResponse:
        found = selectors.of_system(actor_of(request))
        self.call.rows = len(found)
        body = {"items": [_said(one) for one in found]}
        return HttpResponse(orjson.dumps(body), content_type="application/json")

    @extend_schema(
        operation_id="webhook_create",
        summary="Зареєструвати адресу; секрет підпису повертається один раз",
        parameters=[writes.IDEMPOTENCY_KEY],
        request={"application/json": writes.row_schema("Webhook", URL)},
        responses={201: schemas.HookSecretSchema, **refusals(_WRITTEN)},
    )
    def post(self, request: Request) -> HttpResponse:
        actor, given = actor_of(request), writes.one(request, URL)
        once = writes.once_of(request, _issued)
        return self.issued(
            once,
            lambda: services.register(
                actor=actor, system_uid=None, url=given["url"], moment=moment(), once=once
            ),
            201,
        )


class HookView(_HookView):
    """One address."""

    known = {"GET": (), "DELETE": ()}

    @extend_schema(
        operation_id="webhook",
        summary="Одна адреса з останніми повідомленнями",
        responses={200: schemas.HookCardSchema, **refusals({})},
    )
    def get(self, request: Request, hook_id: uuid.UUID) -> HttpResponse:
        found = selectors.one(actor_of(request), hook_id, timezone.now())
        self.call.rows = 1
        messages = [
            {
                "id": one.pk,
                "created_at": one.made_at,
                "state": one.state,
                "attempts": one.attempts,
                "status": one.status or None,
                "trouble": one.trouble or None,
            }
            for one in found.messages
        ]
        body = _said(found.hook) | {"undelivered": found.dead, "messages": messages}
        return HttpResponse(orjson.dumps(body), content_type="application/json")

    @extend_schema(
        operation_id="webhook_delete",
        summary="Більше не надсилати сповіщень на цю адресу",
        responses={204: OpenApiResponse(description="Вилучено; тіла немає"), **refusals({})},
    )
    def delete(self, request: Request, hook_id: uuid.UUID) -> HttpResponse:
        services.remove(actor=actor_of(request), hook_id=hook_id, now=timezone.now())
        response = HttpResponse(status=204)
        del response["Content-Type"]
        return response


class HookRotateView(_HookView):
    """Another secret."""

    known = {"POST": ()}

    @extend_schema(
        operation_id="webhook_rotate",
        summary="Новий секрет підпису; попередній підписує разом із ним ще overlap_hours годин",
        parameters=[writes.IDEMPOTENCY_KEY],
        request={"application/json": writes.row_schema("WebhookRotation", OVERLAP)},
        responses={200: schemas.HookSecretSchema, **refusals(_WRITTEN)},
    )
    def post(self, request: Request, hook_id: uuid.UUID) -> HttpResponse:
        actor, given = actor_of(request), writes.one(request, OVERLAP)
        once = writes.once_of(request, _issued)
        return self.issued(
            once,
            lambda: services.rotate(
                actor=actor, hook_id=hook_id, overlap=given["overlap"], moment=moment(), once=once
            ),
            200,
        )


class _Acted(_HookView):
    known = {"POST": ()}

    def acted(self, request: Request, act: Any, hook_id: uuid.UUID) -> HttpResponse:
        """Carry out an act that may be repeated; the answer is the address as it stands then."""
        actor = actor_of(request)
        act(actor=actor, hook_id=hook_id, now=timezone.now())
        self.call.rows = 1
        hook = selectors.one(actor, hook_id, timezone.now()).hook
        return HttpResponse(orjson.dumps(_said(hook)), content_type="application/json")


class HookTestView(_Acted):
    """A message of no school."""

    @extend_schema(
        operation_id="webhook_test",
        summary="Надіслати пробне сповіщення",
        request=None,
        responses={200: schemas.HookSchema, **refusals(_WRITTEN)},
    )
    def post(self, request: Request, hook_id: uuid.UUID) -> HttpResponse:
        return self.acted(request, services.try_out, hook_id)


class HookEnableView(_Acted):
    """An address that was switched off."""

    @extend_schema(
        operation_id="webhook_enable",
        summary="Увімкнути адресу, вимкнену після тривалих невдач",
        request=None,
        responses={200: schemas.HookSchema, **refusals(_WRITTEN)},
    )
    def post(self, request: Request, hook_id: uuid.UUID) -> HttpResponse:
        return self.acted(request, services.enable, hook_id)


class HookReplayView(_Acted):
    """What was not delivered."""

    @extend_schema(
        operation_id="webhook_replay",
        summary="Надіслати ще раз усе, що не було доставлено",
        request=None,
        responses={200: schemas.HookSchema, **refusals(_WRITTEN)},
    )
    def post(self, request: Request, hook_id: uuid.UUID) -> HttpResponse:
        return self.acted(request, services.replay, hook_id)
