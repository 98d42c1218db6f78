"""What the road tells: the administrator of what is filed, operators of what is decided, both of terms
that passed and attestations that end, heads of systems that are disconnected or pass on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.models import Grant
from accounts.notices.kinds import AHEAD, Follows, Kind, New, reminders
from accounts.roles import GrantState, Role
from integrations.eis.events import (
    AttestationJudged,
    AttestationOver,
    AttestationTold,
    ContractDrafted,
    PaperSigned,
    RequirementsPublished,
    RoadMoved,
    StepLate,
    SystemDisconnected,
    SystemPassedOn,
)
from integrations.eis.models import Attestation, EisSystem, Mandate
from integrations.eis.road.services import operators
from integrations.eis.states import (
    DISCONNECTION_GROUNDS,
    SAID,
    Paper,
    SystemState,
)
from kernel import clock
from kernel.audit.events import Event
from kernel.tables.dates import show

_ADMIN = {"url_name": "eis_system", "url_kwarg": "uid"}
_OPERATOR = {"url_name": "operator_system", "url_kwarg": "uid"}
FILED, ATTESTATION, LATE, OVER = (
    "eis.road.filed",
    "eis.road.attestation_told",
    "eis.road.late",
    "eis.road.attestation_over",
)
MOVED, MINE_LATE, MINE_OVER = (
    "eis.road.moved",
    "eis.road.late_of_operator",
    "eis.road.attestation_over_of_operator",
)
REQUIREMENTS, TO_APPROVE = "eis.road.requirements", "eis.road.contract_to_approve"
GONE, PASSED = "eis.system.disconnected", "eis.system.passed_on"
# Steps of the administrator that the operator is told of.
_TOLD = frozenset(
    {
        "start_test",
        "end_test",
        "conclude_positive",
        "conclude_unattested",
        "conclude_negative",
        "attest",
        "attestation_accepted",
        "attestation_refused",
        "contract",
        "publish",
        "functions_apply",
        "retest",
        "additional",
        "retested",
        "transfer",
        "pass_on",
        "suspend",
        "disconnect",
        "restore",
    }
)


def _ahead(side: str, url: dict[str, str]) -> tuple[Kind, ...]:
    return tuple(
        Kind(
            code=f"eis.road.attestation_{side}_{days}",
            title=f"Атестат ОІС «{{system}}» спливає {words}",
            text="Діє до {valid_to}. Без чинного атестата договору не укладають і доступу не "
            "відновлюють.",
            **url,
        )
        for days, words in AHEAD.items()
    )


ENDS, MINE_ENDS = _ahead("admin", _ADMIN), _ahead("operator", _OPERATOR)
KINDS = (
    Kind(code=FILED, title="{paper}: «{system}»", text="Подано й підписано оператором.", **_ADMIN),
    Kind(
        code=ATTESTATION,
        title="Подано атестат ОІС «{system}»",
        text="Перевірте документ і прийміть його або поясніть, чому ні.",
        **_ADMIN,
    ),
    Kind(
        code=LATE,
        title="Строк минув {due}: «{system}»",
        text="Стан: {state}. Завершіть крок.",
        **_ADMIN,
    ),
    Kind(
        code=OVER,
        title="Атестат ОІС «{system}» більше не діє",
        text="Діяв до {valid_to}. Оператор має подати новий.",
        **_ADMIN,
    ),
    Kind(code=MOVED, title="«{system}»: {step}", text="Тепер ОІС у стані «{state}».", **_OPERATOR),
    Kind(
        code=MINE_LATE,
        title="Строк минув {due}: «{system}»",
        text="Стан: {state}. Технічного адміністратора теж попереджено.",
        **_OPERATOR,
    ),
    Kind(
        code=MINE_OVER,
        title="Атестат ОІС «{system}» більше не діє",
        text="Діяв до {valid_to}. Подайте новий: доступ можуть зупинити.",
        **_OPERATOR,
    ),
    *ENDS,
    *MINE_ENDS,
    Kind(
        code=REQUIREMENTS,
        title="Змінюються технічні вимоги з {effective_on}",
        text="{title}. До цього дня приведіть ОІС у відповідність; потім її протестують знову, "
        "доступу не зупиняючи.",
        url_name="eis_public_requirements",
        url_kwarg="number",
    ),
    Kind(
        code=TO_APPROVE,
        title="Текст договору чекає на затвердження",
        text="{title}",
        url_name="eis_contract_text",
        url_kwarg="number",
    ),
    Kind(
        code=GONE,
        title="ОІС «{system}» відключено від бази",
        text="Підстава: {ground}. Доступ, який ви їй надали, припинено разом із ключами.",
        url_name="eis_keys",
    ),
    Kind(
        code=PASSED,
        title="ОІС «{system}» має нового оператора",
        text="Тепер це {operator}. Доступ, наданий попередньому операторові, припинено: надайте його "
        "знову, якщо працюєте із цією системою.",
        url_name="eis_keys",
    ),
)


def _system(pk: int) -> EisSystem | None:
    return EisSystem.objects.select_related("operator").filter(pk=pk).first()


def _filed(event: PaperSigned, at: datetime.datetime) -> Iterator[New]:
    if event.kind == Paper.CONCLUSION:
        return
    facts = {"paper": Paper(event.kind).label, "system": event.system}
    for grant in operators.administrators():
        yield New(grant, FILED, event.system_uid, facts, at, again=True)


def _moved(event: RoadMoved, at: datetime.datetime) -> Iterator[New]:
    system = _system(event.subject)
    if event.step not in _TOLD or system is None:
        return
    facts = {
        "system": event.name,
        "step": SAID[event.step].words.lower(),
        "state": SystemState(event.after).label,
    }
    for grant in operators.people_of(system):
        yield New(grant, MOVED, event.uid, facts, at, again=True)


def _late(event: StepLate, at: datetime.datetime) -> Iterator[New]:
    system = _system(event.subject)
    if system is None or system.due_on != event.due_on:
        return
    facts = {
        "system": event.name,
        "due": show(event.due_on),
        "state": SystemState(event.state).label,
    }
    for grant in operators.administrators():
        yield New(grant, LATE, event.uid, facts, at, again=True)
    for grant in operators.people_of(system):
        yield New(grant, MINE_LATE, event.uid, facts, at, again=True)


def _told(event: AttestationTold, at: datetime.datetime) -> Iterator[New]:
    for grant in operators.administrators():
        yield New(grant, ATTESTATION, event.uid, {"system": event.name}, at, again=True)


def _judged(event: AttestationJudged, at: datetime.datetime) -> Iterator[New]:
    """Reminders of its end, to both sides; none of one that another outlives."""
    system = _system(event.subject)
    if not event.accepted or system is None or system.kszi_valid_to != event.valid_to:
        return
    facts = {"system": event.name, "valid_to": show(event.valid_to)}
    for days, due in reminders(event.valid_to, at):
        for grant in operators.administrators():
            yield New(
                grant, f"eis.road.attestation_admin_{days}", event.uid, facts, due, again=True
            )
        for grant in operators.people_of(system):
            yield New(
                grant, f"eis.road.attestation_operator_{days}", event.uid, facts, due, again=True
            )


def _over(event: AttestationOver, at: datetime.datetime) -> Iterator[New]:
    system = _system(event.subject)
    newer = Attestation.objects.filter(
        system_id=event.subject, accepted=True, valid_to__gt=event.valid_to
    )
    if system is None or newer.exists():
        return
    facts = {"system": event.name, "valid_to": show(event.valid_to)}
    for grant in operators.administrators():
        yield New(grant, OVER, event.uid, facts, at, again=True)
    for grant in operators.people_of(system):
        yield New(grant, MINE_OVER, event.uid, facts, at, again=True)


def _requirements(event: RequirementsPublished, at: datetime.datetime) -> Iterator[New]:
    facts = {"title": event.title, "effective_on": show(event.effective_on)}
    rows = Grant.objects.filter(role=Role.OPERATOR, state=GrantState.ACTIVE).order_by("pk")
    for grant in rows.values_list("pk", flat=True):
        yield New(grant, REQUIREMENTS, str(event.subject), facts, at)


def _to_approve(event: ContractDrafted, at: datetime.datetime) -> Iterator[New]:
    rows = Grant.objects.filter(role=Role.ANALYST, state=GrantState.ACTIVE).order_by("pk")
    for grant in rows.values_list("pk", flat=True):
        yield New(grant, TO_APPROVE, str(event.subject), {"title": event.title}, at)


def _heads(system_id: int, at: datetime.datetime) -> list[int]:
    """Heads whose mandates of the system ended with this very act."""
    rows = Mandate.objects.filter(
        system_id=system_id,
        ended_at__gte=at - datetime.timedelta(seconds=1),
        ended_at__lte=at + datetime.timedelta(seconds=1),
        ended_by=None,
        granted_by__state=GrantState.ACTIVE,
        valid_to__gt=clock.day_of(at),
    )
    return list(rows.order_by("granted_by_id").values_list("granted_by_id", flat=True).distinct())


def _disconnected(event: SystemDisconnected, at: datetime.datetime) -> Iterator[New]:
    words = DISCONNECTION_GROUNDS.get(event.ground, "новий оператор не звернувся вчасно")
    facts = {"system": event.name, "ground": f"п. {event.ground} Положення, {words}"}
    for grant in _heads(event.subject, at):
        yield New(grant, GONE, str(event.subject), facts, at, again=True)


def _passed_on(event: SystemPassedOn, at: datetime.datetime) -> Iterator[New]:
    facts = {"system": event.name, "operator": event.operator}
    for grant in _heads(event.subject, at):
        yield New(grant, PASSED, str(event.subject), facts, at, again=True)


_ENDS = tuple(kind.code for kind in (*ENDS, *MINE_ENDS))
NOTICES: dict[type[Event], Follows] = {
    PaperSigned: Follows(opens=_filed),
    # Whatever moves on is late no more.
    RoadMoved: Follows(opens=_moved, closes=(LATE, MINE_LATE), subjects=lambda one: [one.uid]),
    StepLate: Follows(opens=_late),
    AttestationTold: Follows(opens=_told),
    AttestationOver: Follows(opens=_over),
    RequirementsPublished: Follows(opens=_requirements),
    ContractDrafted: Follows(opens=_to_approve),
    SystemDisconnected: Follows(opens=_disconnected),
    SystemPassedOn: Follows(opens=_passed_on),
    AttestationJudged: Follows(
        opens=_judged,
        closes=(ATTESTATION,),
        subjects=lambda one: [one.uid],
    ),
}
