"""Refusals about staff."""

from __future__ import annotations

from kernel.errors import DomainError


class MainPostElsewhere(DomainError):
    """At any date a person has one main post in the country (handbook D.5)."""

    code = "main_post_elsewhere"
    http_status = 422
    title = "Ця особа вже має основне місце роботи в цей час: зазначте роботу за сумісництвом"


class VacancyClosed(DomainError):
    """The vacancy is filled or withdrawn already."""

    code = "vacancy_closed"
    title = "Цю вакансію вже закрито"


class EmployeeNumberTaken(DomainError):
    """РНОКПП belongs to another employee."""

    code = "employee_number_taken"
    http_status = 422
    title = "Такий РНОКПП уже записано на іншу особу"
