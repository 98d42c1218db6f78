"""Key files of the personas, the key of the demo school's system, and the README beside them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TypedDict

from django.conf import settings

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from accounts.ports import Identified
from accounts.roles import WRITES, Dataset, Role
from accounts.services.operators import open_cabinet
from aikom.demo import sample, world
from aikom.demo.personas import (
    OPERATOR,
    OPERATOR_CODE,
    OPERATOR_NAME,
    PARENT,
    PASSWORD,
    PERSONAS,
    Persona,
    persona,
)
from integrations.eis.models import EisSystem, SchoolKey
from integrations.eis.road.services import applications, signing, testing, texts
from integrations.eis.road.services.applications import Attached, Description
from integrations.eis.services import keys as school_keys
from integrations.eis.services import mandates, systems
from kernel import clock
from kernel.clock import Moment
from registry.models import Guardian, Guardianship, Institution
from registry.people import services as people
from registry.people.services.guardians import values_of_guardian
from signatures.demo.authority import issue_demo_key, stored
from signatures.demo.signing import sign_cms

EIS_SYSTEM = "Нові знання"
EIS_KEY_FILE = "eis-key.txt"
README = "README"


def folder() -> Path:
    """Where the key files lie; made when it is not there."""
    path = Path(settings.SIGNATURES_DEMO_DIR)
    path.mkdir(parents=True, exist_ok=True)
    return path


def hand_out(*, now: datetime.datetime) -> list[Path]:
    """Issue what is missing: key files of personas, the system's key, sample tables, README.

    Files that lie there stay as they are, so keys given out yesterday still open the door.
    """
    place = folder()
    written = []
    for each in PERSONAS:
        path = place / each.file_name
        if each.signs and not path.exists():
            _, content, _ = _issue(each, now)
            _write(path, content)
            written.append(path)
    path = place / PARENT.file_name
    if not path.exists():
        _write(path, _issue_to_parent(now))
        written.append(path)
    path = place / OPERATOR.file_name
    if not path.exists():
        _write(path, _issue_to_operator(now))
        written.append(path)
    path = place / EIS_KEY_FILE
    if not _opens(path):
        _write(path, _eis_key(now).encode())
        written.append(path)
    for name, content in sample.files(clock.day_of(now)).items():
        path = place / name
        if not path.exists():
            _write(path, content)
            written.append(path)
    _write(place / README, readme().encode())
    return written


def connect_systems() -> int:
    """Take in the systems that public documents name, as the technical administrator."""
    return systems.register_known(actor=_holder(Role.TECH_ADMIN, None))


def walk_an_operator(at: Moment) -> EisSystem:
    """An operator in the middle of its road: the contract is approved, the application signed with the
    operator's own key, the test under way."""
    admin, owner = _holder(Role.TECH_ADMIN, None), _holder(Role.ANALYST, None)
    text = texts.draft_contract(
        actor=admin,
        title="Договір про взаємодію з центральною базою даних",
        body="1. Оператор дотримується Положення та технічних вимог.\n"
        "2. Доступ до даних закладу надає керівник закладу; оператор діє в його межах.\n"
        "3. Оператор захищає дані й сповіщає про кіберінциденти без зволікання.",
        effective_on=at.today,
        moment=at,
    )
    texts.approve_contract(
        actor=owner, number=text.number, approval="синтетичне рішення № 1", moment=at
    )
    texts.publish_requirements(
        actor=admin,
        title="Технічні вимоги до ОІС",
        body="1. Обмін лише захищеним каналом.\n2. Довідники — державні.\n"
        "3. Зміни забирають щонайменше раз на добу.",
        effective_on=at.today,
        moment=at,
    )
    opened = open_cabinet(
        actor=actors.stranger(None),
        who=Identified(
            person_code=OPERATOR.person_code,
            edrpou=OPERATOR_CODE,
            full_name=OPERATOR.full_name,
            organisation=OPERATOR_NAME,
        ),
        at=at.now,
    )
    operator = actors.of_grant(
        Grant.objects.select_related("user", "unit").get(pk=opened.pk), below=()
    )
    system = applications.describe(
        actor=operator,
        system_uid=None,
        version=0,
        said=Description(
            name="Зошит",
            site="https://zoshyt.example.com",
            about="Електронний журнал і щоденник (вигадана система).",
            functions=["JOURNAL", "DIARY", "TIMETABLE"],
            writes=["classes.write"],
            email=OPERATOR.email,
            phone="",
        ),
        moment=at,
    )
    paper = applications.prepare(
        actor=operator,
        system_uid=system.uid,
        version=system.version,
        kind="APPLICATION",
        attached=[Attached("ownership", b"%PDF-1.4\n%%EOF\n")],
        moment=at,
    )
    key, certificate = stored().issue_person(**_operator(), at=at.now)
    cms = sign_cms(bytes(paper.signing.content), key, certificate, signing_time=at.now)
    signing.sign(actor=operator, paper_id=paper.pk, cms=cms, moment=at)
    system.refresh_from_db()
    testing.start(actor=admin, system_uid=system.uid, version=system.version, moment=at)
    return system


