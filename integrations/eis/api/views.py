"""/api/v1/…: what a school's key opens. Translate the request, ask or command, note the call."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Dataset
from integrations.eis import errors
from integrations.eis.api import resources, schemas
from integrations.eis.api.authentication import SchoolKeyAuthentication
from integrations.eis.fields import withheld
from integrations.eis.selectors import keys
from integrations.http import writes
from integrations.http.ledger import Call
from integrations.http.parameters import DRY_RUN
from integrations.http.principal import actor_of
from integrations.http.resource import IF_NONE_MATCH, ApiView, Resource
from integrations.http.schema import any_fields, problems
from integrations.http.throttle import CallerThrottle, Quota
from kernel import clock, projections
from kernel.errors import NotFound
from registry.classes import services as classes
from registry.classifiers.selectors import classifiers
from registry.coverage import services as coverage
from registry.fields.rules import pack, published
from registry.groups import services as groups

_REFUSALS = problems(
    schemas.ProblemSchema,
    {
        400: "Параметр, заголовок або тіло запиту задано неправильно",
        401: "Ключа немає, його не знаємо або відкликано",
        403: "Ключ цього не відкриває",
        404: "Такого запису у вашому закладі немає",
        405: "Ця адреса такого методу не має",
        406: "Відповіді в такому форматі немає",
        429: "Забагато запитів: повторіть після Retry-After",
        503: "Зайнято: повторіть після Retry-After",
    },
)
_WRITE_REFUSALS = problems(
    schemas.ProblemSchema,
    {
        409: "Запис не дає цього зробити або його щойно змінили",
        412: "Версія в If-Match застаріла",
        413: "Запит завеликий",
        422: "Значення полів неправильні, або ключ повторення вже вжито для іншого запиту",
        428: "Потрібен заголовок If-Match",
    },
)


def refusals(more: dict[int, str]) -> dict[Any, Any]:
    """What every address refuses with, and its own."""
    return {**_REFUSALS, **problems(schemas.ProblemSchema, more)}


_GONE = problems(schemas.ProblemSchema, {410: "Профіль закрито"})
_MOVED = OpenApiResponse(
    description="Профіль обʼєднано з іншим: його адреса в заголовку Location; тіла немає"
)
_SAME = OpenApiResponse(description="Запис не змінився від If-None-Match; тіла немає")


def _merge(body: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": body, "application/merge-patch+json": body}


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
    "subject": "Навчальні предмети",
    "load_type": "Типи навантаження",
}


class KeyedView(ApiView):
    """An address opened by key: checks the dataset, notes every call in the ledger of systems."""

    authentication_classes = [SchoolKeyAuthentication]
    throttle_classes = [CallerThrottle]
    dataset: Dataset | None = None
    writing: Dataset | None = None

    def needed(self) -> Dataset | None:
        """The dataset that this method of this address opens."""
        reads = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return self.dataset if reads or self.writing is None else self.writing

    def quotas(self, request: Request) -> tuple[Quota, ...]:
        """Of the key, and of all keys of the system's operator together."""
        holder: keys.KeyHolder = request.user  # type: ignore[assignment]
        return (
            Quota("key", str(holder.key), settings.EIS_CALLS_PER_MINUTE),
            Quota("operator", str(holder.operator_id), settings.EIS_OPERATOR_CALLS_PER_MINUTE),
        )

    def dataset_name(self) -> str:
        needed = self.needed()
        return needed.value if needed else "dictionaries"

    def authorise(self, request: Request) -> None:
        needed = self.needed()
        if needed is None or needed in actor_of(request).datasets:
            return
        holder: keys.KeyHolder = request.user  # type: ignore[assignment]
        raise errors.DatasetNotGranted(
            f"Керівник відкрив «{needed.label}», але оператор цього не заявляв для своєї ОІС або "
            "запис ще не розпочато."
            if needed in holder.granted
            else f"Набір «{needed.label}» не відкрито цьому ключу. Його може відкрити керівник закладу.",
            dataset=needed.value,
        )

    def shown(self, request: Request, resource: Resource) -> tuple[str, ...]:
        """Without the fields that the head left closed; asked for by name, they are refused."""
        fields = super().shown(request, resource)
        holder: keys.KeyHolder = request.user  # type: ignore[assignment]
        closed = withheld(resource.projection.name, holder.fields)
        if not closed:
            return fields
        if refused := [one for one in self.given.get("fields", ()) if one in closed]:
            raise errors.FieldNotGranted(
                f"Керівник закладу не відкрив цих полів: {', '.join(refused)}.", field="fields"
            )
        return tuple(one for one in fields if one not in closed)

    def note(self, principal: keys.KeyHolder, call: Call) -> None:
        keys.write_ledger(principal, call, clock.today())

    def changed(
        self,
        request: Request,
        resource: Resource,
        fields: Sequence[writes.Field],
        change: Callable[..., Any],
        uid: uuid.UUID,
    ) -> HttpResponse:
        """Carry out what a system says of one row; the answer is the row as it stands then."""
        actor = actor_of(request)
        version = writes.version_of(request)
        changes = writes.one(request, fields)

        def kept(saved: Any) -> dict[str, Any]:
            row = projections.one(resource.projection, actor, saved.uid, fields=resource.default)
            return {"body": row.body, "etag": row.version} if row else {"body": "{}"}

        once = writes.once_of(request, kept)
        self.call.rows = 1
        return writes.answer(
            once, lambda: change(changes, actor=actor, uid=uid, version=version, once=once)
        )

    def merged(
        self,
        request: Request,
        rows: Sequence[Any],
        fields: Sequence[writes.Field],
        preview: Callable[..., Any],
        put: Callable[..., Any],
    ) -> HttpResponse:
        """Carry out many rows at once, or say what would become of each (`dry_run`)."""
        actor = actor_of(request)
        self.call.rows = len(rows)
        names = {field.to: field.name for field in fields if field.to}
        once = writes.once_of(
            request, lambda outcomes: writes.outcomes_body(outcomes, names, dry_run=False)
        )
        if self.given.get("dry_run"):
            outcomes = preview(rows, actor=actor, unit_id=actor.unit_id, today=clock.today())
            return writes.respond(writes.outcomes_body(outcomes, names, dry_run=True))
        return writes.answer(once, lambda: put(rows, actor=actor, unit_id=actor.unit_id, once=once))


