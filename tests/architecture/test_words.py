"""What no editor should have to look for in the words of the interface. The catalogue to read whole
is `python -m tests.architecture.words`."""

from __future__ import annotations

import re

import pytest

from tests.architecture.test_language import LATIN
from tests.architecture.words import Said, catalogue

_U = "А-ЩЬЮЯҐЄІЇа-щьюяґєіїЪЫЭъыэ"
# Where people's own writing is read, so both alphabets and every quotation mark stand side by side.
READERS = (
    "kernel/tables/", "registry/fields/", "accounts/identifiers.py", "accounts/portal/head_table.py",
    "registry/movements/enrol/headings.py", "registry/classes/written.py", "aikom/demo/",
    "registry/data/", "signatures/browser/src/page/texts.js",
)  # fmt: skip

RULES: dict[str, tuple[str, re.Pattern[str]]] = {
    "an ending in brackets": (
        "say the sex where it is known, else turn the sentence: «Підготовлено:»",
        re.compile(rf"[{_U}]\([а-яіїєґ]{{1,4}}\)"),
    ),
    "an apostrophe that is not ʼ": ("U+02BC", re.compile(rf"[{_U}][\'’`´ʹ′][{_U}]")),
    "quotation marks that are not «»": ("«»", re.compile(rf"[\"“”„][{_U}]|[{_U}][\"“”]")),
    "letters of two alphabets in a word": (
        "one of them looks like another",
        re.compile(rf"[{_U}][A-Za-z]|[A-Za-z][{_U}]"),
    ),
    "a Russianism": (
        "чинний, не діючий; неправильно, не невірно; скасувати, не відмінити; брати участь …",
        re.compile(
            r"слідуюч|прийм\w+ участь|на протязі|співпада|співпал|\b(?:не)?вірн(?:о|ий|а|е|і)\b|"
            r"\bлюб(?:ий|а|е|ого)\b|являється|у відповідності|в якості|при (?:наявності|відсутності)|"
            r"по замовчуванню|не дивлячись|протиріч|співстав|нажм|получ|по телефону|вірогідн|учбов|"
            r"задана |заданий |відміни(?!тк)|співробітни|загруз|скача|обновит|існуюч|завідуюч|діючого|"
            r"діючих|діюча|оточуюч|слідкува|згідно (?!з\b|із\b|зі\b)|раніше дати|самий (?:кращ|більш)",
            re.IGNORECASE,
        ),
    ),
    "a dotted unit": ("грн, тис., млн: грн без крапки", re.compile(r"\bгрн\.|\bсек\.|\bхв\.")),
    "a double space or a space before a mark": (
        "one space",
        re.compile(r"\S  +\S| [,;:!?](?!\w)|\( | \)|\.\.\."),
    ),
    "a dash that is a hyphen": ("—", re.compile(rf"[{_U}] (?:-|--|–) [{_U}]")),
    "«в цій»": ("у цій таблиці: між приголосними у", re.compile(r"\bВ ц(?:ій|ьому)\b")),
    "years as a code": ("2026/2027", re.compile(r"\b20\d\d[-–]20\d\d\b")),
    "a state's name inside a sentence": (
        "decline it: «запис стане неактивним»",
        re.compile(rf"[{_U}] (?:НЕАКТИВНИЙ|АКТИВНИЙ|ЗУПИНЕНО)|(?:НЕАКТИВНИЙ|ЗУПИНЕНО)[ .,:]"),
    ),
}
# Strings that break a rule with a reason.
ALLOWED = {
    "ЗП(ПТ)О": "the short name of a kind of institution, by law",
    "Сполучені Штати": "the name of a country",
    "діючий": "the state of an institution in ЄДЕБО",
    "поставити стан НЕАКТИВНИЙ": "the answer of the seed (F085), word for word",
    "2026-2027": "the code of a year, which systems send and receive",
}


def _breaks(said: Said, rule: re.Pattern[str]) -> bool:
    return bool(rule.search(said.text)) and not any(word in said.text for word in ALLOWED)


@pytest.mark.parametrize("name", RULES)
def test_no_string_has(name):
    how, rule = RULES[name]
    found = [
        f"{said.place}: {said.text[:120]}"
        for said in catalogue()
        if said.kind not in {"paper", "console"}
        and not str(said.path).startswith(READERS)
        and _breaks(said, rule)
    ]
    assert not found, f"{name}; {how}:\n" + "\n".join(found)


