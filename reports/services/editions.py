"""Publishing a definition of a form, every problem of it told at its line before."""

from __future__ import annotations

import dataclasses
import datetime
import re

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, violation
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.scoping import grant_of
from kernel.tables.dates import show
from reports import definition, events, policies
from reports.models import PublishedForm
from reports.selectors import editions

MOST = 200_000  # letters of a definition
_AT = re.compile(r"^[^:]*:(\d+): ")
_IN_TOML = re.compile(r"\(at line (\d+), column \d+\)")


@dataclasses.dataclass(frozen=True)
class Wrong:
    """A problem of a definition: its line, 0 where it has none, and what it is."""

    line: int
    what: str


def judged(code: str, text: str) -> tuple[definition.Form | None, list[Wrong]]:
    """A definition read: the form, or everything that is wrong with it by line."""
    if len(text) > MOST:
        return None, [Wrong(0, f"Опис — до {MOST} знаків.")]
    try:
        form = definition.parse(text.replace("\r\n", "\n"), code)
    except definition.Broken as broken:
        return None, sorted(map(_wrong, str(broken).splitlines()), key=lambda one: one.line)
    wrong = [Wrong(0, lost) for lost in definition.lost_between(form)]
    if form.code != code:
        wrong.append(Wrong(1, f"Код форми лишається {code}: інший код — інша форма."))
    version = editions.latest(code)[1]
    if form.version <= version:
        said = f"Чинна версія — {version}: нова має бути більшою."
        wrong.append(Wrong(_line_of(text, "version"), said))
    return (None if wrong else form), wrong


def _wrong(told: str) -> Wrong:
    if found := _AT.match(told):
        return Wrong(int(found[1]), told[found.end() :])
    at = _IN_TOML.search(told)
    return Wrong(int(at[1]) if at else 0, f"Це не TOML: {told.partition(': ')[2]}")


def _line_of(text: str, word: str) -> int:
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.startswith(word)), 0)


@command
def publish(
    *,
    actor: Actor,
    code: str,
    text: str,
    since: datetime.date | None,
    version: int,
    moment: Moment,
) -> PublishedForm:
    """Let a definition hold for days from `since` on. `version`: the one that the editor began with.

    Raises:
        NotAllowed: not the technical administrator.
        KeyError: no such form.
        StaleVersion: somebody published another meanwhile.
        Invalid: the definition is broken, or the day is past.
    """
    policies.keep_forms.require(actor)
    if editions.latest(code)[1] != version:
        raise StaleVersion
    form, wrong = judged(code, text)
    problems = [Problem("text", "broken", f"Рядок {one.line}: {one.what}") for one in wrong]
    last = editions.last_day(code)
    first = max(moment.today, last) if last else moment.today
    if since is None:
        problems.append(Problem("since", "required", "Вкажіть, з якої дати діє."))
    elif since < first:
        said = f"Не раніше за {show(first)}: за минулі дати рахують тим описом, що діяв."
        problems.append(Problem("since", "past", said))
    if problems or form is None or since is None:
        raise Invalid(problems)
    with violation("one_form_of_a_version", StaleVersion):
        made = PublishedForm.objects.create(
            code=code,
            version=form.version,
            text=text.replace("\r\n", "\n"),
            since=since,
            published_by_id=grant_of(actor),
            published_at=moment.now,
        )
    audit.record(events.FormPublished(subject=made.pk, form=code, number=form.version, since=since))
    return made
