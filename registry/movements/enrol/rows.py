"""A whole row of the enrolment table: its columns, and all rules over one row at once."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from accounts import identifiers
from kernel.tables import dates
from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, Problem, error, warning
from kernel.text import latin
from registry.fields import contacts, documents, forms, labels, names, numbers
from registry.fields.primitives import sex_of_patronymic
from registry.fields.rules import judge
from registry.identity.matches import Keys
from registry.process import Column

COLUMNS: tuple[Column, ...] = (
    Column("surname", "Прізвище", required=True, width="w0"),
    Column("given_name", "Імʼя", required=True, width="w1"),
    Column("patronymic", "По батькові", hint="За наявності", width="w2"),
    Column(
        "born_on",
        "Дата народж.",
        required=True,
        hint="дд.мм.рррр",
        in_full="Дата народження",
        width="w3",
    ),
    Column("sex", "Стать", required=True, hint="Ч або Ж", width="w4"),
    Column("document", "Документ", required=True, hint="Серія і номер: I-СГ 123456", width="w5"),
    Column("rnokpp", "РНОКПП", hint="10 цифр; «відмова», якщо номер не прийнято", width="w6"),
    Column("class", "Клас", required=True, hint="Зразок: 5-А", width="w7"),
    Column("relation", "Хто подає", required=True, hint="Мати, батько, опікун…", width="w1"),
    Column("applicant", "Заявник", required=True, hint="Прізвище, імʼя, по батькові", width="w8"),
    Column("phone", "Телефон", hint="(000) 000-00-00", width="w9"),
    Column("document_type", "Тип документа", in_grid=False, blank="Визначити за номером"),
    Column("document_issued_by", "Ким видано документ", in_grid=False),
    Column("document_issued_on", "Дата видачі документа", in_grid=False, hint="дд.мм.рррр"),
    Column("unzr", "УНЗР", in_grid=False, hint="РРРРММДД-NNNNN"),
    Column(
        "citizenship",
        "Громадянство",
        in_grid=False,
        blank="Нова дитина — Україна, відома — без змін",
    ),
    Column("form", "Форма здобуття освіти", in_grid=False, blank="Як у класі"),
    Column("email", "Електронна пошта заявника", in_grid=False),
    Column("applicant_rnokpp", "РНОКПП заявника", in_grid=False),
    Column("address", "Адреса фактичного місця проживання", in_grid=False),
    Column("address_country", "Країна проживання", in_grid=False, blank="Україна"),
    Column(
        "address_territory",
        "Код КАТОТТГ місця проживання",
        in_grid=False,
        in_full="Населений пункт",
        hint="Почніть писати назву; після коми можна додати область",
    ),
    Column("registered_address", "Задеклароване місце проживання", in_grid=False),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
GRID: tuple[Column, ...] = tuple(column for column in COLUMNS if column.in_grid)


@dataclasses.dataclass(frozen=True, slots=True)
class Applicant:
    """Who applied: a lawful representative, or the pupil personally (relation SELF)."""

    relation: str
    surname: str
    given_name: str
    patronymic: str
    phone: str
    email: str
    rnokpp: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class CleanRow:
    """A row every rule agreed with, normalised."""

    surname: str
    given_name: str
    patronymic: str
    born_on: datetime.date
    sex: str
    document: documents.Document
    document_issued_by: str
    document_issued_on: datetime.date | None
    rnokpp: str | None
    rnokpp_state: str
    unzr: str | None
    citizenship: str
    class_ref: labels.ClassRef
    form: str
    applicant: Applicant
    address: str
    address_country: str
    address_territory: str
    registered_address: str

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)


@dataclasses.dataclass(frozen=True, slots=True)
class RowCheck:
    """What the rules say of one row: problems of all cells, and the clean row when none is an error."""

    problems: tuple[Problem, ...]
    clean: CleanRow | None
    keys: Keys


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """What the rules must know beside the row: the day, the first day of the year, its classes."""

    today: datetime.date
    year_starts_on: datetime.date
    classes: labels.Classes


# Fields whose rules are asked of the whole row; numbers ask theirs where they are read.
_JUDGED = ("surname", "given_name", "sex", "born_on", "document", "document_issued_on")
_FACTS = {"document": "document_number"}


def is_blank(values: Mapping[str, str]) -> bool:
    """Whether nothing was typed in the row."""
    return not any(values.values())


def check(values: Mapping[str, str], frame: Frame) -> RowCheck:
    """Apply every rule to one row as typed."""
    get = values.get
    problems: list[Problem] = []

    def keep(checked: Checked):  # type: ignore[no-untyped-def,type-arg]
        if checked.problems:
            problems.extend(checked.problems)
        return checked.value

    surname = keep(names.check("surname", get("surname", ""), required=False))
    given = keep(names.check("given_name", get("given_name", ""), required=False))
    patronymic = keep(names.check("patronymic", get("patronymic", ""), required=False))
    born_on = keep(dates.parse("born_on", get("born_on", ""), required=False, today=frame.today))
    told = sex_of_patronymic(patronymic) if patronymic else None
    sex = keep(contacts.check_sex("sex", get("sex", ""), told_by_patronymic=told))
    kind, kind_wrong = document_type_of(get("document_type", ""))
    problems.extend(kind_wrong)
    document = keep(documents.check("document", get("document", ""), kind=kind))
    issued_on = keep(
        dates.parse(
            "document_issued_on",
            get("document_issued_on", ""),
            required=False,
            today=frame.today,
        )
    )
    number = keep(numbers.check_rnokpp("rnokpp", get("rnokpp", ""), born_on=born_on, sex=sex))
    unzr = keep(numbers.check_unzr("unzr", get("unzr", ""), born_on=born_on))
    class_ref = keep(labels.check("class", get("class", ""), frame.classes))
    # What could not be read is not known, and a rule is silent about what is not known.
    unread = {problem.field for problem in problems if problem.level == "error"}
    facts = {
        "surname": surname,
        "given_name": given,
        "patronymic": patronymic,
        "born_on": born_on,
        "sex": sex,
        "document": document and document.number,
        "document_issued_on": issued_on,
    }
    facts = {_FACTS.get(k, k): value for k, value in facts.items() if k not in unread}
    facts |= {"today": frame.today, "year_starts_on": frame.year_starts_on}
    facts["grade"] = class_ref.grade if class_ref is not None else None
    problems.extend(judge(facts, *_JUDGED))
    form = keep(form_of(get("form", ""), class_ref))
    # Left out, it says nothing of a child the register knows; a new one is a citizen of Ukraine.
    said = get("citizenship", "")
    citizenship = keep(_country("citizenship", said)) if tidy(said) else ""
    applicant = applicant_of(values, keep)
    issued_by = keep(_line("document_issued_by", get("document_issued_by", "")))
    address = keep(_line("address", get("address", "")))
    registered = keep(_line("registered_address", get("registered_address", "")))
    country = keep(_country("address_country", get("address_country", "")))
    territory = keep(_territory("address_territory", get("address_territory", "")))

    clean = None
    if applicant and not any(problem.level == "error" for problem in problems):
        clean = CleanRow(
            surname=surname,
            given_name=given,
            patronymic=patronymic,
            born_on=born_on,
            sex=sex,
            document=document,
            document_issued_by=issued_by,
            document_issued_on=issued_on,
            rnokpp=number[0],
            rnokpp_state=number[1],
            unzr=unzr or None,
            citizenship=citizenship,
            class_ref=class_ref,
            form=form,
            applicant=applicant,
            address=address,
            address_country=country,
            address_territory=territory,
            registered_address=registered,
        )
    return RowCheck(
        tuple(problems),
        clean,
        Keys(
            document,
            number[0] if number else None,
            unzr or None,
            surname or "",
            given or "",
            patronymic or "",
            born_on,
            sex or "",
            *(_of_parent(applicant) if applicant else ()),
        ),
    )


def _of_parent(who: Applicant) -> tuple[str, ...]:
    """What of the applicant tells children of one name apart."""
    if who.relation == "SELF":
        return ()
    names_of = (who.relation, who.surname, who.given_name, who.patronymic)
    return (*names_of, who.phone, who.rnokpp or "")


_NOT_KEPT = (
    "Дитина подає заяву особисто, а в профілі зберігаються контакти лише представників: це значення "
    "до реєстру не потрапить. Якщо заяву подає інша особа, змініть «Хто подає»."
)


_INITIALS = (
    "Лише ініціали: саме так особу буде записано в реєстрі, якщо він її ще не знає. "
    "Краще записати імʼя та по батькові повністю."
)


def applicant_of(values: Mapping[str, str], keep) -> Applicant | None:  # type: ignore[no-untyped-def]
    """Who applies, of a row's cells; `keep` takes in what is wrong with each."""
    get = values.get
    full_name = get("applicant", "")
    if found := common("applicant", full_name):
        keep(Checked(None, (found,)))
        return None
    surname, given, patronymic = names.split(full_name)
    initials = names.is_initial(given) or names.is_initial(patronymic)
    relation_text = get("relation", "")
    relation = keep(contacts.check_relation("relation", relation_text, patronymic=patronymic))
    phone = keep(contacts.check_phone("phone", get("phone", "")))
    email = keep(contacts.check_email("email", get("email", "")))
    number = keep(
        numbers.check_rnokpp(
            "applicant_rnokpp", get("applicant_rnokpp", ""), born_on=None, sex=None
        )
    )
    if relation == "SELF":
        # Profiles keep contacts of representatives alone: said before the order is signed.
        for field, said in (("phone", phone), ("email", email), ("applicant_rnokpp", number)):
            if said and said != (None, "NOT_ASSIGNED"):
                keep(Checked(None, (warning(field, "not_kept", _NOT_KEPT),)))
        return Applicant("SELF", "", "", "", phone or "", email or "", None)
    if not surname:
        keep(Checked(None, (error("applicant", "required", "Не вказано заявника."),)))
        return None
    if not given:
        keep(
            Checked(
                None, (error("applicant", "no_given_name", "Вкажіть прізвище та імʼя заявника."),)
            )
        )
        return None
    checked = [
        names.check("applicant", part, required=False, initials=initials)
        for part in (surname, given, patronymic)
    ]
    wrong = [c.problems[0] for c in checked if c.problems]
    if wrong:
        # One message for the cell; a fix must mend the whole of it.
        first = wrong[0]
        fix = None
        if first.fix is not None:
            mended = [
                (c.problems[0].fix or part) if c.problems else part
                for c, part in zip(checked, (surname, given, patronymic), strict=True)
            ]
            fix = " ".join(part for part in mended if part)
        keep(Checked(None, (Problem("applicant", first.code, first.level, first.detail, fix),)))
        if first.level == "error":
            return None
    if initials:
        keep(Checked(None, (warning("applicant", "initials", _INITIALS),)))
    parts = [c.value or "" for c in checked]
    return Applicant(
        relation or "",
        parts[0],
        parts[1],
        parts[2],
        phone or "",
        email or "",
        number[0] if number else None,
    )


