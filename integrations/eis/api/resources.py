"""What version 1 shows of each resource. A field is never taken out; new ones are asked by name."""

from __future__ import annotations

import dataclasses

from integrations.http import writes
from integrations.http.resource import Resource
from integrations.http.writes import Field
from kernel import parameters
from registry.classes.projections import CLASS
from registry.coverage.projections import ABSENCE
from registry.coverage.states import CASE
from registry.enrolments.projections import ENROLMENT
from registry.groups.projections import GROUP, OF_GROUP
from registry.groups.services import LONGEST, MOST_MEMBERS
from registry.institutions.projections import INSTITUTION as INSTITUTION_CARD
from registry.people.projections import PUPIL
from registry.quality.projections import FINDING
from registry.staff.projections import LOAD as LINES
from registry.staff.projections import STAFF as POST

INSTITUTION = Resource(INSTITUTION_CARD, tuple(INSTITUTION_CARD.fields))
PUPILS = Resource(
    dataclasses.replace(PUPIL, filters={**PUPIL.filters, "group": OF_GROUP}),
    tuple(PUPIL.fields),
    looks="registry.pupil",
    filters=(
        parameters.identifier("class", "Лише учні цього класу: ідентифікатор класу (UUID)"),
        parameters.identifier("group", "Лише учні цієї групи: ідентифікатор групи (UUID)"),
    ),
)
STAFF = Resource(
    POST,
    ("id", "surname", "given_name", "patronymic", "position", "is_main", "rate"),
    looks="registry.staff",
)
LOAD = Resource(
    LINES,
    tuple(LINES.fields),
    looks="registry.staff",
    filters=(
        parameters.identifier("staff", "Лише навантаження цієї посади: її ідентифікатор (UUID)"),
        parameters.identifier(
            "class", "Лише навантаження в цьому класі: ідентифікатор класу (UUID)"
        ),
        parameters.matching("school_year", "Навчальний рік, «2026-2027»", "[0-9]{4}-[0-9]{4}"),
    ),
)
ENROLMENTS = Resource(
    ENROLMENT,
    tuple(ENROLMENT.fields),
    looks="registry.pupil",
    filters=(
        parameters.identifier("pupil", "Лише цей учень: ідентифікатор учня (UUID)"),
        parameters.matching(
            "school_year",
            "Лише хто навчався чи навчатиметься цього навчального року, «2026-2027»",
            "[0-9]{4}-[0-9]{4}",
        ),
    ),
)
FINDINGS = Resource(
    FINDING,
    tuple(FINDING.fields),
    looks="registry.pupil",
    filters=(
        parameters.matching(
            "rule",
            "Лише це правило: код правила, «certificate.missing»",
            r"[a-z_]{1,60}\.[a-z_]{1,60}",
        ),
        parameters.identifier("pupil", "Лише цей учень: ідентифікатор учня (UUID)"),
    ),
)
ABSENCES = Resource(
    ABSENCE,
    tuple(ABSENCE.fields),
    looks="registry.pupil",
    filters=(
        parameters.identifier("pupil", "Лише цей учень: ідентифікатор учня (UUID)"),
        parameters.matching(
            "state", f"Лише записи в цьому стані: {', '.join(CASE)}", "|".join(CASE)
        ),
    ),
)
CLASSES = Resource(
    CLASS,
    ("id", "school_year", "grade", "letter", "label", "form", "type", "language", "shift",
     "teacher_id", "pupils"),
    filters=(
        parameters.matching(
            "school_year", "Навчальний рік, «2026-2027»", "[0-9]{4}-[0-9]{4}"
        ),
    ),
)  # fmt: skip
GROUPS = Resource(
    GROUP,
    tuple(GROUP.fields),
    filters=(
        parameters.identifier("class", "Лише групи цього класу: ідентифікатор класу (UUID)"),
        parameters.matching("school_year", "Навчальний рік, «2026-2027»", "[0-9]{4}-[0-9]{4}"),
    ),
)

# What a system may say of a class: its teacher above all (handbook H.4); its type and its closing
# stay with the school.
CLASS_FIELDS = (
    Field(
        "teacher_id",
        "ідентифікатор працівника закладу (UUID) або null",
        writes.or_null(writes.IDENTIFIER),
        "teacher",
    ),
    Field("shift", "зміна, від 1 до 3", writes.whole(1, 3)),
    Field("profile", "назва профілю, до 200 знаків", writes.text(200)),
    Field(
        "capacity",
        "гранична наповнюваність, від 1 до 60, або null",
        writes.or_null(writes.whole(1, 60)),
    ),
)
CLASS_ROW_FIELDS = (
    Field(
        "school_year", "навчальний рік, як-от «2026-2027»", writes.text(9), "year", required=True
    ),
    Field("grade", "паралель, від 0 до 13", writes.whole(0, 13), required=True),
    Field("letter", "літера класу, до 8 знаків, або порожньо", writes.text(8), required=True),
    Field("version", "версія, яку ви прочитали", writes.whole(1, 2**31 - 1)),
    Field("form", "код довідника education_form (лише для нового класу)", writes.text(40)),
    Field("language", "код довідника language (лише для нового класу)", writes.text(3)),
    *CLASS_FIELDS,
)
MOST_CLASSES = 1_000

# A group's members are said whole; closing a group, like a class, stays with the school.
GROUP_FIELDS = (
    Field("name", f"назва групи, до {LONGEST} знаків", writes.text(LONGEST)),
    Field(
        "pupil_ids",
        f"усі учні групи, до {MOST_MEMBERS} різних ідентифікаторів (UUID); кого не названо, ті від "
        "сьогодні в ній не навчаються",
        writes.several(writes.IDENTIFIER, MOST_MEMBERS),
        "pupils",
    ),
)
GROUP_ROW_FIELDS = (
    Field(
        "class_ids",
        "класи групи: від 1 до 20 різних ідентифікаторів (UUID)",
        writes.several(writes.IDENTIFIER, 20),
        "classes",
        required=True,
    ),
    Field("subject", f"предмет, до {LONGEST} знаків", writes.text(LONGEST), required=True),
    dataclasses.replace(GROUP_FIELDS[0], required=True),
    GROUP_FIELDS[1],
    Field("version", "версія, яку ви прочитали", writes.whole(1, 2**31 - 1)),
)
MOST_GROUPS = 500

# What a journal says of a child who missed every lesson from one day to another.
ABSENCE_ROW_FIELDS = (
    Field("pupil_id", "ідентифікатор учня (UUID)", writes.IDENTIFIER, "pupil", required=True),
    Field("since", "перший день відсутності, РРРР-ММ-ДД", writes.DAY, required=True),
    Field("until", "останній день відсутності, РРРР-ММ-ДД", writes.DAY, required=True),
    Field(
        "reason",
        "UNKNOWN (невідома), UNEXCUSED (без поважної причини), ILLNESS (хвороба, є довідка) або FAMILY "
        "(сімейні обставини, є пояснення батьків)",
        writes.one_of("UNKNOWN", "UNEXCUSED", "ILLNESS", "FAMILY"),
        required=True,
    ),
    Field("ground", "документ, що пояснює відсутність, до 500 знаків", writes.text(500)),
)
MOST_ABSENCES = 1_000
