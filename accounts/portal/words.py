"""States and events of the room in the interface's words."""

from __future__ import annotations

from accounts.roles import Duty, GrantState
from accounts.selectors.users import Happened

TAGS = {
    GrantState.INVITED: "act",
    GrantState.ACTIVE: "good",
    GrantState.SUSPENDED: "heed",
    GrantState.INACTIVE: "off",
}

_TITLES = {
    "accounts.grant.given": ("Створено обліковий запис", "plus"),
    "accounts.grant.activated": ("Перший вхід: підпис перевірено, запис АКТИВНИЙ", "seal"),
    "accounts.grant.suspended": ("Роботу зупинено", "warn"),
    "accounts.grant.restored": ("Роботу відновлено", "check"),
    "accounts.grant.ended": ("Позначено НЕАКТИВНИЙ", "ban"),
    "accounts.grant.duties_changed": ("Змінено обовʼязки", "pen"),
    "accounts.grant.name_differs": ("Імʼя в сертифікаті не збігається", "warn"),
    "accounts.user.renamed": ("Прийнято імʼя з сертифіката", "pen"),
    "accounts.invitation.created": ("Створено запрошення", "right"),
    "accounts.invitation.sent": ("Лист із запрошенням надіслано", "check"),
}


def told(one: Happened) -> dict[str, str]:
    """Title, icon and details of an event for the timeline."""
    title, icon = _TITLES.get(one.code, (one.code, "pen"))
    payload = one.payload
    details = []
    for key, words in (
        ("reason", "Підстава: {}"),
        ("ground", "Підстава: {}"),
        ("email", "На адресу {}"),
        ("certificate_name", "У сертифікаті: {}"),
        ("before", "Було: {}"),
        ("name", "Стало: {}"),
    ):
        value = payload.get(key)
        if isinstance(value, list):
            value = ", ".join(Duty(duty).label for duty in value)
        if value:
            details.append(words.format(value))
    duties = payload.get("duties")
    if one.code == "accounts.grant.duties_changed" and isinstance(duties, list):
        details.append("Стало: " + ", ".join(Duty(duty).label for duty in duties))
    if payload.get("sessions_ended"):
        details.append(f"Завершено сеансів: {payload['sessions_ended']}")
    return {"title": title, "icon": icon, "details": ". ".join(details)}