class _Certified(TypedDict):
    """A certificate in words, as the authority is told them."""

    full_name: str
    surname: str
    given_name: str
    rnokpp: str
    edrpou: str
    organisation: str
    title: str


def _operator() -> _Certified:
    """The operator's certificate in words."""
    return {
        "full_name": OPERATOR.full_name,
        "surname": OPERATOR.surname,
        "given_name": f"{OPERATOR.given_name} {OPERATOR.patronymic}",
        "rnokpp": OPERATOR.person_code,
        "edrpou": OPERATOR_CODE,
        "organisation": OPERATOR_NAME,
        "title": OPERATOR.title,
    }


def _issue_to_operator(now: datetime.datetime) -> bytes:
    _, content, _ = issue_demo_key(**_operator(), password=PASSWORD, at=now)
    return content


def confirm_parent() -> Guardianship | None:
    """A child of the demo lyceum whose mother may look into the parents' window: the head saw her
    certificate of birth, where she bears the surname of the child. None when she is confirmed already."""
    if Guardian.objects.filter(rnokpp=PARENT.person_code).exists():
        return None
    today = clock.today()
    lyceum = world.nodes()[persona("head-lyceum").unit]
    head = _holder(Role.HEAD, lyceum)
    mothers = Guardianship.objects.select_related("guardian", "pupil").filter(
        pupil__institution_id=lyceum, relation="MOTHER"
    )
    # One child, so that nobody else's card changes with her number.
    tie = mothers.filter(pupil__sex="F").order_by("pupil__sort_key", "pk").first()
    if tie is None:
        return None
    told = values_of_guardian(tie) | {
        "given_name": PARENT.given_name,
        "patronymic": PARENT.patronymic,
        "rnokpp": PARENT.person_code,
        "passport": "",
    }
    people.change_guardian(
        actor=head, pupil_id=tie.pupil_id, guardianship_id=tie.pk, version=tie.version,
        guardian_version=tie.guardian.version, values=told, today=today,
    )  # fmt: skip
    tie = mothers.get(pk=tie.pk)
    return people.confirm_guardian(
        actor=head, pupil_id=tie.pupil_id, guardianship_id=tie.pk, version=tie.version,
        guardian_version=tie.guardian.version, ground="свідоцтво про народження дитини", today=today,
    )  # fmt: skip


def readme() -> str:
    """The table of personas, as `demo_personas` prints it and as it lies beside the keys."""
    place = folder()
    lines = [
        "АІКОМ demo: invented people and their keys (синтетичні дані, усі особи вигадані).",
        f"Keys lie in {place}; the password of every key is {PASSWORD}",
        "",
    ]
    edrpou = dict(OrgUnit.objects.values_list("id", "edrpou"))
    nodes = world.nodes()
    width = max(len(each.file_name) for each in PERSONAS)
    for each in PERSONAS:
        if each.signs and each.holdings:
            lines += _told(each, width)
    lines += ["", "Spare keys: people without an account yet, whom you may create yourself:"]
    for each in PERSONAS:
        if each.signs and not each.holdings:
            lines += _told(each, width)
            lines.append(
                f"{'':{width}}  РНОКПП {each.person_code}, ЄДРПОУ {edrpou[nodes[each.unit]]},"
                f" {each.email}"
            )
    engineer = persona("operator-engineer")
    lines += ["", "The parents' window (a natural person's key, of no organisation):"]
    lines += _told(PARENT, width)
    lines += ["", "The cabinet of an operator of a school information system:"]
    lines += _told(OPERATOR, width)
    lines += [
        "",
        f"{EIS_KEY_FILE:{width}}  {engineer.full_name}, {engineer.title}",
        f"{'':{width}}  {engineer.what_for}",
        f"{sample.XLSX:{width}}  таблиця 24 учнів 1-А класу з трьома навмисними помилками",
        f"{sample.CSV:{width}}  та сама таблиця у CSV",
        "",
    ]
    return "\n".join(lines)


