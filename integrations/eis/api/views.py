"""GET /api/v1/…: what a school's key opens. Translate the request, call a selector, note the call."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Dataset
from integrations.eis import errors
from integrations.eis.api import pages, schemas
from integrations.eis.api.authentication import KeyThrottle, SchoolKeyAuthentication
from integrations.eis.selectors import keys
from kernel import audit
from kernel.db import writes_allowed
from kernel.errors import NotFound
from registry.classifiers.selectors import classifiers

_PROBLEM = OpenApiResponse(schemas.ProblemSchema, "Відмова (application/problem+json)")
_REFUSALS = {400: _PROBLEM, 401: _PROBLEM, 403: _PROBLEM, 404: _PROBLEM, 429: _PROBLEM}
_AFTER = OpenApiParameter(
    "after", str, description="Позначка сторінки з поля next попередньої відповіді"
)
_LIMIT = OpenApiParameter(
    "limit", int, description=f"Скільки рядків на сторінці, 1–{pages.MOST}; типово {pages.LIMIT}"
)


def holder(request: Request) -> keys.KeyHolder:
    """Whose key opened this request; SchoolKeyAuthentication has put it where DRF keeps its user."""
    return request.user  # type: ignore[return-value]


# Dictionaries open to every key: they hold no one's data, and codes are of no use without names.
OPEN_DICTIONARIES = {
    "education_form": "Форми здобуття освіти",
    "class_type": "Типи класів",
    "institution_kind": "Види закладів",
    "institution_type": "Типи закладів",
    "institution_status": "Стани закладів",
    "ownership": "Форми власності",
    "language": "Мови навчання",
    "position": "Посади працівників",
}


class KeyedView(APIView):
    """A reading address: authenticates by key, checks the dataset, notes every call in the ledger."""

    authentication_classes = [SchoolKeyAuthentication]
    throttle_classes = [KeyThrottle]
    dataset: Dataset | None = None
    rows = 0

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.dataset is not None and self.dataset not in holder(request).actor.datasets:
            raise errors.DatasetNotGranted(
                f"Набір «{self.dataset.label}» не відкрито цьому ключу. Його може відкрити керівник закладу.",
                dataset=self.dataset.value,
            )

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        raise drf.Throttled(wait, detail="Забагато запитів з одним ключем; повторіть пізніше.")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        caller = getattr(request, "_user", None)
        if isinstance(caller, keys.KeyHolder):
            with writes_allowed():
                keys.write_ledger(
                    caller,
                    dataset=self.dataset.value if self.dataset else "dictionaries",
                    method=request.method,
                    path=request.get_full_path(),
                    status=response.status_code,
                    rows=self.rows,
                    request_id=audit.request_id(),
                )
        response["Cache-Control"] = "no-store"
        return response

    def _page(self, page: pages.JsonPage) -> HttpResponse:
        self.rows = page.count
        following = orjson.dumps(page.next).decode()
        return HttpResponse(
            f'{{"items":{page.body},"next":{following}}}', content_type="application/json"
        )

    def _one(self, body: str | None) -> HttpResponse:
        if body is None:
            raise NotFound
        self.rows = 1
        return HttpResponse(body, content_type="application/json")


class InstitutionView(KeyedView):
    """The institution of the key."""

    dataset = Dataset.INSTITUTION

    @extend_schema(
        operation_id="institution",
        summary="Заклад освіти, чий керівник видав ключ",
        responses={200: schemas.InstitutionSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self._one(pages.institution(holder(request).institution_id))


class ClassesView(KeyedView):
    """Classes of the institution."""

    dataset = Dataset.CLASSES

    @extend_schema(
        operation_id="classes",
        summary="Класи закладу",
        parameters=[
            _AFTER,
            _LIMIT,
            OpenApiParameter("school_year", str, description="Навчальний рік, «2026-2027»"),
        ],
        responses={200: schemas.ClassPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        return self._page(
            pages.classes(
                holder(request).institution_id,
                school_year=query.get("school_year"),
                after=query.get("after"),
                limit=pages.limit_of(query.get("limit")),
            )
        )


class ClassView(KeyedView):
    """One class."""

    dataset = Dataset.CLASSES

    @extend_schema(
        operation_id="class", summary="Один клас", responses={200: schemas.ClassSchema, **_REFUSALS}
    )
    def get(self, request: Request, uid: uuid.UUID) -> HttpResponse:
        return self._one(pages.class_group(holder(request).institution_id, uid))


class PupilsView(KeyedView):
    """Pupils of the institution."""

    dataset = Dataset.PUPILS

    @extend_schema(
        operation_id="pupils",
        summary="Здобувачі освіти закладу за абеткою",
        parameters=[
            _AFTER,
            _LIMIT,
            OpenApiParameter("class", uuid.UUID, description="Лише учні цього класу"),
        ],
        responses={200: schemas.PupilPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        class_uid = None
        if raw := query.get("class"):
            try:
                class_uid = uuid.UUID(raw)
            except ValueError:
                raise errors.BadParameter(
                    "class — ідентифікатор класу (UUID).", field="class"
                ) from None
        return self._page(
            pages.pupils(
                holder(request).institution_id,
                class_uid=class_uid,
                after=query.get("after"),
                limit=pages.limit_of(query.get("limit")),
            )
        )


class PupilView(KeyedView):
    """One pupil."""

    dataset = Dataset.PUPILS

    @extend_schema(
        operation_id="pupil",
        summary="Один здобувач освіти",
        responses={200: schemas.PupilSchema, **_REFUSALS},
    )
    def get(self, request: Request, pupil_id: uuid.UUID) -> HttpResponse:
        return self._one(pages.pupil(holder(request).institution_id, pupil_id))


class StaffView(KeyedView):
    """Staff of the institution."""

    dataset = Dataset.STAFF

    @extend_schema(
        operation_id="staff",
        summary="Працівники закладу",
        parameters=[_AFTER, _LIMIT],
        responses={200: schemas.StaffPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        return self._page(
            pages.staff(
                holder(request).institution_id,
                after=query.get("after"),
                limit=pages.limit_of(query.get("limit")),
            )
        )


class DictionariesView(KeyedView):
    """Names of the dictionaries whose codes the answers use."""

    @extend_schema(
        operation_id="dictionaries",
        summary="Перелік довідників",
        responses={200: schemas.DictionaryListSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        names = sorted(OPEN_DICTIONARIES)
        self.rows = len(names)
        body = {"items": [{"name": name, "title": OPEN_DICTIONARIES[name]} for name in names]}
        return HttpResponse(orjson.dumps(body), content_type="application/json")


class DictionaryView(KeyedView):
    """One dictionary: every code that ever was, with the dates it may be chosen."""

    @extend_schema(
        operation_id="dictionary",
        summary="Один довідник: коди й назви",
        responses={200: schemas.DictionarySchema, **_REFUSALS},
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        if name not in OPEN_DICTIONARIES:
            raise NotFound
        items = [
            {
                "code": item.code,
                "name": item.name,
                "valid_from": item.valid_from,
                "valid_to": item.valid_to,
            }
            for item in classifiers.editions(name)
        ]
        self.rows = len(items)
        return HttpResponse(orjson.dumps({"items": items}), content_type="application/json")


class AbsentView(APIView):
    """Any other address under /api/: absent, in the API's own form."""

    @extend_schema(exclude=True)
    def get(self, request: Request, **kwargs: Any) -> Response:
        raise NotFound("Такої адреси в API немає; перелік — /api/v1/docs.")

    post = put = patch = delete = get
