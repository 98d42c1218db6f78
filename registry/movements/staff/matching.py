"""Who and what a cell of a table means: people by name, subjects by what they are called."""

from __future__ import annotations

import datetime
import difflib
import re
from collections import defaultdict
from collections.abc import Iterable

from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, error
from kernel.text import alike
from registry.classifiers.selectors import classifiers
from registry.staff.models.posts import Post

_INITIALS = re.compile(
    r"(?P<surname>[^\W\d_].*?)\s+(?P<given>[^\W\d_])\.?\s*(?:(?P<by>[^\W\d_])\.?)?"
)
_NEAR = 0.8  # of difflib: one letter of eight


class People:
    """The posts of an institution, found by what a table calls their holders.

    `label` tells namesakes and several posts of one person apart: by the position, then by the year
    of birth.
    """

    def __init__(self, posts: Iterable[Post]):
        self.posts = list(posts)
        self._labels: dict[str, Post] = {}
        self._called: dict[str, list[Post]] = defaultdict(list)
        by_name: dict[str, list[Post]] = defaultdict(list)
        for post in self.posts:
            by_name[post.employee.full_name].append(post)
        for name, those in by_name.items():
            for post in those:
                self._labels[alike(self._label(post, name, those))] = post
                person = post.employee
                given, by = person.given_name[:1], person.patronymic[:1]
                for called in {
                    name,
                    f"{person.surname} {person.given_name}",
                    f"{person.surname} {given}.{by}.",
                    f"{person.surname} {given}.",
                    person.surname,
                }:
                    self._called[alike(called)].append(post)

    @staticmethod
    def _label(post: Post, name: str, namesakes: list[Post]) -> str:
        if len(namesakes) == 1:
            return name
        label = f"{name}, {classifiers.label('position', post.position).lower()}"
        alike_ones = [one for one in namesakes if one.position == post.position]
        return label if len(alike_ones) == 1 else f"{label}, {post.employee.born_on:%Y}"

    def label(self, post: Post) -> str:
        """What the post is called in a table so that no other is meant."""
        name = post.employee.full_name
        namesakes = [one for one in self.posts if one.employee.full_name == name]
        return self._label(post, name, namesakes)

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Every label, for a list to pick from."""
        return [(label, label) for label in (self.label(post) for post in self.posts)]

    def check(self, field: str, text: str) -> Checked[Post]:
        """The post that a cell names."""
        if found := common(field, text):
            return Checked(None, (found,))
        value = tidy(text)
        if not value:
            return Checked(None, (error(field, "required", "Не вказано працівника."),))
        key = alike(value)
        if post := self._labels.get(key):
            return Checked(post)
        those = self._called.get(key, [])
        if not those and (match := _INITIALS.fullmatch(value)):
            initials = f"{match['given']}.{match['by']}." if match["by"] else f"{match['given']}."
            those = self._called.get(alike(f"{match['surname']} {initials}"), [])
        if len(those) == 1:
            return Checked(those[0])
        if those:
            told = "; ".join(self.label(one) for one in those[:4])
            return Checked(
                None, (error(field, "several", f"Таких працівників кілька. Уточніть: {told}."),)
            )
        near = difflib.get_close_matches(key, self._called, n=1, cutoff=_NEAR)
        fix = self.label(self._called[near[0]][0]) if near else None
        return Checked(None, (error(field, "unknown", "Такого працівника у закладі немає.", fix),))


def subject_of(field: str, text: str, today: datetime.date) -> Checked[str]:
    """The code of the subject that a cell names, by its name or what people call it."""
    if found := common(field, text):
        return Checked(None, (found,))
    value = tidy(text)
    code = classifiers.code_of("subject", value, today) or classifiers.code_of(
        "subject", " ".join(value.replace(".", " ").split()), today
    )
    if code:
        return Checked(code)
    names = {alike(name): name for _, name in classifiers.choices("subject", today)}
    near = difflib.get_close_matches(alike(value), names, n=1, cutoff=_NEAR)
    fix = names[near[0]] if near else None
    return Checked(None, (error(field, "unknown", "Такого предмета в довіднику немає.", fix),))