class InstitutionView(KeyedView):
    """The institution of the key."""

    dataset = Dataset.INSTITUTION
    known = {"GET": (resources.INSTITUTION.fields,)}

    @extend_schema(
        operation_id="institution",
        summary="Заклад освіти, чий керівник видав ключ",
        parameters=[IF_NONE_MATCH],
        responses={200: any_fields(schemas.InstitutionSchema), 304: _SAME, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.one(request, resources.INSTITUTION, actor_of(request).unit_id)


class ClassesView(KeyedView):
    """Classes of the institution."""

    dataset = Dataset.CLASSES
    known = {"GET": resources.CLASSES.parameters}

    @extend_schema(
        operation_id="classes",
        summary="Класи закладу",
        responses={200: schemas.ClassPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.CLASSES)


class ClassView(KeyedView):
    """One class."""

    dataset = Dataset.CLASSES
    writing = Dataset.CLASSES_WRITE
    known = {"GET": (resources.CLASSES.fields,), "PATCH": ()}

    @extend_schema(
        operation_id="class",
        summary="Один клас",
        parameters=[IF_NONE_MATCH],
        responses={200: any_fields(schemas.ClassSchema), 304: _SAME, **_REFUSALS},
    )
    def get(self, request: Request, uid: uuid.UUID) -> HttpResponse:
        return self.one(request, resources.CLASSES, uid)

    @extend_schema(
        operation_id="class_update",
        summary="Виправити клас: керівник, зміна, профіль, наповнюваність",
        parameters=[writes.IDEMPOTENCY_KEY, writes.IF_MATCH],
        request=_merge(writes.row_schema("ClassChanges", resources.CLASS_FIELDS)),
        responses={200: schemas.ClassSchema, **_REFUSALS, **_WRITE_REFUSALS},
    )
    def patch(self, request: Request, uid: uuid.UUID) -> HttpResponse:
        return self.changed(request, resources.CLASSES, resources.CLASS_FIELDS, classes.update, uid)


class ClassesBulkView(KeyedView):
    """Many classes at once."""

    dataset = writing = Dataset.CLASSES_WRITE
    known = {"POST": (DRY_RUN,)}

    @extend_schema(
        operation_id="classes_bulk",
        summary="Відкрити й виправити багато класів одним запитом",
        parameters=[writes.IDEMPOTENCY_KEY],
        request={
            "application/json": writes.rows_schema(
                "ClassRow", resources.CLASS_ROW_FIELDS, resources.MOST_CLASSES
            )
        },
        responses={200: schemas.BulkSchema, **_REFUSALS, **_WRITE_REFUSALS},
    )
    def post(self, request: Request) -> HttpResponse:
        rows = [
            classes.ClassRow(
                year=values.pop("year", ""),
                grade=values.pop("grade", -1),
                letter=values.pop("letter", ""),
                version=values.pop("version", None),
                said=values,
                problems=tuple(problems),
            )
            for values, problems in writes.many(
                request, resources.CLASS_ROW_FIELDS, resources.MOST_CLASSES
            )
        ]
        return self.merged(
            request, rows, resources.CLASS_ROW_FIELDS, classes.preview_many, classes.put_many
        )


class GroupsView(KeyedView):
    """Groups into which classes of the institution are split."""

    dataset = Dataset.CLASSES
    known = {"GET": resources.GROUPS.parameters}

    @extend_schema(
        operation_id="groups",
        summary="Групи, на які поділено класи",
        responses={200: schemas.GroupPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.GROUPS)


class GroupView(KeyedView):
    """One group."""

    dataset = Dataset.CLASSES
    writing = Dataset.CLASSES_WRITE
    known = {"GET": (resources.GROUPS.fields,), "PATCH": ()}

    @extend_schema(
        operation_id="group",
        summary="Одна група; її учні — /pupils?group=",
        parameters=[IF_NONE_MATCH],
        responses={200: any_fields(schemas.GroupSchema), 304: _SAME, **_REFUSALS},
    )
    def get(self, request: Request, uid: uuid.UUID) -> HttpResponse:
        return self.one(request, resources.GROUPS, uid)

    @extend_schema(
        operation_id="group_update",
        summary="Перейменувати групу або сказати, хто в ній навчається від сьогодні",
        parameters=[writes.IDEMPOTENCY_KEY, writes.IF_MATCH],
        request=_merge(writes.row_schema("GroupChanges", resources.GROUP_FIELDS)),
        responses={200: schemas.GroupSchema, **_REFUSALS, **_WRITE_REFUSALS},
    )
    def patch(self, request: Request, uid: uuid.UUID) -> HttpResponse:
        return self.changed(request, resources.GROUPS, resources.GROUP_FIELDS, groups.change, uid)


class GroupsBulkView(KeyedView):
    """Many groups at once."""

    dataset = writing = Dataset.CLASSES_WRITE
    known = {"POST": (DRY_RUN,)}

    @extend_schema(
        operation_id="groups_bulk",
        summary="Створити й наповнити багато груп одним запитом",
        parameters=[writes.IDEMPOTENCY_KEY],
        request={
            "application/json": writes.rows_schema(
                "GroupRow", resources.GROUP_ROW_FIELDS, resources.MOST_GROUPS
            )
        },
        responses={200: schemas.BulkSchema, **_REFUSALS, **_WRITE_REFUSALS},
    )
    def post(self, request: Request) -> HttpResponse:
        rows = [
            groups.GroupRow(
                subject=values.get("subject", ""),
                name=values.get("name", ""),
                classes=values.get("classes", frozenset()),
                pupils=values.get("pupils"),
                version=values.get("version"),
                problems=tuple(problems),
            )
            for values, problems in writes.many(
                request, resources.GROUP_ROW_FIELDS, resources.MOST_GROUPS
            )
        ]
        return self.merged(
            request, rows, resources.GROUP_ROW_FIELDS, groups.preview_many, groups.put_many
        )


class PupilsView(KeyedView):
    """Pupils of the institution."""

    dataset = Dataset.PUPILS
    known = {"GET": resources.PUPILS.parameters}

    @extend_schema(
        operation_id="pupils",
        summary="Здобувачі освіти закладу за абеткою",
        responses={200: schemas.PupilPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.PUPILS)


class PupilView(KeyedView):
    """One pupil."""

    dataset = Dataset.PUPILS
    known = {"GET": (resources.PUPILS.fields,)}

    @extend_schema(
        operation_id="pupil",
        summary="Один здобувач освіти",
        parameters=[IF_NONE_MATCH],
        responses={
            200: any_fields(schemas.PupilSchema),
            304: _SAME,
            308: _MOVED,
            **_GONE,
            **_REFUSALS,
        },
    )
    def get(self, request: Request, pupil_id: uuid.UUID) -> HttpResponse:
        return self.one(request, resources.PUPILS, pupil_id)


class StaffView(KeyedView):
    """Staff of the institution."""

    dataset = Dataset.STAFF
    known = {"GET": resources.STAFF.parameters}

    @extend_schema(
        operation_id="staff",
        summary="Працівники закладу",
        responses={200: schemas.StaffPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.STAFF)


class LoadView(KeyedView):
    """What the staff of the institution teach."""

    dataset = Dataset.STAFF
    known = {"GET": resources.LOAD.parameters}

    @extend_schema(
        operation_id="load",
        summary="Навантаження працівників закладу",
        responses={200: schemas.LoadPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.LOAD)


class EnrolmentsView(KeyedView):
    """Who came to the institution and who left it."""

    dataset = Dataset.ENROLMENTS
    known = {"GET": resources.ENROLMENTS.parameters}

    @extend_schema(
        operation_id="enrolments",
        summary="Рух учнів: зарахування й вибуття за датою зарахування",
        responses={200: schemas.EnrolmentPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.ENROLMENTS)


class AbsencesView(KeyedView):
    """Absences of ten working days in a row, as the children's register keeps them."""

    dataset = Dataset.ABSENCES
    known = {"GET": resources.ABSENCES.parameters}

    @extend_schema(
        operation_id="absences",
        summary="Облік дітей: учні, відсутні 10 робочих днів поспіль",
        responses={200: schemas.AbsencePageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.ABSENCES)


class AbsencesBulkView(KeyedView):
    """Absences as the journal of a system tells them."""

    dataset = writing = Dataset.ABSENCES_WRITE
    known = {"POST": (DRY_RUN,)}

    @extend_schema(
        operation_id="absences_bulk",
        summary="Повідомити, хто пропускає всі уроки: від 10 робочих днів запис обліку відкриється сам",
        parameters=[writes.IDEMPOTENCY_KEY],
        request={
            "application/json": writes.rows_schema(
                "AbsenceRow", resources.ABSENCE_ROW_FIELDS, resources.MOST_ABSENCES
            )
        },
        responses={200: schemas.BulkSchema, **_REFUSALS, **_WRITE_REFUSALS},
    )
    def post(self, request: Request) -> HttpResponse:
        rows = [
            coverage.Absence(
                pupil=values.get("pupil"),
                since=values.get("since"),
                until=values.get("until"),
                reason=values.get("reason"),
                ground=values.get("ground", ""),
                problems=tuple(problems),
            )
            for values, problems in writes.many(
                request, resources.ABSENCE_ROW_FIELDS, resources.MOST_ABSENCES
            )
        ]
        return self.merged(
            request,
            rows,
            resources.ABSENCE_ROW_FIELDS,
            coverage.preview_absences,
            coverage.report_absences,
        )


class FindingsView(KeyedView):
    """What is to be mended in the data of the institution's pupils."""

    dataset = Dataset.QUALITY
    known = {"GET": resources.FINDINGS.parameters}

    @extend_schema(
        operation_id="quality_findings",
        summary="Що виправити в картках учнів: порушені правила за кодом",
        responses={200: schemas.FindingPageSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        return self.page(request, resources.FINDINGS)


class RulesView(KeyedView):
    """The pack of rules, to be run before anything is sent. It holds no one's data."""

    known = {"GET": ()}

    @extend_schema(
        operation_id="quality_rules",
        summary="Правила якості даних: пакет поточного року з ETag; виконавці — /rules/runner/",
        parameters=[IF_NONE_MATCH],
        responses={200: schemas.RulesSchema, 304: _SAME, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        body, etag = published.as_body(pack.current().year)
        self.call.rows = len(pack.current().rules)
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers={"ETag": etag})
        return HttpResponse(body, content_type="application/json", headers={"ETag": etag})


class DictionariesView(KeyedView):
    """Names of the dictionaries whose codes the answers use."""

    known = {"GET": ()}

    @extend_schema(
        operation_id="dictionaries",
        summary="Перелік довідників",
        responses={200: schemas.DictionaryListSchema, **_REFUSALS},
    )
    def get(self, request: Request) -> HttpResponse:
        names = sorted(OPEN_DICTIONARIES)
        self.call.rows = len(names)
        body = {"items": [{"name": name, "title": OPEN_DICTIONARIES[name]} for name in names]}
        return HttpResponse(orjson.dumps(body), content_type="application/json")


class DictionaryView(KeyedView):
    """One dictionary: every code that ever was, with the dates it may be chosen."""

    known = {"GET": ()}

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
        self.call.rows = len(items)
        return HttpResponse(orjson.dumps({"items": items}), content_type="application/json")


class AbsentView(APIView):
    """Any other address under /api/: absent, in the API's own form."""

    @extend_schema(exclude=True)
    def get(self, request: Request, **kwargs: Any) -> Response:
        raise NotFound("Такої адреси в API немає; перелік — /api/v1/docs.")

    post = put = patch = delete = get
