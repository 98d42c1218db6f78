"""Staff: the list; names where handbook B.2 opens them, numbers for the others. A head hires,
corrects and dismisses."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.http import HouseRequest
from kernel import clock
from kernel.errors import DomainError, StaleVersion
from kernel.once import KeyReused, Once, Replayed
from kernel.parameters import MARKS, asked, code, flag, one_of, reference, words
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import DateField, Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    chips,
    groups,
    narrowable,
    order_of,
    pager,
    seal,
)
from registry.classifiers.selectors import classifiers
from registry.institutions import policies
from registry.institutions import selectors as institutions
from registry.institutions.models.institutions import Institution
from registry.staff import selectors, services
from registry.staff.models.posts import Post
from registry.staff.vacancies import selectors as vacancies


def _text(label: str, help_text: str = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs=attributes)
    )


def _day(label: str) -> forms.CharField:
    return _text(label, "дд.мм.рррр", **{"data-ak-date": "", "inputmode": "numeric"})


class StaffForm(Form):
    """A person and the post, as typed: the command's rules judge all fields at once."""

    expected = frozenset(
        {"surname", "given_name", "born_on", "sex", "position", "rate", "starts_on", "ground"}
    )

    surname = _text("Прізвище", autocomplete="off")
    given_name = _text("Імʼя", autocomplete="off")
    patronymic = _text("По батькові (за наявності)", autocomplete="off")
    born_on = _day("Дата народження")
    sex = forms.ChoiceField(
        label="Стать",
        choices=[("", "Виберіть"), ("F", "Жіноча"), ("M", "Чоловіча")],
        required=False,
    )
    rnokpp = _text(
        "РНОКПП",
        "За ним реєстр упізнає працівника інших закладів. Якщо від номера відмовилися через релігійні переконання, напишіть «відмова»",
        inputmode="numeric",
    )
    position = forms.ChoiceField(label="Посада", required=False)
    is_main = forms.BooleanField(
        label="Основне місце роботи", required=False, help_text="Інакше — за сумісництвом"
    )
    rate = _text("Ставка", "Наприклад, 1 або 0,5", inputmode="decimal")
    category = forms.ChoiceField(label="Кваліфікаційна категорія", required=False)
    starts_on = _day("Працює з")
    is_full = forms.BooleanField(
        label="Повне залучення", required=False, help_text="Умова продовження відстрочки"
    )
    grade = _text("Тарифний розряд", "Від 1 до 25, за наявності", inputmode="numeric")
    unzr = _text("УНЗР", "РРРРММДД-NNNNN, за наявності")
    passport = _text("Паспорт", "Серія і номер або номер картки, за наявності")
    teaching_since = _day("Педагогічний стаж обчислюється з")
    ground = _text("Підстава", "Наказ: його номер і дата")
    confirmed = forms.BooleanField(label="Дані звірено з документами", required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        today = clock.today()
        for name, classifier, nothing in (
            ("position", "position", "Виберіть"),
            ("category", "staff_category", "немає"),
        ):
            items = classifiers.choices(classifier, today)
            self.fields[name].choices = [("", nothing), *items]  # type: ignore[attr-defined]

    def values(self) -> dict[str, str]:
        """Every field as text."""
        return {
            name: ("on" if value is True else "" if value in (None, False) else str(value))
            for name, value in self.cleaned_data.items()
        }


class HireForm(StaffForm):
    """Whom a school takes on; sent twice, it hires once."""

    sends, leaves = "Прийняти на роботу", "Не приймати"

    form_id = forms.CharField(widget=forms.HiddenInput)
    vacancy = forms.UUIDField(widget=forms.HiddenInput, required=False)
    institution = forms.ChoiceField(label="Заклад")

    field_order = ("form_id", "vacancy", "institution")

    def __init__(self, *args: Any, schools: list[Institution], **options: Any):
        super().__init__(*args, **options)
        choices = [(str(one.uid), one.short_name) for one in schools]
        self.fields["institution"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("institution", choices[0][0])
        if len(choices) == 1:
            self.fields["institution"].widget = forms.HiddenInput()


class CorrectForm(StaffForm):
    """A post and its holder as read: each has a version."""

    since = forms.CharField(
        label="Діє з",
        required=False,
        help_text="Посада, вид роботи, ставка й категорія стануть такими з цього дня: звіти за "
        "попередні дні не зміняться. Помилку, яка була від початку, виправляють із першого дня "
        "роботи.",
        widget=forms.TextInput(attrs={"data-ak-date": "", "inputmode": "numeric"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    employee_version = forms.IntegerField(widget=forms.HiddenInput)


class DismissForm(Form):
    """The last day of work and the order."""

    sends, leaves, takes_away = "Звільнити", "Не звільняти", True

    version = forms.IntegerField(widget=forms.HiddenInput)
    last_day = DateField(label="Останній робочий день")
    reason = forms.ChoiceField(label="Підстава звільнення за законом")
    ground = forms.CharField(label="Наказ", help_text="Номер і дата наказу, документ")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        grounds = classifiers.choices("dismissal_ground", clock.today())
        self.fields["reason"].choices = [("", "Виберіть"), *grounds]  # type: ignore[attr-defined]


TITLE = "Працівники"
_WHY = "За іншими стовпцями список упорядковують у межах одного закладу."


def _columns(
    *, one_institution: bool, until: Mapping[uuid.UUID, datetime.date]
) -> list[Column[Post]]:
    ends = Column[Post]("until", "Відстрочка до", lambda post: until.get(post.pk), kind="nw")
    school = [
        Column[Post]("institution", "Заклад", lambda post: post.institution.short_name, width=30)
    ]
    return [
        Column(
            "name",
            "Прізвище, імʼя, по батькові",
            lambda post: Name(
                f"{post.employee.surname} {post.employee.given_name}",
                reverse("staff_detail", args=[post.pk]),
                post.employee.patronymic,
            ),
            width=20,
            apart=(
                ("Прізвище", lambda post: post.employee.surname),
                ("Імʼя", lambda post: post.employee.given_name),
                ("По батькові", lambda post: post.employee.patronymic),
            ),
        ),
        Column(
            "position",
            "Посада",
            lambda post: classifiers.label("position", post.position),
            width=30,
        ),
        *([] if one_institution else school),
        Column(
            "category",
            "Категорія",
            lambda post: (
                classifiers.label("staff_category", post.category) if post.category else ""
            ),
        ),
        Column("rate", "Ставка", lambda post: post.rate, kind="num"),
        *([ends] if until else []),
    ]


@narrowable
def staff_list(request: HouseRequest) -> HttpResponseBase:
    """Staff by name within reach, or their numbers by position for those who see no names. A POST is
    about the chosen ones."""
    actor = request.actor
    given = asked(
        request,
        words("q"),
        code("position"),
        reference("institution"),
        one_of("left", "1"),
        one_of("due", selectors.DUE),
    )
    today = clock.today()
    if not selectors.sees_names(actor):
        return _counted(request, today)
    how = asked(request, order_of(selectors.ORDERS, "name"), FILE, flag("all"))
    filters, order = selectors.StaffFilters(**given), how["order"]
    facets = [
        Facet("due", "Що зробити", list(selectors.dues(actor).items())),
        Facet("position", "Посада", list(classifiers.labels("position").items())),
    ]
    address = Address(request, ("q", "due", "position", "institution", "left", "order"))
    found = selectors.listing(actor, filters, today=today, order=order, **asked(request, *MARKS))
    orders = selectors.orders_of(actor, filters)
    order = address.in_order(order, orders)
    left = {"url": address.with_(left="" if filters.left else "1"), "on": bool(filters.left)}
    one = actor.scope.level == "institution" and len(actor.scope.keys) == 1
    until = selectors.deferred_until(actor, today) if filters.due == "defer" else {}
    here = address.with_()
    off = [Facet("left", "Стан", [("1", "Колишні працівники")])]
    shown = Listing(
        address,
        TITLE if not filters.left else "Колишні працівники",
        _columns(one_institution=one, until=until),
        found.page.rows,
        pager=pager(address, found.page),
        orders=orders,
        order=order,
        key=lambda post: str(post.pk),
        acts=files.acts(here),
        total=found.total,
        everything=seal(selectors.keys(actor, filters, today)) if how["all"] else "",
        most=MOST,
        chips=chips(address, [*facets, *off]),
        clear=address.with_(q="", due="", position="", left="", institution=""),
        why=_WHY if len(orders) == 1 else "",
    )
    own = institutions.own_or_none(actor)
    answer = files.asked_for(
        request,
        shown,
        lambda only: selectors.everybody(actor, filters, today=today, order=order, only=only),
        actor=actor,
        matching=lambda: selectors.keys(actor, filters, today),
        of=own.short_name if own else "",
    )
    return answer or pages.page(
        request,
        "registry/staff/list.html",
        {
            "list": shown,
            "total": found.total,
            "every": found.every,
            "left": left,
            "may_hire": bool(may_hire(actor)),
            "q": filters.q,
            "kept": [(name, value) for name, value in address.now.items() if name != "q"],
            "groups": groups(address, facets, {"position": found.positions, "due": found.due}),
            "active": int(bool(filters.position)) + int(bool(filters.due)),
        },
        partial="results",
    )


_NUMBERS: list[Column[selectors.PositionCount]] = [
    Column("position", "Посада", lambda row: classifiers.label("position", row.position), width=40),
    Column("people", "Осіб", lambda row: row.people, kind="num"),
    Column("rates", "Ставок", lambda row: row.rates, kind="num"),
]


def _counted(request: HouseRequest, today: datetime.date) -> HttpResponseBase:
    """Numbers by position for those who see no names."""
    given = asked(request, order_of(selectors.NUMBER_ORDERS, "-people"), FILE)
    rows = selectors.by_position(request.actor, today)
    shown = Listing(
        Address(request, ("order",)),
        "Працівники за посадами",
        _NUMBERS,
        selectors.in_order(rows, given["order"]),
        orders=selectors.NUMBER_ORDERS,
        order=given["order"],
        most=MOST,
        why="Типу закладу ці числа не розрізняють." if request.actor.scope.kind else "",
    )
    if given["file"]:
        now = clock.moment().now
        of = request.actor.unit_name
        return files.answer(given["file"], shown, shown.rows, actor=request.actor, now=now, of=of)
    return pages.page(request, "registry/staff/list.html", {"names_hidden": True, "list": shown})


def may_hire(actor: Any) -> list[Institution]:
    """Institutions whose staff the actor keeps."""
    return [
        one
        for one in institutions.own_with_branches(actor)
        if policies.keep_staff.allows(actor, one)
    ]


def staff_hire(request: HouseRequest) -> HttpResponse:
    """Take a person on; whoever the register knows by the РНОКПП is that person."""
    actor = request.actor
    schools = may_hire(actor)
    if not schools:
        policies.keep_staff.require(actor, institutions.own(actor))
    initial = {
        "form_id": uuid.uuid4(),
        "is_main": True,
        "rate": "1",
        "starts_on": f"{clock.today():%d.%m.%Y}",
    }
    if of := asked(request, reference("vacancy"))["vacancy"]:
        free = vacancies.find(actor, of)
        initial |= {
            "vacancy": free.pk,
            "institution": str(free.institution.uid),
            "position": free.position,
            "rate": selectors.hours_words(free.rate),
        }
    form = HireForm(request.POST or None, schools=schools, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        try:
            post_id = services.hire(
                actor=actor,
                institution_uid=form.cleaned_data["institution"],
                values=values,
                ground=values["ground"],
                today=clock.today(),
                vacancy_id=form.cleaned_data["vacancy"],
                once=Once.of_form(
                    "registry.staff", request.POST, pack=lambda post: {"post": str(post.pk)}
                ),
            ).pk
        except Replayed as again:
            return pages.see_other(request, "staff_detail", again.outcome["post"])
        except KeyReused:
            form.data = anew = request.POST.copy()
            anew["form_id"] = str(uuid.uuid4())
            form.add_error(
                None,
                "Цю форму вже надіслано з іншими відомостями: той працівник є у списку. "
                "Якщо це інша особа, надішліть форму ще раз.",
            )
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Працівника прийнято.")
            return pages.see_other(request, "staff_detail", post_id)
    return _form_page(request, form, "Прийняти на роботу")


def staff_correct(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct a post and the person who holds it."""

    def read() -> dict[str, Any]:
        post = selectors.find(request.actor, pk)
        person = post.employee
        plain = ("surname", "given_name", "patronymic", "sex")
        return {
            "version": post.version,
            "employee_version": person.version,
            **{name: getattr(person, name) for name in plain},
            "born_on": f"{person.born_on:%d.%m.%Y}",
            "rnokpp": person.rnokpp or ("відмова" if person.rnokpp_state == "REFUSED" else ""),
            "position": post.position,
            "is_main": post.is_main,
            "rate": f"{post.rate.normalize():f}".replace(".", ","),
            "category": post.category,
            "starts_on": f"{post.starts_on:%d.%m.%Y}",
            "is_full": post.is_full,
            "grade": post.grade or "",
            "unzr": person.unzr or "",
            "passport": person.passport or "",
            "teaching_since": f"{person.teaching_since:%d.%m.%Y}" if person.teaching_since else "",
        }

    form = CorrectForm(request.POST or None, initial=read())
    return _edit(
        request,
        pk,
        form,
        "Виправити відомості про працівника",
        lambda: services.correct(
            actor=request.actor,
            post_id=pk,
            version=form.cleaned_data["version"],
            employee_version=form.cleaned_data["employee_version"],
            values=form.values(),
            ground=form.cleaned_data["ground"],
            today=clock.today(),
        ),
        "Відомості збережено.",
        read,
    )


def staff_dismiss(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """End a post after its last day of work."""

    def read() -> dict[str, Any]:
        post = selectors.find(request.actor, pk)
        return {"version": post.version, "last_day": last_day(post) or clock.today()}

    form = DismissForm(request.POST or None, initial=read())
    return _edit(
        request,
        pk,
        form,
        "Звільнити з посади",
        lambda: services.dismiss(
            actor=request.actor,
            post_id=pk,
            version=form.cleaned_data["version"],
            last_day=form.cleaned_data["last_day"],
            reason=form.cleaned_data["reason"],
            ground=form.cleaned_data["ground"],
        ),
        "Звільнення записано.",
        read,
    )


class EducationForm(Form):
    """A diploma, as typed."""

    expected = frozenset({"level", "speciality", "place", "graduated"})

    level = forms.ChoiceField(label="Рівень освіти", required=False)
    speciality = _text("Спеціальність")
    place = _text("Заклад, який видав диплом")
    graduated = _text("Рік випуску", inputmode="numeric")
    diploma = _text("Диплом (за наявності)", "Серія і номер")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        items = classifiers.choices("education_level", clock.today())
        self.fields["level"].choices = [("", "Виберіть"), *items]  # type: ignore[attr-defined]


class VoidForm(Form):
    """Why a record is a mistake."""

    sends, leaves, takes_away = "Вилучити", "Не вилучати", True

    ground = forms.CharField(label="Підстава", help_text="Чому запис помилковий")


def staff_education_new(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down a diploma."""
    form = EducationForm(request.POST or None)
    return _edit(
        request,
        pk,
        form,
        "Додати освіту",
        lambda: services.add_education(
            actor=request.actor,
            post_id=pk,
            values={name: str(value or "") for name, value in form.cleaned_data.items()},
            today=clock.today(),
        ),
        "Освіту записано.",
        dict,
    )


def staff_education_void(
    request: HouseRequest, pk: uuid.UUID, education: uuid.UUID
) -> HttpResponse:
    """A diploma was written down by mistake."""
    form = VoidForm(request.POST or None)
    return _edit(
        request,
        pk,
        form,
        "Вилучити помилковий запис",
        lambda: services.void_education(
            actor=request.actor,
            post_id=pk,
            education_id=education,
            ground=form.cleaned_data["ground"],
        ),
        "Запис вилучено.",
        dict,
    )


def last_day(post: Post) -> datetime.date | None:
    """The last day of work on a post that ends."""
    return post.ends_on - datetime.timedelta(days=1) if post.ends_on else None


def _edit(
    request: HouseRequest,
    pk: uuid.UUID,
    form: Form,
    title: str,
    save: Callable[[], object],
    done: str,
    read: Callable[[], Mapping[str, Any]],
) -> HttpResponse:
    """One form of a post: judge, save, say so; or show every mistake, and what was saved meanwhile."""
    post = selectors.find(request.actor, pk)
    policies.keep_staff.require(request.actor, post.institution)
    leaves = isinstance(form, DismissForm)
    context: dict[str, Any] = {"post": post, "classes": selectors.led_now(post) if leaves else []}
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except StaleVersion as refusal:
            context["meanwhile"] = pages.meanwhile(form, refusal, read())
        except DomainError as refusal:
            if refusal.http_status == 404:
                raise
            form.refuse(refusal)
        else:
            messages.success(request, done)
            return pages.see_other(request, "staff_detail", pk)
    return _form_page(request, form, title, context)


def _form_page(
    request: HouseRequest, form: Form, title: str, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    if "confirmed" in form.fields and "confirmed" not in (form.errors if form.is_bound else {}):
        del form.fields["confirmed"]
    return pages.form_page(
        request, "registry/staff/edit.html", form, {"heading": title, **(context or {})}
    )
