"""Refusals about classes."""

from __future__ import annotations

from kernel.errors import DomainError


class ClassExists(DomainError):
    """The year has an open class of this name already."""

    code = "class_exists"
    title = "Такий клас у цьому навчальному році вже є"


class ClassNotEmpty(DomainError):
    """Pupils learn in the class."""

    code = "class_not_empty"
    title = "У класі є учні"
