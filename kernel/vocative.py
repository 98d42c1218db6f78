"""How a person is addressed: «Олено Андріївно»."""

from __future__ import annotations

import re

import shevchenko

_WORD = re.compile("[А-ЩЬЮЯҐЄІЇ][а-щьюяґєії]+(?:ʼ[а-щьюяґєії]+)*")
# «Огли», «кизи» and whatever else is no Ukrainian patronymic has no vocative of its own.
_PATRONYMIC = re.compile("(?:ович|йович|евич|ьович|ліч|міч|ич|івна|ївна|овна|ична|инична)$")


def addressed(given_name: str, patronymic: str = "") -> str:
    """A given name and patronymic in the vocative; «» for a name that cannot be judged surely.

    Judged is a name in Ukrainian letters whose sex the patronymic or the given name tells; where
    the two tell different sexes nobody is addressed by a guess. The rules are those of
    shevchenko-js (MIT), ported whole with its tests.
    """
    parts = [part for name in (given_name, patronymic) for part in name.split("-") if name]
    if not given_name or not all(_WORD.fullmatch(part) for part in parts):
        return ""
    if patronymic and not _PATRONYMIC.search(patronymic):
        return ""
    by_given = shevchenko.detect_gender(given_name=given_name)
    by_patronymic = shevchenko.detect_gender(patronymic_name=patronymic) if patronymic else None
    sex = by_patronymic or by_given
    if sex is None or (by_patronymic and by_given and by_patronymic != by_given):
        return ""
    said = shevchenko.in_vocative(
        gender=sex, given_name=given_name, **({"patronymic_name": patronymic} if patronymic else {})
    )
    return " ".join(said.values())