def _told(who: Persona, width: int) -> list[str]:
    return [
        f"{who.file_name:{width}}  {who.full_name}, {who.title}",
        f"{'':{width}}  {who.what_for}",
    ]


def _issue_to_parent(now: datetime.datetime) -> bytes:
    _, content, _ = issue_demo_key(
        full_name=PARENT.full_name,
        surname=PARENT.surname,
        given_name=f"{PARENT.given_name} {PARENT.patronymic}",
        rnokpp=PARENT.person_code,
        password=PASSWORD,
        kind="person",
        at=now,
    )
    return content


def _issue(who: Persona, now: datetime.datetime) -> tuple[str, bytes, bytes]:
    unit = OrgUnit.objects.get(pk=world.nodes()[who.unit])
    return issue_demo_key(
        full_name=who.full_name,
        surname=who.surname,
        given_name=f"{who.given_name} {who.patronymic}",
        rnokpp=who.person_code,
        edrpou=unit.edrpou,
        organisation=unit.name,
        title=who.title,
        password=PASSWORD,
        at=now,
    )


def _opens(path: Path) -> bool:
    """Whether the system's key in the file is one of this database: another may have been before."""
    if not path.exists():
        return False
    secret = path.read_text(encoding="utf-8").split("\n", 1)[0]
    return SchoolKey.objects.filter(secret_sha256=school_keys.secret_hash(secret)).exists()


def _eis_key(now: datetime.datetime) -> str:
    school = Institution.objects.get(pk=world.nodes()[persona("head-lyceum").unit])
    system = EisSystem.objects.get(name=EIS_SYSTEM)
    today, head = clock.day_of(now), _holder(Role.HEAD, school.pk)
    at = Moment(now, today)
    mandate = mandates.prepare(
        actor=head,
        institution_uid=school.uid,
        system_uid=system.uid,
        datasets=[one for one in Dataset.values if one not in WRITES],
        valid_from=today,
        valid_to=clock.years_after(today, 1),
        moment=at,
    )
    cms = _signature(persona("head-lyceum"), bytes(mandate.signing.content), now)  # type: ignore[union-attr]
    mandates.sign(actor=head, mandate_id=mandate.pk, cms=cms, moment=at)
    issued = school_keys.issue_key(actor=head, mandate_id=mandate.pk, moment=at)
    return (
        f"{issued.secret}\n\n"
        f"Ключ ОІС «{EIS_SYSTEM}» до даних закладу «{school.short_name}», лише читання, один рік.\n"
        "curl -H 'Authorization: Bearer КЛЮЧ' http://localhost:8000/api/v1/pupils\n"
    )


def _signature(who: Persona, content: bytes, now: datetime.datetime) -> bytes:
    """What the person's browser would sign, with a key made for this once."""
    unit = OrgUnit.objects.get(pk=world.nodes()[who.unit])
    key, certificate = stored().issue_person(
        full_name=who.full_name,
        surname=who.surname,
        given_name=f"{who.given_name} {who.patronymic}",
        rnokpp=who.person_code,
        edrpou=unit.edrpou,
        organisation=unit.name,
        title=who.title,
        at=now,
    )
    return sign_cms(content, key, certificate, signing_time=now)


def _holder(role: str, unit_id: int | None) -> Actor:
    held = Grant.objects.select_related("user", "unit").filter(role=role, state="ACTIVE")
    if unit_id is not None:
        held = held.filter(unit_id=unit_id)
    return actors.of_grant(held.order_by("id")[0])


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)
