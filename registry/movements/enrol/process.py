"""Enrolment of pupils who learn nowhere (handbook D.6): the kind itself."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import uuid_utils
from django.db.models import Count

from accounts.actors import Actor
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import error
from kernel.text import years
from registry.classes import selectors as class_reads
from registry.classes.frames import classes_of, first_day
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.enrolments import selectors as enrolment_reads
from registry.enrolments.events import EnrolmentOpened
from registry.fields import contacts, documents, forms, labels
from registry.identity import matches
from registry.identity.services.doubts import told_apart
from registry.institutions.models.institutions import Institution
from registry.movements import targets
from registry.movements.enrol import comparing, effect, headings
from registry.movements.enrol import rows as rules
from registry.movements.enrol.signed import Address, Applicant, Document, EnrolRow
from registry.movements.movement import Movement
from registry.orders import texts
from registry.orders.models import Order
from registry.people.models.pupils import Pupil
from registry.people.services import guardians
from registry.process import (
    Compared,
    Conflict,
    Read,
    Say,
    TermField,
    Terms,
    Typed,
    Verdict,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """What the rules of enrolment must know beside the rows."""

    rules: rules.Frame
    starts_on: datetime.date
    reach: frozenset[int]
    institution_id: int


def _abroad(text: str) -> str | None:
    code = rules.country_of(text)
    return "" if code == "UA" else code


class Enrol(Movement[EnrolRow, rules.CleanRow]):
    """«Зарахування»: rows are typed or come from a table; profiles, documents, representatives and
    enrolments come of them."""

    code = "enrol"
    name = "Зарахування учнів"
    about = "про зарахування"
    verb = "зараховано"
    order = 10
    icon = "grid"
    columns = rules.COLUMNS
    source = Typed(
        headings=headings.HEADINGS,
        needed="Прізвище, імʼя, по батькові (або ПІБ разом), дата народження, стать, документ (серія "
        "і номер), клас, заявник і ким він є дитині. Решта — за наявності.",
        extra=headings.EXTRA,
        to_rows=headings.to_rows,
        groups=(
            ("Дитина", ("surname", "given_name", "patronymic", "born_on", "sex", "citizenship")),
            (
                "Документи",
                (
                    "document_type",
                    "document",
                    "document_issued_by",
                    "document_issued_on",
                    "rnokpp",
                    "unzr",
                ),
            ),
            ("Навчання", ("class", "form")),
            ("Хто подає заяву", ("relation", "applicant", "phone", "email", "applicant_rnokpp")),
            (
                "Місце проживання",
                ("address", "address_country", "address_territory", "registered_address"),
            ),
        ),
        choices={
            "sex": [
                (letter, contacts.SEX_WORDS[sex].capitalize())
                for sex, letter in contacts.SEX_LETTERS.items()
            ],
            "document_type": list(documents.NAMES.items()),
            "form": list(forms.FORMS.items()),
            "relation": list(contacts.RELATIONS.items()),
        },
        codes={
            "relation": contacts.relation_of,
            "document_type": documents.type_of,
            "sex": lambda text: contacts.SEX_LETTERS.get(contacts.sex_of(text) or ""),
            "citizenship": lambda text: rules.country_of(text) if text.strip() else "",
            "address_country": _abroad,
        },
        places=frozenset({"address_territory"}),
    )
    identity = frozenset(
        {"surname", "given_name", "born_on", "document", "document_type", "rnokpp", "unzr"}
    )
    judged_with = MappingProxyType({"applicant": "applicant_rnokpp"})
    row = EnrolRow
    one_row = "Зарахування учня"
    term_fields = (
        TermField(
            "identity_shown",
            "Заявники предʼявили документи, що посвідчують особу",
            kind="check",
            missing="Позначте, що заявники предʼявили документи, що посвідчують особу.",
        ),
    )
    effective_label = "Перший день навчання"
    effective_hint = "Дата зарахування, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників) та подані до них документи"
    text = Path(texts.__path__[0]) / "enrol.toml"
    paper = (
        ("Клас", lambda row: row.class_.label),
        ("Документ", lambda row: f"{row.document.series} {row.document.number}".strip()),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> Frame:
        """The classes of the school year in which the first day of study is.

        Raises:
            NoSchoolYear: the classifier ends before that day.
        """
        starts_on, year = first_day(draft.terms.get("effective_on"), moment.today)
        classes = classes_of(draft.institution_id, year)
        return Frame(
            rules.Frame(moment.today, year.starts_on, classes),
            starts_on,
            frozenset(actor.scope.keys),
            draft.institution_id,
        )

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The open classes, and countries.

        Raises:
            NoSchoolYear: no school year covers the first day of study.
        """
        _, year = first_day(terms.get("effective_on"), moment.today)
        labels = [ref.label for ref in classes_of(institution_id, year).refs]
        # Of a country to live in, nothing chosen is Ukraine.
        all_countries = classifiers.choices("country", moment.today)
        countries = [one for one in all_countries if one[0] != "UA"]
        return {
            "class": [(label, label) for label in labels],
            "citizenship": all_countries,
            "address_country": countries,
        }

    def read(self, row: DraftRow, frame: Frame) -> Read:
        """All rules of cells."""
        checked = rules.check(row.values, frame.rules)
        keys = comparing.keys_of(checked.keys) + comparing.applicant_keys(checked.clean)
        return Read(checked.problems, checked.clean, keys, checked.keys)

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """Rows against rows, then against the register: six queries for the table."""
        found = matches.find([one.looked_for for one in reads], frame.starts_on, doubting=True)
        softly = [pair for matched in found for pair in comparing.softly(matched)]
        apart = told_apart(softly) if softly else ()
        judged = []
        links: dict[int, tuple[uuid.UUID, bool]] = {}
        for place, (row, read, matched) in enumerate(zip(rows, reads, found, strict=True)):
            problems = [
                problem.as_json() for problem in comparing.repeated(row, read.keys, first_with)
            ]
            told, link, mine, others = comparing.compared(
                row, read.looked_for, matched, frame.reach, apart
            )
            if link is not None:
                links[place] = link, mine
            judged.append(Compared(problems + told, link, tuple(sorted(others))))
        known = [link for link, _ in links.values()]
        profiles = Pupil.objects.in_bulk(known) if links else {}
        beside = enrolment_reads.learning_beside(frame.institution_id, known, frame.starts_on)
        for place, (link, mine) in links.items():
            if link in beside:
                said = error("document", "learns_beside", f"{effect.BESIDE.capitalize()}.")
                more = [*judged[place].problems, said.as_json()]
                judged[place] = dataclasses.replace(judged[place], problems=more)
            if reads[place].clean is not None:
                differ = comparing.disagreements(reads[place].clean, profiles[link], mine=mine)
                more = [*judged[place].problems, *(problem.as_json() for problem in differ)]
                judged[place] = dataclasses.replace(judged[place], problems=more)
        applicants = {
            place: read.clean
            for place, read in enumerate(reads)
            if read.clean is not None and read.clean.applicant.rnokpp
        }
        persons = guardians.of_numbers({clean.applicant.rnokpp for clean in applicants.values()})
        for place, clean in applicants.items():
            doubts = comparing.doubted_applicant(clean, persons.get(clean.applicant.rnokpp))
            more = [*judged[place].problems, *(problem.as_json() for problem in doubts)]
            judged[place] = dataclasses.replace(judged[place], problems=more)
        return judged

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Classes that the table brings near their norm or past it (Закон 463-IX ст. 12)."""
        try:
            _, year = first_day(draft.terms.get("effective_on"), moment.today)
        except NoSchoolYear:  # told with the rows
            return ()
        live = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"]).order_by()
        typed = dict(live.values_list("values__class").annotate(Count("id")))
        classes = classes_of(draft.institution_id, year)
        more: Counter[int] = Counter()
        for text, count in typed.items():
            if (ref := labels.check("class", text or "", classes).value) is not None:
                more[ref.id] += count
        return class_reads.filling(more)

    def remarks_of_order(self, rows: Sequence[EnrolRow]) -> Sequence[str]:
        """Classes that the order brings near their norm or past it."""
        return class_reads.filling(Counter(row.class_.id for row in rows))

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """The first day of study is in the school year, and the order is near it."""
        if not terms.year_starts_on <= terms.effective_on < terms.year_ends_on:
            last = terms.year_ends_on - datetime.timedelta(days=1)
            say(
                "effective_on",
                "outside_year",
                f"{dates.show(terms.effective_on)} — канікули: навчальний рік {years(terms.year_code)} "
                f"триває з {dates.show(terms.year_starts_on)} до {dates.show(last)}.",
            )
        elif terms.effective_on < terms.issued_on:
            say(
                "effective_on",
                "before_order",
                "Перший день навчання не може бути раніше за дату наказу.",
            )
        if terms.issued_on < terms.year_starts_on - datetime.timedelta(days=184):
            say(
                "issued_on",
                "too_early",
                f"Дата наказу {dates.show(terms.issued_on)} задовго до навчального року "
                f"{years(terms.year_code)}. Перевірте рік.",
            )

    def signed(self, number: int, verdict: Verdict) -> EnrolRow:
        """What the row's bytes will say; a new child gets the id of its profile here."""
        clean: rules.CleanRow = verdict.clean
        applicant = clean.applicant
        return EnrolRow(
            no=number,
            pupil=verdict.pupil_id or uuid.UUID(str(uuid_utils.uuid7())),
            is_known=verdict.pupil_id is not None,
            surname=clean.surname,
            given_name=clean.given_name,
            patronymic=clean.patronymic,
            born_on=clean.born_on,
            sex=clean.sex,
            citizenship=clean.citizenship or ("UA" if verdict.pupil_id is None else ""),
            rnokpp=clean.rnokpp,
            rnokpp_state=clean.rnokpp_state,
            unzr=clean.unzr,
            document=Document(
                clean.document.type,
                clean.document.series,
                clean.document.number,
                clean.document_issued_by,
                clean.document_issued_on,
            ),
            class_=targets.told_of(clean.class_ref),
            form=clean.form,
            applicant=Applicant(
                applicant.relation,
                applicant.surname,
                applicant.given_name,
                applicant.patronymic,
                applicant.phone,
                applicant.email,
                applicant.rnokpp,
                renamed=any(one["code"] == comparing.RENAMED for one in verdict.problems),
            ),
            address=Address(
                clean.address,
                clean.address_country,
                clean.address_territory,
                clean.registered_address,
            ),
            corrects=tuple(
                one["field"] for one in verdict.problems if one["code"] == comparing.DIFFERS
            ),
        )

    def conflicts(self, order: Order, rows: Sequence[EnrolRow]) -> list[Conflict]:
        """Children enrolled and classes changed since the order was formed."""
        return effect.conflicts(order, rows)

    def effect(self, order: Order, rows: Sequence[EnrolRow]) -> None:
        """Profiles, documents, representatives, addresses, enrolments."""
        effect.write(order, rows)

    def events(self, order: Order, rows: Sequence[EnrolRow]) -> Iterable[Event]:
        """One enrolment opened per child."""
        return (
            EnrolmentOpened(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                class_label=row.class_.label,
                starts_on=order.effective_on,
            )
            for row in rows
        )

    def undone(self, order: Order, row: EnrolRow) -> str:
        """The child was never enrolled; the profile itself stays in the register."""
        return f"зарахування до класу {row.class_.label} з {dates.show(order.effective_on)}"

    def undone_beside(self, order: Order, rows: Sequence[EnrolRow]) -> Sequence[str]:
        """What the order said of the children themselves is no less true."""
        return ("Профілі, документи, адреси й представники дітей лишаються в реєстрі.",)

    def stands_on(self, order: Order, rows: Sequence[EnrolRow]) -> list[Conflict]:
        """Children who left or changed their class since."""
        return effect.stands_on(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[EnrolRow]) -> None:
        """Enrolments and class placements are voided."""
        effect.void(order, by)


PROCESS = Enrol()
