"""States and events of the room in the interface's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts import events
from accounts.roles import Duty, GrantState
from kernel.audit.events import Event
from kernel.audit.timeline import Happened

TAGS = {
    GrantState.INVITED: "act",
    GrantState.ACTIVE: "good",
    GrantState.SUSPENDED: "heed",
    GrantState.INACTIVE: "off",
}

# Title and icon of every event that stands on a grant's timeline.
TITLES: dict[type[Event], tuple[str, str]] = {
    events.GrantGiven: ("Створено обліковий запис", "plus"),
    events.GrantActivated: ("Перший вхід: підпис перевірено, запис активний", "seal"),
    events.CabinetOpened: ("Кабінет оператора відкрито його власним ключем", "seal"),
    events.NothingOpened: ("Оператор прийшов знову: кабінет уже відкрито", "check"),
    events.GrantSuspended: ("Роботу зупинено", "warn"),
    events.GrantRestored: ("Роботу відновлено", "check"),
    events.GrantEnded: ("Запис зроблено неактивним", "ban"),
    events.DutiesChanged: ("Змінено обовʼязки", "pen"),
    events.NameDiffers: ("Імʼя в сертифікаті не збігається", "warn"),
    events.UserRenamed: ("Прийнято імʼя з сертифіката", "pen"),
    events.InvitationCreated: ("Створено запрошення", "right"),
    events.InvitationSent: ("Лист із запрошенням надіслано", "check"),
    events.InvitationWithdrawn: ("Запрошення відкликано, запис неактивний", "ban"),
}


def told(one: Happened) -> dict[str, str]:
    """Title, icon and details of an event for the timeline."""
    title, icon = TITLES.get(type(one.event), (one.code, "pen"))
    return {"title": title, "icon": icon, "details": ". ".join(_details(one.event))}


def _details(event: object) -> Iterator[str]:
    match event:
        case events.GrantGiven(ground=ground) if ground:
            yield f"Підстава: {ground}"
        case events.CabinetOpened(certificate=certificate) if certificate:
            yield f"Сертифікат № {certificate}"
        case events.DutiesChanged(before=before, duties=duties):
            yield f"Було: {_duties(before)}"
            yield f"Стало: {_duties(duties)}"
        case events.NameDiffers(certificate_name=name):
            yield f"У сертифікаті: {name}"
        case events.UserRenamed(before=before_name, name=name):
            yield f"Було: {before_name}"
            yield f"Стало: {name}"
        case events.InvitationCreated(email=email):
            yield f"На адресу {email}"
    if isinstance(
        event,
        events.GrantSuspended
        | events.GrantRestored
        | events.GrantEnded
        | events.InvitationWithdrawn,
    ):
        if event.reason:
            yield f"Підстава: {event.reason}"
        if ended := getattr(event, "sessions_ended", 0):
            yield f"Завершено сеансів: {ended}"


def _duties(codes: Iterable[str]) -> str:
    return ", ".join(Duty(code).label for code in codes)
