"""What this room adds to the frame and the home page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounts.roles import Role
from integrations.eis import policies
from integrations.eis.road import selectors as roads
from integrations.eis.selectors import keys
from kernel import clock
from kernel.ui import help as texts
from kernel.ui import menu
from kernel.ui.helpers import url_for


def _sees_keys(actor: Any) -> bool:
    return menu.signed_in(actor) and not actor.holds(Role.DEPUTY)


def _operator(actor: Any) -> bool:
    return actor is not None and actor.holds(Role.OPERATOR)


def _texts(actor: Any) -> bool:
    return actor is not None and policies.see_contracts.allows(actor)


def _head(actor: Any) -> bool:
    return actor is not None and actor.holds(Role.HEAD)


def _technical(actor: Any) -> bool:
    return actor is not None and actor.holds(Role.TECH_ADMIN)


texts.register(Path(__file__).parents[1] / "help")
menu.register_nav(
    menu.NavItem(url_name="eis_keys", label="ОІС і доступи", order=70, visible=_sees_keys)
)
menu.register_service(
    menu.Service(
        url_name="eis_key_new",
        label="Надання доступу інформаційній системі (ОІС)",
        group="Управління користувачами",
        group_order=30,
        order=50,
        icon="key",
        visible=_head,
    )
)
menu.register_service(
    menu.Service(
        url_name="eis_keys",
        label="Доступи інформаційних систем (ОІС)",
        group="Управління користувачами",
        group_order=30,
        order=51,
        icon="key",
        visible=_sees_keys,
    )
)
menu.register_service(
    menu.Service(
        url_name="eis_systems",
        label="ОІС: заявки, тестування, договори, стан",
        group="Інформаційні системи",
        group_order=50,
        order=10,
        icon="sync",
        visible=_technical,
    )
)


menu.register_service(
    menu.Service(
        url_name="eis_texts",
        label="Договір і технічні вимоги до ОІС",
        group="Інформаційні системи",
        group_order=50,
        order=20,
        icon="file",
        visible=_texts,
    )
)
menu.register_nav(menu.NavItem(url_name="operator", label="Мої ОІС", order=10, visible=_operator))
menu.register_footer(menu.FooterLink(url_name="eis_public", label="Підключені ОІС"))


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """What waits for the administrator on the roads of operators, and for the owner."""
    found = roads.waiting(actor, clock.today())
    if found.asked:
        yield menu.Attention(
            kind="move",
            title=f"ОІС, що чекають на ваш крок: {len(found.asked)}",
            text="Заявки, тестування, висновки, договори, оприлюднення",
            when=f"строк минув: {len(found.late)}" if found.late else "",
            url=url_for("eis_systems") + "?order=due",
            action="Розглянути",
        )
    if found.attestations:
        yield menu.Attention(
            kind="data",
            title=f"Подано атестатів захисту ОІС: {found.attestations}",
            text="Перевірте документ і прийміть його або поясніть, чому ні",
            when="",
            url=url_for("eis_systems"),
            action="Перевірити",
        )
    if texts := roads.to_approve(actor):
        yield menu.Attention(
            kind="sign",
            title=f"Текст договору з операторами ОІС чекає на затвердження: {texts}",
            text="Без затвердженого тексту оператори не можуть приєднатися",
            when="",
            url=url_for("eis_texts"),
            action="Затвердити",
        )


menu.register_attention(waiting)


def _found(actor: Any, text: str, limit: int) -> list[menu.Line]:
    systems = [
        menu.Line(title=one.name, url=url_for("eis_system", one.uid), note=one.operator.name)
        for one in keys.systems_called(actor, text, limit)
    ]
    return systems + [
        menu.Line(
            title=f"Доступ «{one.system.name}»",
            url=url_for("eis_mandate", one.pk),
            note=f"{one.institution.short_name}, діє до {one.valid_to:%d.%m.%Y}",
        )
        for one in keys.keys_called(actor, text, limit - len(systems))
    ]


menu.register_finder(menu.Finder(title="ОІС і доступи", order=10, find=_found))
menu.register_footer(menu.FooterLink(url_name="api_docs", label="API для ОІС"))


KEY_AHEAD = 60  # days


def deadlines(actor: Any) -> Iterator[menu.Deadline]:
    """Days on which mandates of the school end, once they are near."""
    if not _head(actor):
        return
    for one in keys.ending(actor, clock.today(), KEY_AHEAD):
        yield menu.Deadline(
            day=one.valid_to,
            text=f"Закінчується доступ ОІС «{one.system.name}»",
            url=url_for("eis_keys"),
        )


menu.register_deadlines(deadlines)
