"""Notices to the children's service, the police and the Commissioner: made of records, signed once for
all their children, with a record of each delivery and answer (handbook D.7, J.3).

    prepare        bytes of the rows and the paper are frozen; whoever may sign sees them
    sign           one signature; every record goes on to «notified»
    deliver, answered  what became of it at each addressee
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.scoping import grant_of, person_of
from kernel.tables import dates
from kernel.tables.cells import storable
from kernel.text import clean
from registry.coverage import policies, selectors
from registry.coverage.errors import LetterDecided, NobodyChosen
from registry.coverage.events import (
    LetterAnswered,
    LetterGivenUp,
    LetterPrepared,
    LetterSent,
    LetterSigned,
)
from registry.coverage.models import CoverageCase, CoverageLetter, LetterCase, LetterDelivery
from registry.coverage.services.cases import lead
from registry.coverage.states import ABSENT, CASE, LETTER, MISSING, NOT_COVERED
from registry.coverage.terms import terms
from registry.orders.papers import drawn
from registry.orders.services import organisations_of
from signatures.api import Package, build_package, load_package
from signatures.errors import AlreadySigned, WrongSigner
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from signatures.services import sessions

PURPOSE = "registry.coverage.letter"
PAPER = "povidomlennia.pdf"
_PAPER = Path(__file__).parents[1] / "letter.typ"
MOST = 500  # children of one notice
TITLES = {
    NOT_COVERED: "Повідомлення про дітей, не охоплених навчанням",
    ABSENT: "Повідомлення про відсутність дітей на заняттях 10 робочих днів поспіль",
    MISSING: "Повідомлення про дітей, місце перебування яких не встановлено",
}
_TEXTS = {
    NOT_COVERED: "Відповідно до Порядку ведення обліку дітей (постанова КМУ від 13.09.2017 № 684) "
    "повідомляємо про дітей шкільного віку, які не здобувають освіти. Просимо вжити заходів у межах "
    "повноважень і повідомити про результат.",
    ABSENT: "Відповідно до Порядку ведення обліку дітей (постанова КМУ від 13.09.2017 № 684) "
    "повідомляємо про учнів, які 10 робочих днів поспіль відсутні на заняттях без поважних причин або з "
    "невідомих причин. Просимо вжити заходів у межах повноважень і повідомити про результат.",
    MISSING: "За результатами звіряння даних не встановлено, де перебувають і навчаються діти, названі "
    "нижче. Просимо встановити їх місце перебування і повідомити про результат.",
}
COLUMNS = (
    "№",
    "Прізвище, імʼя, по батькові",
    "Дата народження",
    "Відомо",
    "З якого дня",
    "Причина",
)


@command
def prepare(
    *,
    actor: Actor,
    kind: str,
    case_ids: Sequence[uuid.UUID],
    number: str,
    addressees: Mapping[str, str],
    moment: Moment,
) -> CoverageLetter:
    """Freeze a notice about the children of these records for its signature.

    addressees: {recipient: its full name}; one signature serves them all.

    Raises:
        NotFound, NotAllowed, GroundWanted: records the actor does not keep.
        NobodyChosen: none, or of several schools or communities.
        Invalid: no number, no addressee; every problem at once.
    """
    policies.keep.require(actor, kind)
    rows = (
        selectors.cases(actor, kind, moment)
        .filter(pk__in=list(case_ids))
        .select_for_update(of=("self",), no_key=True)
        .select_related("pupil", "unit", "institution__hub")
        .order_by("pupil__sort_key", "pk")
    )
    cases = [one for one in rows if "notify" in CASE[one.state]]
    if not cases or len(cases) > MOST:
        raise NobodyChosen
    first = cases[0]
    school = first.institution if kind == ABSENT or _is_head(actor) else None
    if len({(one.unit_id, one.institution_id if school else None) for one in cases}) > 1:
        raise NobodyChosen("Одне повідомлення — від одного закладу чи одного органу.")
    problems = []
    number = clean(storable(number))
    if not number or len(number) > 50:
        problems.append(Problem("number", "required", "Впишіть вихідний номер, до 50 знаків."))
    to = {
        code: clean(storable(name))[:200] or terms().recipients[code]
        for code, name in addressees.items()
        if code in terms().by_kind[kind]
    }
    if not to:
        problems.append(Problem("recipients", "required", "Виберіть, кого повідомляєте."))
    if problems:
        raise Invalid(problems)
    made = CoverageLetter(
        kind=kind,
        unit=first.unit,
        institution=school,
        number=number,
        issued_on=moment.today,
        prepared_by_id=grant_of(actor),
    )
    made.save(force_insert=True)
    package = build_package({}, [_row(no, one) for no, one in enumerate(cases, start=1)])
    LetterCase.objects.bulk_create(
        [
            LetterCase(letter=made, case=one, position=no, content=package.rows[no - 1])
            for no, one in enumerate(cases, start=1)
        ]
    )
    LetterDelivery.objects.bulk_create(
        [LetterDelivery(letter=made, recipient=code, addressee=name) for code, name in to.items()]
    )
    _frozen(made, actor, moment)
    return made


def _is_head(actor: Actor) -> bool:
    return actor.scope.level == "institution"


def _row(no: int, case: CoverageCase) -> dict[str, Any]:
    """What a notice says of a child: who, since when, why; never of health."""
    child = case.pupil
    reasons = terms().reasons[case.kind]
    where = case.institution.short_name if case.institution else case.unit.name
    reason = "Інша причина" if case.reason == "HEALTH" else reasons.get(case.reason, case.reason)
    return {
        "no": no,
        "case": str(case.pk),
        "child": child.full_name,
        "born_on": child.born_on.isoformat(),
        "where": where,
        "since": case.since.isoformat(),
        "until": case.until.isoformat() if case.until else "",
        "reason": reason,
    }


@part_of_command
def _frozen(letter: CoverageLetter, actor: Actor, moment: Moment) -> None:
    """The bytes for whoever signs; kept rows never change, so a second preparation says the same."""
    rows = [json.loads(one) for one in selectors.rows_of(letter)]
    to = list(letter.deliveries.order_by("pk"))
    node = letter.institution or letter.unit
    name = letter.institution.full_name if letter.institution else letter.unit.name
    document = {
        "type": "notice",
        "schema": "aikom.coverage.letter/1",
        "institution": {"name": name, "edrpou": node.edrpou or ""},
        "title": TITLES[letter.kind],
        "number": letter.number,
        "date": letter.issued_on.isoformat(),
        "to": [one.addressee for one in to],
        "signer": actor.full_name,
        "text": _TEXTS[letter.kind],
    }
    paper = drawn(
        {
            "title": document["title"],
            "from": name,
            "edrpou": node.edrpou or "",
            "to": document["to"],
            "number": letter.number,
            "date": f"{letter.issued_on:%d.%m.%Y}",
            "text": document["text"],
            "signer": actor.full_name,
            "columns": COLUMNS,
            "rows": [shown(row) for row in rows],
        },
        moment.now,
        template=_PAPER,
    )
    package = build_package(document, rows, {PAPER: paper})
    if letter.signing_id is not None:
        sessions.give_up(letter.signing_id)
    letter.signing = sessions.prepare(
        user_id=person_of(actor),
        purpose=PURPOSE,
        content=package.manifest,
        now=moment.now,
        files=package.kept,
    )
    letter.save(update_fields=["signing"])
    audit.record(
        LetterPrepared(
            subject=letter.pk,
            unit=letter.unit_id,
            children=len(rows),
            recipients=tuple(one.recipient for one in to),
        )
    )


def shown(row: Mapping[str, Any]) -> list[str]:
    """A row of a notice as its table shows it."""

    def day(text: str) -> str:
        return f"{datetime.date.fromisoformat(text):%d.%m.%Y}" if text else ""

    period = " – ".join(part for part in (day(row["since"]), day(row["until"])) if part)
    return [
        str(row["no"]),
        str(row["child"]),
        day(row["born_on"]),
        str(row["where"]),
        period,
        str(row["reason"]),
    ]


@command
def prepare_again(*, actor: Actor, letter_id: Any, moment: Moment) -> CoverageLetter:
    """Let whoever may sign, and did not prepare it or waited too long, sign the same notice.

    Raises:
        NotFound, NotAllowed, GroundWanted: not a notice of the actor's.
        LetterDecided: it is signed.
    """
    letter = _mine(actor, letter_id, "prepare", moment)
    policies.sign.require(actor, letter.kind)
    _frozen(letter, actor, moment)
    return letter


@command
def give_up(*, actor: Actor, letter_id: Any, moment: Moment) -> CoverageLetter:
    """Put a notice away unsigned.

    Raises:
        NotFound, NotAllowed, GroundWanted: not a notice of the actor's.
        LetterDecided: it is signed.
    """
    letter = _mine(actor, letter_id, "give up", moment)
    if letter.signing_id is not None:
        sessions.give_up(letter.signing_id)
    letter.state = "GIVEN_UP"
    letter.save(update_fields=["state"])
    audit.record(LetterGivenUp(subject=letter.pk, unit=letter.unit_id))
    return letter


@part_of_command
def _mine(actor: Actor, letter_id: Any, do: str, moment: Moment) -> CoverageLetter:
    letter = selectors.letter(actor, letter_id, moment, held=True)
    policies.keep.require(actor, letter.kind)
    if do not in LETTER[letter.state]:
        raise LetterDecided
    return letter


def package_of(letter: CoverageLetter, session: SigningSession) -> Package:
    """The package read back, every part checked."""
    return load_package(bytes(session.content), selectors.rows_of(letter), files_of(session))


def organisations(letter: CoverageLetter) -> list[str]:
    """The codes whose keys sign it: the school's and its hub's, or the authority's."""
    if letter.institution is not None:
        return organisations_of(letter.institution)
    unit: OrgUnit = letter.unit
    return [unit.edrpou] if unit.edrpou else []


