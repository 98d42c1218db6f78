"""Rows of newcomers against each other and against the register.

What is told of a child outside the actor's reach is only that it exists: never who it is or where
it learns.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from kernel.tables.findings import Problem, error, warning
from kernel.text import sort_key
from registry.drafts.models import DraftRow
from registry.fields import names
from registry.identity import matches
from registry.movements.enrol.effect import CLOSED, differing
from registry.movements.enrol.rows import Applicant, CleanRow
from registry.people.models.guardians import Guardian
from registry.people.models.pupils import Pupil
from registry.people.services import guardians

DIFFERS = "profile_differs"  # a row of a returning child says other than the profile
RENAMED = "other_person"  # the doubt about an applicant's name, and the answer to it
_ONE_CHILDS = {"document": "документ", "rnokpp": "РНОКПП", "unzr": "УНЗР"}


def keys_of(keys: matches.Keys) -> tuple[str, ...]:
    """What identifies a child, as the keys of a draft's row: rows that share one are judged
    together."""
    found = []
    if keys.document is not None:
        document = keys.document
        found.append(f"document:{document.type}|{document.series}|{document.number}")
    if keys.rnokpp:
        found.append(f"rnokpp:{keys.rnokpp}")
    if keys.unzr:
        found.append(f"unzr:{keys.unzr}")
    if keys.surname and keys.given_name and keys.born_on:
        found.append(f"name:{matches.name_key(keys)}|{keys.born_on}")
    return tuple(found)


# What the rows of one table must say alike of one representative, beside the name: column, words.
_SAID_OF_APPLICANT = {
    "phone": ("phone", "телефон там інший"),
    "email": ("email", "електронна пошта там інша"),
    "patronymic": ("applicant", "по батькові там інше"),
}


class Applied(Protocol):
    """A normalised row that says who applied."""

    @property
    def applicant(self) -> Applicant: ...


def applicant_keys(clean: Applied | None) -> tuple[str, ...]:
    """The number of a representative, and the number with the name: where the two keys begin in
    different rows, one number stands beside two names. The same of what else is said of them: the
    register keeps one phone of a person, so two in one order would lose one."""
    if clean is None or not clean.applicant.rnokpp:
        return ()
    who = clean.applicant
    name = sort_key(f"{who.surname} {who.given_name}")
    found = [f"applicant:{who.rnokpp}", f"applicant_named:{who.rnokpp}|{name}"]
    for field in _SAID_OF_APPLICANT:
        if said := getattr(who, field):
            found += [f"{field}_of:{who.rnokpp}", f"{field}_is:{who.rnokpp}|{said}"]
    return tuple(found)


def repeated(
    row: DraftRow, keys: Sequence[str], first_with: Mapping[str, int]
) -> Iterable[Problem]:
    """The same document or number twice is an error of the later row, and so is the number of a
    representative beside another name; the same name and birth date of a child a doubt."""
    first = {key.partition(":")[0]: first_with[key] for key in keys}
    numbered = first.pop("applicant", None)
    if numbered != first.pop("applicant_named", None):
        yield error(
            "applicant_rnokpp",
            "repeated",
            f"Такий самий РНОКПП заявника у рядку {numbered}, але імʼя там інше. "
            "Виправте номер або імʼя.",
        )
    for field, (column, words) in _SAID_OF_APPLICANT.items():
        if (before := first.pop(f"{field}_of", None)) != first.pop(f"{field}_is", None):
            yield error(
                column,
                "repeated_otherwise",
                f"У рядку {before} той самий заявник, але {words}. "
                "Реєстр зберігає одне значення: вкажіть його в обох рядках.",
            )
    for field, before in first.items():
        if before == row.position:
            continue
        if field in _ONE_CHILDS:
            yield error(
                field,
                "repeated",
                f"Такий самий {_ONE_CHILDS[field]} у рядку {before}. "
                "Виправте його або не включайте один із рядків.",
            )
        else:
            yield warning(
                "surname",
                "repeated_name",
                f"У рядку {before} дитина з таким самим імʼям і датою народження. Це різні діти?",
            )


def disagreements(clean: CleanRow, profile: Pupil, *, mine: bool) -> Iterable[Problem]:
    """Where the row of a returning child says other than its profile: the order will change the
    profile, so a person says first that this is meant. What the row leaves out it does not change.
    A closed profile takes nobody in.

    Values of a profile out of reach are not told.
    """
    if profile.closed_reason:
        yield error("surname", "profile_closed", f"{CLOSED[profile.closed_reason].capitalize()}.")
    for field in differing(clean, profile):
        stands = getattr(profile, field)
        shown = f"{stands:%d.%m.%Y}" if field == "born_on" else stands
        there = f"записано «{shown}»" if mine else "записано інше"
        yield warning(
            field,
            DIFFERS,
            f"У профілі дитини {there}. Якщо в рядку правильно, наказ виправить профіль.",
        )


def doubted_applicant(clean: Applied, known: Guardian | None) -> Iterable[Problem]:
    """Where the number of who applies is of somebody with another name: the order will rename that
    person for all their children. The name is told to nobody: it may be a stranger's (handbook K).
    """
    who = clean.applicant
    if known is None or guardians.same_name(known, who):
        return
    if names.is_initial(who.given_name) or names.is_initial(who.patronymic):
        yield error(
            "applicant",
            "initials_of_another",
            "За цим РНОКПП у реєстрі особа з іншим іменем. Ініціали її імʼям не стануть: "
            "запишіть імʼя та по батькові повністю або виправте номер.",
        )
    else:
        yield warning(
            "applicant_rnokpp",
            RENAMED,
            "Цей РНОКПП уже належить іншій особі в реєстрі: перевірте число. Якщо воно правильне і "
            "це та сама особа, підтвердьте: наказ змінить її імʼя для всіх її дітей.",
        )


_HARD = {
    "document": ("document", "таким документом"),
    "rnokpp": ("rnokpp", "таким РНОКПП"),
    "unzr": ("unzr", "таким УНЗР"),
}
# What speaks for one child where no number does, in words that tell a stranger no more.
_SOFT = {
    "name": "таким самим імʼям і датою народження",
    "alike": "дуже схожими даними",
}
_TRANSFER = (
    "Прийняти її можна лише послугою «Переведення учня між школами протягом року»: "
    "одночасно дитина навчається в одному закладі."
)


def compared(
    row: DraftRow,
    keys: matches.Keys,
    matched: Sequence[matches.Match],
    reach: frozenset[int],
    apart: Collection[frozenset[uuid.UUID]] = (),
) -> tuple[list[dict[str, Any]], uuid.UUID | None, bool, list[uuid.UUID]]:
    """What to say of the children a row may be; which profile the row is, and whether it is within
    reach; which children of the same name are said to be others. `apart` are pairs that people told
    apart before: of those nobody is asked again.

    Nothing of a child outside the actor's reach is told: neither who it is, nor where it learns, nor
    in what it resembles the row.
    """
    by_child: dict[uuid.UUID, list[matches.Match]] = {}
    for match in matched:
        by_child.setdefault(match.found.pupil_id, []).append(match)
    known = {pupil_id for pupil_id, those in by_child.items() if _numbered(those)}
    told: list[dict[str, Any]] = []
    links: list[tuple[uuid.UUID, bool]] = []
    others: list[uuid.UUID] = []
    for pupil_id, those in by_child.items():
        found = those[0].found
        hard = next((_HARD[m.kind] for m in those if m.kind in _HARD), None)
        if hard is None and any(frozenset((one, pupil_id)) in apart for one in known):
            continue
        mine = bool({*found.ever_at, found.institution_id} & reach)
        decision = row.answers.get(f"twin:{pupil_id}")
        agrees = found.born_on == keys.born_on and found.name_key.startswith(
            matches.name_key(keys) + " "
        )
        if hard is None and (decision == "other" or not (mine or found.institution_id in reach)):
            others.append(pupil_id)
        field, what = hard or ("surname", _SOFT[those[0].kind])
        if found.institution_id is not None and found.institution_id in reach:
            if decision == "same" or (hard is not None and agrees):
                told.append(
                    error(
                        field,
                        "enrolled_here",
                        f"Ця дитина вже навчається у вашому закладі, клас {found.class_label}. "
                        "Не включайте рядок.",
                    ).as_json()
                    | {"pupil": str(pupil_id)}
                )
            else:
                told.append(_twin(field, what, pupil_id, hard is not None))
        elif found.institution_id is not None:
            if hard is not None:
                told.append(
                    error(
                        field,
                        "enrolled_elsewhere",
                        f"Дитину з {what} уже зараховано до іншого закладу. {_TRANSFER}",
                    ).as_json()
                )
            else:
                told.append(
                    warning(
                        field,
                        "namesake_elsewhere",
                        f"У реєстрі вже є дитина з {what}. Якщо це вона, потрібне переведення, "
                        "а не зарахування. Якщо інша — підтвердьте.",
                    ).as_json()
                )
        elif hard is not None and (agrees or decision == "same"):
            # Known, enrolled nowhere, and all data agree: the profile is hers.
            links.append((pupil_id, mine))
        elif mine:
            if decision == "same":
                links.append((pupil_id, True))
            else:
                told.append(_twin(field, what, pupil_id, hard is not None))
        elif hard is not None:
            told.append(
                warning(
                    field,
                    "other_data",
                    f"У реєстрі дитина з {what} має інше імʼя або дату народження. Звірте з "
                    "документом; якщо в рядку все правильно, вкажіть, що це та сама дитина.",
                ).as_json()
                | {"pupil": str(pupil_id)}
            )
        else:
            told.append(
                warning(
                    field,
                    "namesake_nowhere",
                    f"У реєстрі вже є дитина з {what}, яка зараз ніде не навчається. Якщо це вона, "
                    "вкажіть документ або номер, за яким її знає реєстр: зарахування продовжить її "
                    "профіль. Якщо інша — підтвердьте.",
                ).as_json()
            )
    if len(links) > 1:
        told.append(
            error(
                "document",
                "two_profiles",
                "Документ, номер або імʼя в цьому рядку належать двом профілям реєстру. Звірте дані з "
                "документами; якщо це одна дитина, спершу обʼєднайте її профілі.",
            ).as_json()
        )
    link, link_is_mine = links[0] if links else (None, False)
    return told, link, link_is_mine, others


def _numbered(those: Sequence[matches.Match]) -> bool:
    return any(match.kind in _HARD for match in those)


def softly(matched: Sequence[matches.Match]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Pairs of a child that a number found and one that only resembles the row."""
    by_number = {match.found.pupil_id for match in matched if match.kind in _HARD}
    others = {match.found.pupil_id for match in matched} - by_number
    return [(one, other) for one in by_number for other in others]


def _twin(field: str, what: str, pupil_id: uuid.UUID, hard: bool) -> dict[str, Any]:
    code = "twin_document" if hard else "twin"
    detail = f"Можливо, це та сама дитина: у реєстрі є профіль з {what}."
    return warning(field, code, detail).as_json() | {"pupil": str(pupil_id)}