# ── numbers ──────────────────────────────────────────────────────────────────
_COUNTED = re.compile(
    r"… (учень|учн[іяв]|учнів|рядк|рядок|клас[иі]?в?\b|заклад|дн[іяв]|день|хвилин|годин|секунд|помил|"
    r"дітей|наказ(?:и|ів)?\b|файл(?:и|ів)?\b|користувач|документ(?:и|ів)\b|полів|знак|літер|"
    r"стовпц|клітин|аркуш|працівник|груп\b|особ[аиу]?\b|осіб)"
)
# The number is a limit of the code, always one that the word fits: «до 128 знаків».
LIMITS = (
    "до … ", "понад … ", "найбільше … ", "не більше … ", "Менше ніж … ", "закінчується за … ", "Близько … ",
)  # fmt: skip


def test_a_noun_beside_a_number_is_chosen_by_the_helper():
    found = [
        f"{said.place}: {said.text[:120]}"
        for said in catalogue()
        if _COUNTED.search(said.text)
        and not any(limit.lower() in said.text.lower() for limit in LIMITS)
        and not str(said.path).startswith(("aikom/demo", "kernel/parameters.py"))
        and said.text not in COUNTED
    ]
    assert not found, (
        "Choose the form by kernel.text.plural or {{ n|plural:… }}, or say why here:\n"
        + "\n".join(found)
    )


COUNTED = {
    "… клас": "«5 клас» is the name of a grade",
}


# ── buttons ──────────────────────────────────────────────────────────────────
_VERB = re.compile(r"^(?:не |так, )?[а-щьюяґєіїʼ]+(?:ти|тися|тись)\b", re.IGNORECASE)
# What is pressed and is no verb, with the reason.
BUTTONS = {
    "Далі": "the next step, as in АІКОМ",
    "Усе правильно": "the answer to a doubt",
    "Це та сама дитина": "the answer to a question",
    "Це інша дитина": "the answer to a question",
    "Це близнюки": "the answer to a question",
    "Це тезки": "the answer to a question",
    "Це різні діти": "the answer to a question",
    "Це …": "the answer to a question, of children or of colleagues",
    "Підписані в іншій програмі": "the section that other texts send to by this name",
}
# Names of what is downloaded, on links.
FILES = re.compile(r"\((?:XLSX|CSV|PDF|P7S|ASiC)\)|у PDF|^PDF|^Підписані дані$|^Усі рядки$|^Рядки$")


def test_what_is_pressed_says_what_it_does():
    found = [
        f"{said.place}: {said.text}"
        for said in catalogue()
        if said.kind == "button"
        and not _VERB.search(said.text)
        and not FILES.search(said.text)
        and not said.text.startswith(tuple(BUTTONS))
    ]
    assert not found, "Begin with a verb, or say why not in BUTTONS:\n" + "\n".join(found)


# ── another language ─────────────────────────────────────────────────────────
_ENGLISH = re.compile(r"(?<![\w.</=-])[A-Za-z][a-z]{2,}(?![\w=(/>:.-])")
_NAMED = re.compile(
    r"<[^<>]*(?:>|$)|https?://\S+|[\w.-]+@[\w.-]+|[a-z_]+\.[a-z_.]+|--\w+|\{[^{}]*\}|/\S+|«[^»]*[a-z]{3}[^»]*»"
)


def test_no_word_was_left_untranslated():
    found = [
        f"{said.place}: {', '.join(strange)} in «{said.text[:90]}»"
        for said in catalogue()
        if said.kind in {"text", "button", "title", "python", "script", "mail"}
        and not str(said.path).startswith((*READERS, "aikom/"))
        and "/management/" not in str(said.path)
        and (
            strange := [
                word
                for word in _ENGLISH.findall(_NAMED.sub(" ", said.text))
                if word not in LATIN and word not in TERMS
            ]
        )
    ]
    assert not found, "Say it in Ukrainian, or name the term in TERMS:\n" + "\n".join(found)


# Names that systems and programs know by these letters.
TERMS = {
    "fields", "new", "changed", "same", "refused", "application", "Allow", "instance", "language",
    "true", "false", "uid", "wait", "leave", "merge", "into", "Creative", "Commons", "cookie", "detached", "email", "Long", "Esc", "python", "signed", "trust", "evidence",
    "timestamp", "data", "Unix", "replay", "key", "operator",  # of webhooks and quotas of the API
    # fields of answers of the sandbox's programme, and of the feed
    "given", "counts", "names", "gone", "classes", "found", "stopped", "unknown", "outcome",
    "insert", "update", "delete", "Unicode",
    "rows", "columns", "equals", "less",  # words of a definition of a form
}  # fmt: skip