def document_type_of(text: str) -> tuple[str | None, tuple[Problem, ...]]:
    """The kind of document as typed; None when it is to be told by the number."""
    if not text or not tidy(text):
        return None, ()
    kind = documents.type_of(text)
    if kind is None:
        known = "; ".join(documents.NAMES.values())
        return None, (error("document_type", "unknown", f"Невідомий тип документа. Є: {known}."),)
    return kind, ()


def form_of(text: str, class_ref: labels.ClassRef | None) -> Checked[str]:
    """The form of education as typed, else that of the class."""
    if not text or not tidy(text):
        return Checked(class_ref.form if class_ref is not None else "FULL_TIME")
    return forms.check("form", text)


def country_of(text: str) -> str | None:
    """The code of a country as people write it; nothing written is Ukraine."""
    value = tidy(text).upper() if text else ""
    if value in {"", "УКРАЇНА", "УКР", "УКРАЇНСЬКЕ", "УА"}:
        return "UA"
    value = latin(value)
    return value if len(value) == 2 and value.isascii() and value.isalpha() else None


def _country(field: str, text: str) -> Checked[str]:
    if code := country_of(text):
        return Checked(code)
    return Checked(
        None, (error(field, "shape", "Код країни з двох латинських літер: UA, PL, DE."),)
    )


def _territory(field: str, text: str) -> Checked[str]:
    value = identifiers.territory(tidy(text)) if text else ""
    if not value:
        return Checked("")
    if len(value) == 19 and value.startswith("UA") and value[2:].isdigit():
        return Checked(value)
    return Checked(
        None,
        (
            error(
                field,
                "shape",
                "Виберіть населений пункт зі списку або впишіть код КАТОТТГ: UA і 17 цифр.",
            ),
        ),
    )


def _line(field: str, text: str) -> Checked[str]:
    if not text:
        return Checked("")
    if found := common(field, text):
        return Checked(None, (found,))
    return Checked(tidy(text))
