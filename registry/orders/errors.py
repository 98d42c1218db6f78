"""Refusals about orders: forming, signing, annulling and asking for them."""

from __future__ import annotations

from kernel.errors import DomainError


class NothingReady(DomainError):
    """No row can enter the order yet."""

    code = "nothing_ready"
    title = "Жодного рядка ще не можна включити до наказу"


class OrderNotPrepared(DomainError):
    """The order is cancelled, so nobody may sign it."""

    code = "order_not_prepared"
    title = "Цей наказ уже не можна підписати"


class OrderAlreadySigned(DomainError):
    """What was signed never changes; corrections are new orders."""

    code = "order_already_signed"
    title = "Наказ уже підписано: виправити його можна лише новим наказом"


class NotAnnullable(DomainError):
    """The register has moved on since the order, so what it wrote cannot be taken back."""

    code = "not_annullable"
    title = "Цей наказ уже не можна скасувати: за ним стоять пізніші записи реєстру"


class TaskNotOpen(DomainError):
    """The order that was asked for is there already, is asked for no longer, or the term is over."""

    code = "task_not_open"
    title = "На цей запит уже не можна відповісти"


class EnrolledMeanwhile(DomainError):
    """The register changed between showing the order and signing it: `rows` says where."""

    code = "enrolled_meanwhile"
    title = "Поки наказ чекав на підпис, дані в реєстрі змінилися"


class OfMany(DomainError):
    """The order has more rows than take effect while somebody waits: a worker does it."""

    code = "order_of_many"
    title = "Рядків багато: наказ набере чинності у фоні"


class NoHead(DomainError):
    """Nobody could sign: the institution has no acting head."""

    code = "no_head"
    title = "У закладу немає чинного керівника, тому підписати наказ немає кому"
