"""Refusals about classifiers and territories."""

from __future__ import annotations

from kernel.errors import DomainError, Invalid


class EditionRejected(Invalid):
    """Rows of a КАТОТТГ edition are wrong; not one of them was loaded."""

    code = "territory_edition_rejected"
    title = "Редакцію КАТОТТГ не завантажено: у рядках є помилки"


class EditionOutdated(DomainError):
    """A newer edition is in the register already; history is not written backwards."""

    code = "territory_edition_outdated"
    title = "У реєстрі вже є новіша редакція КАТОТТГ"


class EditionClosesTooMuch(DomainError):
    """The file would close a large part of the country: more likely cut short than true."""

    code = "territory_edition_closes_too_much"
    title = "Редакція закриває забагато обʼєктів"


class NoSchoolYear(DomainError):
    """The classifier has no school year for the day."""

    code = "no_school_year"
    title = "Для цієї дати не відкрито навчального року"
