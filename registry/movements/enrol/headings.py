"""What people call the columns of a table of newcomers, and how such a table becomes rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernel.tables.headings import Headings, at
from kernel.tables.reading import MAX_ROWS, Table, too_many
from registry.fields.names import split
from registry.movements.enrol.rows import BY_NAME

FULL_NAME = "full_name"
SERIES = "document_series"
NUMBER = "document_number"
CLASS_NUMBER = "class_number"
CLASS_LETTER = "class_letter"

# What a column may be besides the columns of the draft: these are joined or split on the way in.
EXTRA = {
    FULL_NAME: "Прізвище, імʼя, по батькові разом",
    SERIES: "Серія документа",
    NUMBER: "Номер документа",
    CLASS_NUMBER: "Паралель",
    CLASS_LETTER: "Літера класу",
}
_SYNONYMS = {
    FULL_NAME: "піб|п.і.б.|пib|прізвище імʼя по батькові|піб учня|піб дитини|учень|дитина|"
    "прізвище та імʼя|прізвище імʼя|піб здобувача|прізвище, імʼя, по батькові|fio|фио",
    "surname": "прізвище|прізвище учня|прізвище дитини|фамилия|surname|last name|lastname",
    "given_name": "імʼя|імʼя учня|імʼя дитини|имя|name|first name|firstname|given name",
    "patronymic": "по батькові|побатькові|по-батькові|отчество|patronymic|по батькові дитини",
    "born_on": "дата народження|дата народж|дата народж.|народження|д.н.|дн|др|дата нар|"
    "день народження|born|birth date|дата рождения|birthday|дата народження дитини",
    "sex": "стать|пол|sex|gender|стать дитини",
    "document": "документ|свідоцтво|свідоцтво про народження|серія та номер|серія і номер|"
    "серія, номер|серія номер|серія та номер свідоцтва|серія і номер свідоцтва|"
    "свідоцтво про народження серія номер|серія та номер документа|номер свідоцтва",
    SERIES: "серія|серія документа|серія свідоцтва|series",
    NUMBER: "номер документа|№ документа|№ свідоцтва|номер документу|number",
    "document_type": "тип документа|вид документа|тип документу|вид документу|документ тип",
    "document_issued_by": "ким видано|ким виданий|орган видачі|ким видано документ|видавник",
    "document_issued_on": "дата видачі|коли видано|дата видачі документа|видано",
    "rnokpp": "рнокпп|ідентифікаційний код|іпн|ідн|інн|код|податковий номер|рнокпп дитини|"
    "рнокпп учня|ідентифікаційний номер",
    "unzr": "унзр|унікальний номер запису|номер запису в реєстрі",
    "class": "клас|клас (паралель, літера)|class|назва класу|клас навчання",
    CLASS_NUMBER: "паралель|номер класу|рік навчання",
    CLASS_LETTER: "літера|буква|літера класу",
    "form": "форма здобуття освіти|форма навчання|форма здобуття|форма",
    "relation": "хто подає|тип відносин з дитиною|тип відносин|ким доводиться|"
    "ступінь споріднення|відношення|родинний звʼязок|хто заявник",
    "applicant": "заявник|піб заявника|піб батьків|батьки|мати|представник|законний представник|"
    "піб представника|один з батьків|піб одного з батьків|піб матері|піб законного представника",
    "applicant_rnokpp": "рнокпп заявника|рнокпп матері|рнокпп батька|код заявника|"
    "рнокпп представника",
    "phone": "телефон|тел|тел.|контактний телефон|номер телефону|телефон заявника|телефон батьків|"
    "моб. телефон|мобільний|phone",
    "email": "електронна пошта|пошта|e-mail|email|ел. пошта|електронна адреса",
    "address": "адреса|адреса проживання|місце проживання|адреса фактичного місця проживання|"
    "фактична адреса|домашня адреса|address",
    "registered_address": "адреса реєстрації|місце реєстрації|зареєстроване місце проживання|"
    "задеклароване місце проживання",
    "address_territory": "катоттг|код катоттг",
    "address_country": "країна|країна проживання",
    "citizenship": "громадянство|citizenship",
}  # fmt: skip

_SHAPES = (
    ("born_on", re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}")),
    ("phone", re.compile(r"\+?[\d()\s-]{10,19}(?<=\d)")),
    ("rnokpp", re.compile(r"\d{10}")),
    ("document", re.compile(r"[IVXІХ1]{1,5}\s?-\s?\w{2}\s*№?\s*\d{4,6}", re.IGNORECASE)),
    ("sex", re.compile(r"[мжчf]|чол\w*|жін\w*", re.IGNORECASE)),
    ("class", re.compile(r"\d{1,2}\s?-?\s?[а-яґєії]", re.IGNORECASE)),
    (FULL_NAME, re.compile(r"[\w’'ʼ-]+ [\w’'ʼ-]+ [\w’'ʼ-]+(?:ич|на|ВНА|ИЧ)")),
    ("patronymic", re.compile(r"[\w’'ʼ]+(?:ович|йович|івна|ївна)", re.IGNORECASE)),
)


def _mend(guesses: list[str | None], table: Table) -> None:
    """Ten digits that all begin with 0 are telephones; two unknown columns before a patronymic are
    a surname and a name."""
    if "rnokpp" in guesses and "phone" not in guesses:
        place = guesses.index("rnokpp")
        if all(cell.startswith("0") for row in table[:50] if (cell := at(row, place))):
            guesses[place] = "phone"
    if FULL_NAME not in guesses and "patronymic" in guesses:
        place = guesses.index("patronymic")
        if place >= 2 and guesses[place - 1] is None and guesses[place - 2] is None:
            guesses[place - 2], guesses[place - 1] = "surname", "given_name"


HEADINGS = Headings(
    words={
        name: "|".join(filter(None, (_SYNONYMS.get(name), column.label)))
        for name, column in BY_NAME.items()
    }
    | {name: _SYNONYMS[name] for name in EXTRA},
    after={(SERIES, "номер"): NUMBER, (SERIES, "№"): NUMBER},
    shapes=_SHAPES,
    mend=_mend,
    sheet_is="class",
    rivals=(
        frozenset({FULL_NAME, "surname"}),
        frozenset({FULL_NAME, "given_name"}),
        frozenset({"document", SERIES}),
        frozenset({"document", NUMBER}),
        frozenset({"class", CLASS_NUMBER}),
    ),
    needed=(frozenset({"surname", FULL_NAME}), frozenset({"born_on"})),
)


def to_rows(data: Table, columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Turn cells into rows of the draft: by column name, joint columns split, split ones joined."""
    rows = []
    for cells in data:
        raw = {
            column: value
            for position, column in enumerate(columns)
            if column and (value := at(cells, position))
        }
        if not raw:
            continue
        if full_name := raw.pop(FULL_NAME, ""):
            parts = zip(("surname", "given_name", "patronymic"), split(full_name), strict=True)
            raw = {name: part for name, part in parts if part} | raw
        series, number = raw.pop(SERIES, ""), raw.pop(NUMBER, "")
        if (series or number) and "document" not in raw:
            raw["document"] = f"{series} {number}".strip()
        grade, letter = raw.pop(CLASS_NUMBER, ""), raw.pop(CLASS_LETTER, "")
        if "class" not in raw and grade:
            raw["class"] = f"{grade}-{letter}" if letter else grade
        elif letter and "class" in raw and raw["class"].isdigit():
            raw["class"] = f"{raw['class']}-{letter}"
        rows.append(raw)
    if len(rows) > MAX_ROWS:
        raise too_many()
    return rows
