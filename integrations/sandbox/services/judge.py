"""Whether a task was done: by the calls that were made, by what stands in the database now, and by what
the system answered. What was seen is told in words; without a word against it the task is passed."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from integrations.eis.models import LedgerEntry
from integrations.sandbox.models import Call, School, Task
from registry.models import ClassGroup

MOST_TOLD = 5  # names in one sentence
MOST_BULK = 10
MOST_TRIES = 2


@dataclasses.dataclass(frozen=True)
class Case:
    """Everything a judgement may look at."""

    task: Task
    school: School
    calls: list[Call]
    answer: Mapping[str, Any]

    def of(self, method: str, path: str, *, exactly: bool = False) -> list[Call]:
        """Calls of a method to an address and what lies under it."""
        return [
            one
            for one in self.calls
            if one.method == method
            and (one.path == path or (not exactly and one.path.startswith(f"{path}/")))
        ]

    def group(self) -> ClassGroup:
        """The class that the task is about, as it stands."""
        return ClassGroup.objects.get(
            uid=self.task.expected["class"], institution=self.school.institution
        )


Against = Iterator[str]


def _named(values: Any) -> str:
    shown = sorted(map(str, values))
    more = f" і ще {len(shown) - MOST_TOLD}" if len(shown) > MOST_TOLD else ""
    return ", ".join(f"«{one}»" for one in shown[:MOST_TOLD]) + more


def _several(told: Any) -> set[str]:
    """A list of texts of an answer; anything else is none."""
    return {str(one) for one in told} if isinstance(told, list) else set()


def _pairs(told: Any) -> dict[str, Any]:
    return dict(told) if isinstance(told, dict) else {}


def _same(what: str, told: set[str], expected: set[str]) -> Against:
    if missing := expected - told:
        yield f"У відповіді «{what}» бракує: {_named(missing)}."
    if extra := told - expected:
        yield f"У відповіді «{what}» зайве: {_named(extra)}."


def _read(case: Case) -> Against:
    told, expected = _pairs(case.answer.get("counts")), case.task.expected["counts"]
    for name, count in expected.items():
        if told.get(name) != count:
            yield f"{name}: у закладі рядків {count}, система нарахувала {told.get(name, 'нічого')}."
    begun = case.task.begun_at
    seen = Counter[str]()
    for dataset, rows in LedgerEntry.objects.filter(
        institution_id=case.school.institution_id, at__gte=begun, status=200, method="GET"
    ).values_list("dataset", "rows"):
        seen[dataset] += rows
    if seen["pupils"] < expected["pupils"]:
        yield (
            f"За журналом викликів прочитано учнів: {seen['pupils']} із {expected['pupils']}; "
            "решти сторінок не запитували."
        )
    start = case.of("GET", "/api/v1/changes/start")
    full = case.of("GET", "/api/v1/pupils", exactly=True)
    if not start or (full and start[0].pk > full[0].pk):
        yield "Позначку /changes/start не взято до повного читання: зміни між ними загубляться."


def _unicode(case: Case) -> Against:
    told = _pairs(case.answer.get("names"))
    for number, name in case.task.expected["names"].items():
        if told.get(number) != name:
            yield f"Учня звати «{name}», а в системі «{told.get(number, '')}»."


def _by_feed(case: Case) -> Against:
    """The feed was asked, and no pupil by another way."""
    if not case.of("GET", "/api/v1/changes"):
        yield "Стрічки змін не запитували."
    if case.of("GET", "/api/v1/pupils"):
        yield "Учнів прочитано знову замість стрічки змін."


def _delta(case: Case) -> Against:
    for what in ("changed", "gone"):
        yield from _same(what, _several(case.answer.get(what)), set(case.task.expected[what]))
    yield from _by_feed(case)


def _moves(case: Case) -> Against:
    told = _pairs(case.answer.get("classes"))
    for pupil, place in case.task.expected["classes"].items():
        if told.get(pupil) != place:
            yield f"Учень «{pupil}» тепер у класі «{place}», а в системі «{told.get(pupil, '')}»."
    yield from _by_feed(case)


def _limit(case: Case) -> Against:
    wait = datetime.timedelta(seconds=case.task.expected["seconds"])
    told = [one for one in case.calls if one.fault == "limit"]
    if not told:
        yield "Сторінки класів не запитували."
        return
    after = [one for one in case.calls if one.pk > told[0].pk]
    if not after:
        yield "Після 429 запиту не повторили."
    elif after[0].at - told[0].at < wait:
        seconds = (after[0].at - told[0].at).total_seconds()
        yield f"Після 429 повторили за {seconds:.1f} с, а Retry-After просив {wait.seconds} с."
    elif not any(one.status == 200 for one in after):
        yield "Після очікування сторінки так і не прочитали."


def _foreign(case: Case) -> Against:
    asked = case.of("GET", f"/api/v1/pupils/{case.task.given['pupil']}")
    if not asked:
        yield "Названого учня не запитували."
    if len(asked) > MOST_TRIES:
        yield f"Чужого учня запитали {len(asked)} разів: відповідь 404 остаточна."
    if case.answer.get("found") is not False:
        yield "Відповідь «found» має бути false: такого учня в закладі немає."


def _stopped(case: Case) -> Against:
    with_it = [one for one in case.calls if str(one.key_id) == case.task.expected["key"]]
    refused = [one for one in with_it if one.status == 401]
    if not with_it:
        yield "Виданим для завдання ключем нічого не запитували."
    elif not refused:
        yield "Після відкликання ключа запитів не було: відмови 401 система не бачила."
    elif len(refused) > 1:
        yield f"Після 401 відкликаним ключем запитали ще {len(refused) - 1} разів."
    if case.answer.get("stopped") is not True:
        yield "Відповідь «stopped» має бути true."


def _dictionary(case: Case) -> Against:
    if not case.of("GET", f"/api/v1/dictionaries/{case.task.given['dictionary']}"):
        yield "Довідника не прочитано."
    yield from _same(
        "unknown", _several(case.answer.get("unknown")), set(case.task.expected["unknown"])
    )


def _patches(case: Case) -> list[Call]:
    return case.of("PATCH", f"/api/v1/classes/{case.task.expected['class']}")


def _written(case: Case, field: str, words: str) -> Against:
    wanted, stands = case.task.expected[field], getattr(case.group(), field)
    if stands != wanted:
        yield f"{words} класу має бути «{wanted}», а в базі «{stands or 'не вказано'}»."
    if not _patches(case):
        yield "Запиту PATCH до названого класу не було."


def _write(case: Case) -> Against:
    yield from _written(case, "shift", "Зміна")
    if bad := [one.status for one in _patches(case) if one.status >= 400]:
        yield f"Запис відхилено: {_named(bad)}. Надсилайте If-Match та Idempotency-Key."


def _overtaken(case: Case) -> Against:
    yield from _written(case, "profile", "Профіль")
    if case.group().shift != case.task.expected["shift"]:
        yield "Зміну, яку тим часом установив заклад, стерто."
    tries = _patches(case)
    if tries and tries[0].status != 412:
        yield "Перший запис не містив версії, прочитаної до зміни закладу."
    again = [one for one in case.of("GET", "/api/v1/classes") if tries and one.pk > tries[0].pk]
    if tries and tries[0].status == 412 and not again:
        yield "Після 412 клас не прочитано знову."


def _lost(case: Case) -> Against:
    yield from _written(case, "capacity", "Наповнюваність")
    tries = _patches(case)
    if len(tries) < MOST_TRIES:
        yield "Запису, на який не прийшла відповідь, не повторено."
    elif len({one.idempotency_key for one in tries}) > 1:
        yield "Повторено з іншим Idempotency-Key: такий запис міг би виконатися двічі."
    elif tries[-1].status != 200:
        yield f"Останній повтор має відповідь {tries[-1].status}."


def _opened(case: Case, rows: list[dict[str, Any]]) -> set[str]:
    """Letters of these rows whose classes stand."""
    wanted = [one["letter"] for one in rows]
    found = ClassGroup.objects.filter(
        institution=case.school.institution, letter__in=wanted, closed_on=None
    )
    return set(found.values_list("letter", flat=True))


def _mistakes(case: Case) -> Against:
    rows, refused = case.task.given["items"], case.task.expected["refused"]
    yield from _same("refused", _several(case.answer.get("refused")), set(map(str, refused)))
    bulk = case.of("POST", "/api/v1/classes:bulk")
    if not any("dry_run=true" in one.query for one in bulk):
        yield "Рядків не перевірили запитом із dry_run=true."
    elif "dry_run=true" not in bulk[0].query:
        yield "Рядки надіслали, не перевіривши їх спершу запитом із dry_run=true."
    good = [one for number, one in enumerate(rows) if number not in refused]
    if missing := {one["letter"] for one in good} - _opened(case, good):
        yield f"Правильних класів не відкрито: {_named(missing)}."


def _load(case: Case) -> Against:
    rows = case.task.given["items"]
    if missing := {one["letter"] for one in rows} - _opened(case, rows):
        yield f"Класів не відкрито: {len(missing)}, серед них {_named(missing)}."
    if len(bulk := case.of("POST", "/api/v1/classes:bulk")) > MOST_BULK:
        yield f"Запитів запису {len(bulk)}, а мало бути щонайбільше {MOST_BULK}."
    if case.answer.get("classes") != case.task.expected["classes"]:
        yield (
            f"Класів у закладі {case.task.expected['classes']}, система нарахувала "
            f"{case.answer.get('classes', 'нічого')}."
        )


JUDGES: dict[str, Callable[[Case], Against]] = {
    "read": _read,
    "unicode": _unicode,
    "delta": _delta,
    "moves": _moves,
    "limit": _limit,
    "foreign": _foreign,
    "stopped": _stopped,
    "dictionary": _dictionary,
    "write": _write,
    "overtaken": _overtaken,
    "lost": _lost,
    "mistakes": _mistakes,
    "load": _load,
}


def against(case: Case) -> list[str]:
    """Everything that speaks against a task, in words; nothing when it was done."""
    found = list(JUDGES[case.task.code](case))
    broken = [one for one in case.calls if one.status == 400 or one.status in {405, 406, 413, 428}]
    if broken:
        found.append(
            f"Запити не за описом API: {_named({f'{one.method} {one.path}' for one in broken})}."
        )
    return found


def seen(calls: list[Call]) -> str:
    """What was called, in one line: the evidence under a verdict."""
    if not calls:
        return "Викликів не було."
    kinds = Counter((one.method, _kind(one.path), one.status) for one in calls)
    told = [f"{method} {path} — {status} ({n})" for (method, path, status), n in kinds.items()]
    return f"Викликів {len(calls)}: {'; '.join(itertools.islice(told, 12))}."


def _kind(path: str) -> str:
    """An address without the ids in it."""
    parts = path.removeprefix("/api/v1/").split("/")
    return "/".join("…" if part.count("-") > 3 else part for part in parts)