def sign(*, actor: Actor, letter_id: Any, cms: bytes, moment: Moment) -> CoverageLetter:
    """Sign a notice; signed again it stays as it is.

    Raises:
        NotFound, NotAllowed, GroundWanted: not a notice of the actor's, or not theirs to sign.
        LetterDecided: it was given up, or prepared for another person.
        SignatureRefused, WrongSigner, SigningExpired: the signature does not hold.
    """
    letter = selectors.letter(actor, letter_id, moment)
    policies.sign.require(actor, letter.kind)
    if letter.state == "SIGNED":
        return letter
    if letter.signing_id is None or letter.state != "PREPARED":
        raise LetterDecided
    try:
        verified = sessions.verify(
            letter.signing_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:
        return selectors.letter(actor, letter_id, moment)
    return _signed(actor=actor, letter_id=letter.pk, verified_id=verified.pk, moment=moment)


@command
def _signed(
    *, actor: Actor, letter_id: Any, verified_id: uuid.UUID, moment: Moment
) -> CoverageLetter:
    """The second phase: what was verified is taken, the records go on.

    Raises:
        as `sign`.
    """
    letter = selectors.letter(actor, letter_id, moment, held=True)
    if letter.state == "SIGNED":
        return letter
    if "sign" not in LETTER[letter.state] or letter.signing_id is None:
        raise LetterDecided
    session = sessions.locked(letter.signing_id)
    if session.user_id != actor.user_id:
        raise LetterDecided("Повідомлення підготовлено для підпису іншою особою: підготуйте знову.")
    package_of(letter, session)
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    if signer.edrpou not in organisations(letter):
        raise WrongSigner(
            "Ключ видано для іншої організації. Повідомлення підписують ключем того, хто повідомляє.",
            field="signature",
        )
    send_by = terms().due("LETTER", "SEND", moment.today)
    letter.state, letter.signed_at, letter.send_by = "SIGNED", moment.now, send_by
    letter.save(update_fields=["state", "signed_at", "send_by"])
    audit.record(
        LetterSigned(
            subject=letter.pk,
            unit=letter.unit_id,
            certificate=signer.serial,
            send_by=send_by or moment.today,
        )
    )
    lead(_held(letter), actor, "notify", f"Повідомлення № {letter.number}", moment)
    return letter


@part_of_command
def _held(letter: CoverageLetter) -> list[CoverageCase]:
    return list(
        CoverageCase.objects.select_for_update(of=("self",), no_key=True)
        .filter(letters__letter=letter)
        .order_by("pk")
    )


# ── delivery ─────────────────────────────────────────────────────────────────
@command
def deliver(
    *,
    actor: Actor,
    letter_id: Any,
    recipient: str,
    version: int,
    values: Mapping[str, str],
    moment: Moment,
) -> LetterDelivery:
    """Write down when and how a signed notice went to an addressee, and its number there. The term of
    the answer begins.

    Raises:
        NotFound, NotAllowed, GroundWanted: not a notice of the actor's.
        LetterDecided: it is not signed.
        StaleVersion: somebody wrote it after the actor read it.
        Invalid: every wrong field.
    """
    letter, delivery = _delivery(actor, letter_id, recipient, version, moment)
    on = _day(values, letter.issued_on, moment)
    how = values.get("how", "")
    problems = list(on[1])
    if how not in terms().delivery:
        problems.append(Problem("how", "unknown", "Виберіть, як надіслано."))
    number = clean(storable(values.get("number", "")))[:50]
    if problems or on[0] is None:
        raise Invalid(problems)
    went(letter, delivery, actor, on=on[0], how=how, number=number)
    return delivery


@part_of_command
def went(
    letter: CoverageLetter,
    delivery: LetterDelivery,
    actor: Actor,
    *,
    on: datetime.date,
    how: str,
    number: str,
) -> None:
    """A notice went to an addressee, held by the caller: the term of the answer begins."""
    delivery.sent_on, delivery.how, delivery.number = on, how, number
    delivery.sent_by_id = actor.grant_id
    delivery.answer_by = terms().due("LETTER", "ANSWER", on)
    delivery.version += 1
    delivery.save()
    audit.record(
        LetterSent(
            subject=letter.pk,
            unit=letter.unit_id,
            recipient=delivery.recipient,
            how=how,
            answer_by=delivery.answer_by or on,
        )
    )


@command
def answered(
    *,
    actor: Actor,
    letter_id: Any,
    recipient: str,
    version: int,
    values: Mapping[str, str],
    moment: Moment,
) -> LetterDelivery:
    """Write down what an addressee answered; the records of its children go on.

    Raises:
        NotFound, NotAllowed, GroundWanted: not a notice of the actor's.
        LetterDecided: it did not go to this addressee yet.
        StaleVersion: somebody wrote it after the actor read it.
        Invalid: every wrong field.
    """
    letter, delivery = _delivery(actor, letter_id, recipient, version, moment)
    if delivery.sent_on is None:
        raise LetterDecided("Спершу запишіть, коли повідомлення надіслано.")
    on, problems = _day(values, delivery.sent_on, moment)
    text = clean(storable(values.get("answer", "")))[:500]
    if not text:
        problems.append(Problem("answer", "required", "Напишіть, що відповіли: дата, номер, суть."))
    if problems or on is None:
        raise Invalid(problems)
    delivery.answered_on, delivery.answer = on, text
    delivery.answered_by_id = grant_of(actor)
    delivery.version += 1
    delivery.save()
    audit.record(
        LetterAnswered(subject=letter.pk, unit=letter.unit_id, recipient=recipient, answered_on=on)
    )
    lead(_held(letter), actor, "answer", f"{delivery.addressee}: {text}"[:500], moment)
    return delivery


@part_of_command
def _delivery(
    actor: Actor, letter_id: Any, recipient: str, version: int, moment: Moment
) -> tuple[CoverageLetter, LetterDelivery]:
    letter = selectors.letter(actor, letter_id, moment, held=True)
    policies.keep.require(actor, letter.kind)
    if letter.state != "SIGNED":
        raise LetterDecided("Повідомлення ще не підписано.")
    delivery = letter.deliveries.select_for_update(no_key=True).filter(recipient=recipient).first()
    if delivery is None:
        raise LetterDecided("Цього адресата в повідомленні немає.")
    if delivery.version != version:
        raise StaleVersion
    return letter, delivery


def _day(
    values: Mapping[str, str], first: datetime.date, moment: Moment
) -> tuple[datetime.date | None, list[Problem]]:
    read = dates.parse("on", storable(values.get("on", "")), today=moment.today)
    problems = [Problem(one.field, one.code, one.detail) for one in read.problems]
    if read.value and not first <= read.value <= moment.today:
        said = f"Дата має бути від {first:%d.%m.%Y} до сьогодні."
        problems.append(Problem("on", "range", said))
    return read.value, problems
