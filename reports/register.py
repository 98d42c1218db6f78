"""The register of forms there are: what each is, on which act it rests, what we have of it and what is
not established (handbook F.1)."""

from __future__ import annotations

import tomllib
from functools import cache

import msgspec

from reports.definition import FOLDER

_FILE = FOLDER / "register" / "forms.toml"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One form; `parts` are codes of its definitions, `open` what is missing, in words."""

    name: str
    title: str
    act: str
    as_of: str
    due: str
    parts: tuple[str, ...]
    open: str
    campaign: bool = False  # added up in a campaign


@cache
def entries() -> tuple[Entry, ...]:
    """Every form of the register.

    Raises:
        ValueError: the file is wrong.
    """
    found = tomllib.loads(_FILE.read_text("utf-8"))["forms"]
    return msgspec.convert(found, tuple[Entry, ...])
