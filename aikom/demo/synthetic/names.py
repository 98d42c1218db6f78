"""Ukrainian names of invented people: surnames in both genders, given names, patronymics."""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kernel.text import clean

_DATA = Path(__file__).parent / "data"
_WORD = re.compile(r"[А-ЩЬЮЯҐЄІЇ][а-щьюяґєії]+(?:ʼ[а-щьюяґєії]+)?")
# What a register of firms left in the list of surnames.
_NOT_SURNAMES = {
    "Фоп",
    "Спд",
    "Тов",
    "Субєкт",
    "Субʼєкт",
    "Підприємець",
    "Громадянин",
    "Фізична",
    "Особа",
    "Приватний",
    "Школьний",
    "Громадянка",
    "Гнида",
}
_ADJECTIVE = re.compile(r"(?:[сцз]ьк|[нвдткмрпчлґгжшщбхсц])ий$")
_SOFT_ADJECTIVE = re.compile(r"(?:ж|род|лот|рх)ній$")
_POSSESSIVE = re.compile(r"(?:ов|ев|єв)$")
_RUSSIAN_IN = re.compile(r"[ії]н$")
_FEMININE = re.compile(r"(?:[сцз]ька|ова|ева|єва|іна|їна|ина|яна)$")
# The apostrophe that the list lost: «Деревянко», «Лукянчук», «Вязовський», «Григорєв».
_LOST_APOSTROPHE = re.compile(
    r"(?<=[аеиіоуюяєїр][бпвмф])(?=[яї]|є[вй]$)|(?<=^[ВПМ])(?=я)|(?<=ук)(?=ян)|(?<=ор)(?=єв$)"
)


@dataclasses.dataclass(frozen=True)
class Surname:
    """One surname in both genders: «Зелінський», «Зелінська»; «Мельник», «Мельник»."""

    masculine: str
    feminine: str

    def of(self, sex: str) -> str:
        """The form for a man ("M") or a woman ("F")."""
        return self.masculine if sex == "M" else self.feminine


def feminine(surname: str) -> str:
    """The feminine form of a masculine surname (правопис 2019, §§ 142-143).

    Adjectival surnames and possessives in -ов, -ев, -єв, -ін decline by gender; nouns do not.
    """
    if _SOFT_ADJECTIVE.search(surname):
        return surname[:-2] + "я"
    if _ADJECTIVE.search(surname):
        return surname[:-2] + "а"
    if _POSSESSIVE.search(surname) or _RUSSIAN_IN.search(surname):
        return surname + "а"
    return surname


@cache
def surnames() -> tuple[Surname, ...]:
    """All surnames of the carried list that are safely masculine, most frequent first."""
    listed = [clean(line) for line in _read("surnames.txt")]
    known = set(listed)
    pairs: dict[str, Surname] = {}
    for raw in listed:
        if raw in _NOT_SURNAMES or not _WORD.fullmatch(raw) or len(raw) < 3:
            continue
        if _is_feminine(raw, known) or (_RUSSIAN_IN.search(raw) and raw + "а" not in known):
            continue
        word = _LOST_APOSTROPHE.sub("ʼ", raw) if "ʼ" not in raw else raw
        pairs.setdefault(word, Surname(word, feminine(word)))
    return tuple(pairs.values())


def _is_feminine(word: str, known: set[str]) -> bool:
    """Whether a listed word is (or may be) the feminine form of another surname."""
    if _FEMININE.search(word):
        return True
    if word.endswith("а"):
        return word[:-1] + "ий" in known or word[:-1] in known
    return word.endswith("ня") and word[:-1] + "ій" in known


# Fathers' names whose patronymics do not follow the endings.
_IRREGULAR = {
    "Ілля": ("Ілліч", "Іллівна"),
    "Микола": ("Миколайович", "Миколаївна"),
    "Григорій": ("Григорович", "Григорівна"),
    "Лев": ("Львович", "Львівна"),
    "Лука": ("Лукич", "Луківна"),
    "Кузьма": ("Кузьмич", "Кузьмівна"),
    "Сава": ("Савич", "Савівна"),
    "Яків": ("Якович", "Яківна"),
    "Федір": ("Федорович", "Федорівна"),
    "Хома": ("Хомич", "Хомівна"),
    "Ярема": ("Яремович", "Яремівна"),
    "Микита": ("Микитович", "Микитівна"),
}


def patronymic(father: str, sex: str) -> str:
    """The patronymic after a father's name: «Андрій» gives «Андрійович», «Андріївна».

    Raises:
        ValueError: the name ends in a way that has no rule here.
    """
    if father in _IRREGULAR:
        return _IRREGULAR[father][sex == "F"]
    if father.endswith("й"):
        return father + "ович" if sex == "M" else father[:-1] + "ївна"
    if father.endswith(("о", "ь")):
        father = father[:-1]
    elif father[-1] in "аяеиіуюєї":
        raise ValueError(f"{father}: no rule for its patronymic")
    return father + ("ович" if sex == "M" else "івна")


class Pool:
    """Words drawn by falling frequency: the first about `head` times as often as the last."""

    def __init__(self, words: Sequence, head: float = 12.0):
        self.words = tuple(dict.fromkeys(words))
        last = len(self.words) / (head - 1) if len(self.words) > 1 else 1.0
        weights = [1.0 / (rank + last) for rank in range(len(self.words))]
        self._edges = list(itertools.accumulate(weights))

    def __len__(self) -> int:
        return len(self.words)

    def pick(self, chance: random.Random):
        """Draw one word."""
        return self.at(chance.random())

    def at(self, share: float):
        """The word at a share of the whole frequency, 0 ≤ share < 1."""
        return self.words[bisect.bisect_right(self._edges, share * self._edges[-1])]


@cache
def surname_pool(most: int = 4000) -> Pool:
    """The `most` commonest surnames, drawn as people bear them."""
    return Pool(surnames()[:most], head=120.0)


@cache
def given_pool(group: str) -> Pool:
    """Names of "boys", "girls", "men" or "women"."""
    return Pool([clean(word) for word in _read(f"common_{group}.txt")], head=25.0)


@cache
def rare_names(sex: str) -> tuple[str, ...]:
    """The whole carried list of given names of one sex: for a dictionary as rich as a country's."""
    name = "given_names_male.txt" if sex == "M" else "given_names_female.txt"
    words = (clean(line) for line in _read(name))
    return tuple(dict.fromkeys(word for word in words if _WORD.fullmatch(word)))


def _read(name: str) -> list[str]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip()]
