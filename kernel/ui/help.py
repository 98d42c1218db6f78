"""Help beside the work: an instruction for each service, questions and answers, whom to ask.

The rooms bring the texts: `register(folder)` reads every *.toml of a folder, each an instruction, and
`questions.toml`, questions and answers with their source. Whoever knows the people registers
`register_helpers`. Texts are for a tired secretary: what to have at hand, steps, what can go wrong.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.urls import reverse

from kernel.text import alike, bare_words, readings, uncapped
from kernel.ui import menu


@dataclasses.dataclass(frozen=True, slots=True)
class Guide:
    """One instruction. `service` is the key of the line of «Доступні послуги» it belongs to, `pages`
    the keys of pages it is offered on: the name of an address, or «name|code» where one address
    serves many. `next` are pairs of words and such a key."""

    slug: str
    title: str
    lead: str
    steps: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]
    need: tuple[str, ...] = ()
    service: str = ""
    pages: tuple[str, ...] = ()
    next: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All words, to be sought in; the title first."""
        wrong = (part for pair in self.wrong for part in pair)
        return " ".join((self.title, self.lead, *self.need, *self.steps, *wrong))

    @property
    def in_sentence(self) -> str:
        """The title after other words: «як надати доступ системі (ОІС)»."""
        return uncapped(self.title)


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """A question that people ask and its answer; `see` are slugs of instructions."""

    group: str
    ask: str
    answer: tuple[str, ...]
    see: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Helper:
    """Whom to ask: a level of the chain, its body, and the people there."""

    level: str
    body: str
    people: tuple[tuple[str, str, str], ...] = ()  # name, e-mail, telephone


_guides: dict[str, Guide] = {}
_of_page: dict[str, Guide] = {}
_of_service: dict[str, Guide] = {}
_questions: list[Question] = []
_sources: list[str] = []
_helpers: list[Callable[[Any], Iterable[Helper]]] = []


def register(folder: Path) -> None:
    """Take the texts of a room."""
    for path in sorted(folder.glob("*.toml")):
        told = tomllib.loads(path.read_text("utf-8"))
        if path.stem == "questions":
            _sources.append(told["source"])
            _questions.extend(_asked(told["group"]))
        else:
            guide = _guides[path.stem] = _guide(path.stem, told)
            _of_page.update(dict.fromkeys(guide.pages, guide))
            _of_service[guide.service] = guide


def register_helpers(provider: Callable[[Any], Iterable[Helper]]) -> None:
    """Say who stands above the actor, the nearest first. One app (the one of users) calls this."""
    if provider not in _helpers:
        _helpers.append(provider)


def _guide(slug: str, told: Mapping[str, Any]) -> Guide:
    pairs = {"wrong", "next"}
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    lists |= {
        name: tuple((one[0], "|".join(one[1:])) for one in told.get(name, ())) for name in pairs
    }
    return Guide(slug=slug, **{**told, **lists})


def _asked(groups: Iterable[Mapping[str, Any]]) -> Iterator[Question]:
    for group in groups:
        for one in group["question"]:
            see = tuple(one.get("see", ()))
            yield Question(group["title"], one["ask"], tuple(one["answer"]), see)


def guides() -> Mapping[str, Guide]:
    """Every instruction by its slug."""
    return _guides


def questions() -> list[Question]:
    """Every question, in the order of its source."""
    return _questions


def sources() -> list[str]:
    """Where the questions and answers come from."""
    return _sources


def helpers(actor: Any) -> list[Helper]:
    """Whom the actor asks, the nearest level first; nobody for a stranger."""
    if actor is None:
        return []
    return [one for provider in _helpers for one in provider(actor)]


def key_of(service: menu.Service) -> Iterator[str]:
    """The keys a service may be known by, the narrowest first."""
    if service.code:
        yield f"{service.url_name}|{service.code}"
    yield f"{service.url_name}|{service.label}"
    yield service.url_name


def of_service(service: menu.Service) -> Guide | None:
    """The instruction of a line of «Доступні послуги»."""
    return next((_of_service[key] for key in key_of(service) if key in _of_service), None)


def of_page(match: Any) -> Guide | None:
    """The instruction offered on the page that an address leads to."""
    if match is None or not match.url_name:
        return None
    keys = [f"{match.url_name}|{value}" for value in match.kwargs.values()] + [match.url_name]
    return next((_of_page[key] for key in keys if key in _of_page), None)


def address_of(key: str) -> str:
    """The address behind a key of a page."""
    name, _, code = key.partition("|")
    # Behind one page stand several services: the sign is followed by a process, or by a service's name.
    return reverse(name, args=[code] if code and code.isascii() else [])


OPEN = {"home", "help", "help_support", "verify_signature"}


def open_to(actor: Any, key: str) -> bool:
    """Whether a text may send the actor there: a page for all, or a service or section of theirs."""
    name, _, code = key.partition("|")
    if name in OPEN:
        return name == "verify_signature" or name.startswith("help") or actor is not None
    if actor is None:
        return False
    services = (
        one.visible(actor)
        for one in menu.registry.services.values()
        if one.url_name == name and one.code == code
    )
    section = menu.registry.nav.get(name)
    return any(services) or (section is not None and section.visible(actor))


def onward(guide: Guide, actor: Any) -> list[tuple[str, str]]:
    """Where the actor goes on from a service, in words and addresses."""
    return [(label, address_of(key)) for label, key in guide.next if open_to(actor, key)]


def groups_for(actor: Any) -> list[tuple[str, list[Guide]]]:
    """Instructions under the headings of the home page: the actor's own, to a stranger all; the rest
    (the door, signatures) last."""
    found: dict[str, list[Guide]] = {}
    taken: set[str] = set()
    order = sorted(
        menu.registry.services.values(), key=lambda one: (one.group_order, one.group, one.order)
    )
    for service in order:
        guide = of_service(service)
        if guide is None or guide.slug in taken:
            continue
        if actor is None or service.visible(actor):
            found.setdefault(service.group, []).append(guide)
            taken.add(guide.slug)
    rest = [guide for guide in _guides.values() if not guide.service]
    return [*found.items(), ("Вхід і перевірка підпису", rest)]


def sought(text: str, actor: Any) -> tuple[list[Guide], list[Question]]:
    """Instructions and questions that hold every word, in any of its endings."""
    readable = readings(text)
    mine = [guide for _, group in groups_for(actor) for guide in group]
    for reading in readable:
        stems = [_stem(word) for word in bare_words(reading)]
        if not stems:
            continue
        guides = [one for one in mine if _holds(one.text, stems)]
        guides.sort(key=lambda one: not _holds(one.title, stems))
        asked = [one for one in _questions if _holds(" ".join((one.ask, *one.answer)), stems)]
        if guides or asked:
            return guides, asked
    return [], []


def _stem(word: str) -> str:
    word = alike(word)
    return word[: max(4, len(word) - 3)]


def _holds(text: str, stems: Iterable[str]) -> bool:
    folded = alike(text)
    return all(stem in folded for stem in stems)
