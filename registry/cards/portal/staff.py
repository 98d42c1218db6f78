"""The card of a post: the person who holds it, and the classes led from it."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.http import HttpResponse

from accounts.http import HouseRequest
from kernel import clock
from kernel.text import plural
from kernel.ui import pages
from registry.cards.portal import words
from registry.cards.selectors import staff as reads
from registry.cards.selectors import timeline
from registry.classes import selectors as classes
from registry.classifiers.selectors import classifiers
from registry.fields.contacts import SEX_WORDS
from registry.institutions import policies
from registry.staff import selectors
from registry.staff.models.posts import Post
from registry.staff.portal import last_day
from registry.staff.selectors import hours_words


def staff_detail(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """One post with the person who holds it; the look is noted."""
    actor = request.actor
    today = clock.today()
    post = selectors.find(actor, pk)
    person = post.employee
    career = reads.career(actor, post, today)
    is_head = policies.keep_deferments.allows(actor, post.institution)
    kinds = words.OF_POST | (words.OF_POST_TO_HEAD if is_head else {})
    return pages.page(
        request,
        "registry/staff/detail.html",
        {
            "career": career,
            "is_head": is_head,
            "due": _due(career),
            "load_total": hours_words(career.hours),
            "load_rate": hours_words(career.rate),
            "post_rate": hours_words(post.rate),
            "rate_differs": bool(career.lines) and career.rate != post.rate,
            "course_hours": hours_words(career.course_hours),
            "courses_short": hours_words(career.courses_short) if career.courses_short else "",
            "attestations": [
                (
                    one,
                    ", ".join(
                        filter(
                            None,
                            (
                                classifiers.label("staff_category", one.category)
                                if one.category
                                else "",
                                classifiers.label("staff_title", one.title) if one.title else "",
                                f"{one.grade} розряд" if one.grade else "",
                            ),
                        )
                    ),
                )
                for one in career.attestations
            ],
            "education": [
                (one, classifiers.label("education_level", one.level)) for one in career.education
            ],
            "hours_words": hours_words,
            "timeline": words.of_post(timeline.of_post(post.pk, post.employee_id, kinds)),
            "post": post,
            "may_keep": policies.keep_staff.allows(actor, post.institution),
            "left": not post.lasts(today),
            "name": person.full_name,
            "card": post.institution,
            "facts": facts(post, today),
            "classes": classes.led_from(post),
            "positions": classifiers.labels("position"),
            "others": selectors.other_posts(actor, post, today),
        },
    )


def facts(post: Post, today: datetime.date) -> list[tuple[str, Any]]:
    """What a post is and who holds it, as its card says it; numbers of a person are masked."""
    person = post.employee
    last = last_day(post)
    until = f" по {last:%d.%m.%Y}" if last else ""
    return [
        ("Посада", classifiers.label("position", post.position)),
        ("Місце роботи", post.institution.short_name),
        ("Працює", f"з {post.starts_on:%d.%m.%Y}{until}"),
        ("Основна робота", _kind_of_work(post)),
        ("Ставка", f"{post.rate:.2f}".replace(".", ",")),
        (
            "Кваліфікаційна категорія",
            classifiers.label("staff_category", post.category) if post.category else "немає",
        ),
        ("Тарифний розряд", post.grade or "не вказано"),
        ("Педагогічний стаж", _service(person.teaching_since, today)),
        ("Стать", SEX_WORDS.get(person.sex, "")),
        ("Дата народження", f"{person.born_on:%d.%m.%Y}"),
        ("Вік", clock.age(person.born_on, today)),
        ("РНОКПП", f"••••••{person.rnokpp[-4:]}" if person.rnokpp else "не вказано"),
        ("УНЗР", f"••••••{person.unzr[-4:]}" if person.unzr else "не вказано"),
        ("Паспорт", f"••••{person.passport[-3:]}" if person.passport else "не вказано"),
    ]


def _kind_of_work(post: Post) -> str:
    kind = "так" if post.is_main else "за сумісництвом"
    return f"{kind}, повне залучення" if post.is_full else kind


def _service(since: datetime.date | None, today: datetime.date) -> str:
    if since is None:
        return "не вказано"
    years = clock.age(since, today)
    return f"{years} {plural(years, 'рік', 'роки', 'років')}"


def _due(career: reads.Career) -> tuple[str, str] | None:
    """The words of what is due by attestation, with the kind of their notice."""
    if career.due_on is None or not career.is_due:
        return None
    past = career.due_on <= career.today
    words_ = "Атестацію прострочено: мала бути до" if past else "Чергова атестація — до"
    return ("bad" if past else "heed"), f"{words_} {career.due_on:%d.%m.%Y}."
