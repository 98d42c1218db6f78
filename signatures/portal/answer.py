"""The answer model in plain Ukrainian: for a person who has never seen a certificate."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from kernel import clock
from kernel.text import plural
from signatures.result import (
    EXPLANATIONS,
    Overall,
    Reason,
    SignerResult,
    Status,
    VerificationResult,
)
from signatures.revocation import CLOCK_SKEW

Kind = Literal["good", "heed", "bad", "off"]
SHOWN_SIGNERS = 20
SHOWN_FILES = 200

LEVELS = {
    "CMS": "Найпростіший (CMS)",
    "XMLDSIG": "Найпростіший (XML-DSig)",
    "BES": "Базовий ({family}-BES)",
    "T": "З позначкою часу ({family}-T)",
    "C": "З позначкою часу й посиланнями на докази ({family}-C)",
    "LT": "Для довгого зберігання ({family}-LT)",
    "XL": "Для довгого зберігання ({family}-X Long)",
    "LTA": "Для архіву ({family}-LTA)",
}
PEOPLE = {
    "seal": "печатка організації",
    "employee": "працівник організації",
    "sole_trader": "фізична особа — підприємець",
    "person": "фізична особа",
}
TAGS: dict[Status, tuple[Kind, str]] = {
    Status.VALID: ("good", "Так"),
    Status.INVALID: ("bad", "Ні"),
    Status.INDETERMINATE: ("heed", "Невідомо"),
    Status.ABSENT: ("off", "Немає"),
}
# Check → its question and what each outcome means.
CHECKS: dict[str, tuple[str, dict[Status, str]]] = {
    "digest": (
        "Документ не змінено?",
        {
            Status.VALID: "Після підписання в документі не змінився жоден знак.",
            Status.INVALID: "Документ змінено після підписання, або це інший документ.",
            Status.INDETERMINATE: "Документа, який підписували, не додано.",
        },
    ),
    "crypto": (
        "Підпис зроблено цим ключем?",
        {
            Status.VALID: "Підпис зроблено ключем, якому належить сертифікат.",
            Status.INVALID: "Підпис не відповідає ключу: його змінено або зроблено іншим ключем.",
            Status.INDETERMINATE: "Перевірити не вдалося: бракує сертифіката або спосіб підпису не підтримується.",
        },
    ),
    "ess": (
        "Сертифікат той самий?",
        {
            Status.VALID: "Підпис сам указує на цей сертифікат; підмінити його не можна.",
            Status.INVALID: "Підпис указує на інший сертифікат.",
            Status.ABSENT: "Підпис не вказує на сертифікат: так роблять старі програми.",
        },
    ),
    "key_usage": (
        "Ключ призначено для підписування?",
        {
            Status.VALID: "Сертифікат дозволяє підписувати цим ключем.",
            Status.INVALID: "Цей ключ призначено для іншого, не для підпису.",
        },
    ),
    "chain": (
        "Сертифікат видав визнаний надавач?",
        {
            Status.VALID: "Надавач є в довірчому списку.",
            Status.INVALID: "Сертифікат видано з порушенням правил.",
            Status.INDETERMINATE: "Надавача, який видав сертифікат, немає в довірчому списку.",
        },
    ),
    "revocation": (
        "Сертифікат не скасовано?",
        {
            Status.VALID: "Надавач підтвердив: сертифікат не було скасовано.",
            Status.INVALID: "Сертифікат скасовано.",
            Status.INDETERMINATE: "Свіжої відповіді надавача немає.",
            Status.ABSENT: "Відповіді надавача про скасування немає.",
        },
    ),
    "timestamp": (
        "Час підписання доведено?",
        {
            Status.VALID: "Час засвідчив надавач електронною позначкою часу.",
            Status.INVALID: "Позначка часу хибна.",
            Status.INDETERMINATE: "Позначку часу не вдалося перевірити.",
            Status.ABSENT: "Позначки часу немає: коли підписано, каже лише сам підписувач.",
        },
    ),
}


UNCOVERED_STATUS = "Відповідь надавача давніша за підпис: скасування після неї в ній не видно."


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a signature, answered in a word with a sign and in a sentence."""

    question: str
    kind: Kind
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SignerAnswer:
    """One signature as the page shows it."""

    title: str
    kind: Kind
    word: str
    explanation: str
    facts: list[tuple[str, str]]
    technical: list[tuple[str, str]]
    checks: list[Check]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer: a verdict, a sentence, the signatures, the files."""

    title: str
    sentence: str
    kind: Kind
    signers: list[SignerAnswer]
    more_signers: int
    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    missing: tuple[str, ...]
    trust_version: str


def explain(result: VerificationResult) -> Answer:
    """Put a result into words."""
    shown = result.signers[:SHOWN_SIGNERS]
    title, kind = _verdict(result)
    return Answer(
        title=title,
        sentence=_sentence(result),
        kind=kind,
        signers=[
            _signer(one, number if len(result.signers) > 1 else 0, result.at)
            for number, one in enumerate(shown, start=1)
        ],
        more_signers=len(result.signers) - len(shown),
        covered=result.covered[:SHOWN_FILES],
        uncovered=result.uncovered[:SHOWN_FILES],
        missing=result.missing[:SHOWN_FILES],
        trust_version=result.trust_version,
    )


SUBJECTS = {
    "certificate": "Сертифікат",
    "bundle": "Набір сертифікатів",
    "crl": "Список скасованих сертифікатів",
    "delta-crl": "Список нещодавно скасованих сертифікатів",
    "ocsp": "Відповідь про стан сертифіката",
}


UNCONFIRMED = "Підпис цілісний, чинність сертифіката не підтверджено"
UNCONFIRMED_MANY = "Підписи цілісні, чинність сертифікатів не підтверджено"
# How to find out what could not be known here.
ELSEWHERE = (
    "Перевірте файл ще раз пізніше або на сайті Центрального засвідчувального органу czo.gov.ua."
)


def _verdict(result: VerificationResult) -> tuple[str, Kind]:
    subject = SUBJECTS.get(result.kind)
    if subject:
        if result.valid and not result.confirmed:
            return f"{subject}: видано визнаним надавачем, чинність не підтверджено", "heed"
        endings: dict[Overall, tuple[str, Kind]] = {
            Overall.VALID: ("перевірку пройдено", "good"),
            Overall.INVALID: ("перевірку не пройдено", "bad"),
        }
        words, kind = endings.get(result.overall, ("підтвердити не вдалося", "heed"))
        return f"{subject}: {words}", kind
    many = len(result.signers) > 1
    if result.overall is Overall.VALID:
        if not result.signers:
            return "Підпису немає, є лише позначка часу", "heed"
        if result.uncovered:
            word = "дійсний" if result.confirmed else "цілісний"
            return f"Підпис {word}, але охоплює не всі файли", "heed"
        if not result.confirmed:
            return (UNCONFIRMED_MANY if many else UNCONFIRMED), "heed"
        if not all(one.qualified for one in result.signers):
            unqualified = "Підписи дійсні, але не всі кваліфіковані"
            return (unqualified if many else "Підпис дійсний, але не кваліфікований"), "heed"
        return ("Усі підписи дійсні" if many else "Підпис дійсний"), "good"
    if result.overall is Overall.INVALID:
        if many and any(one.overall is Overall.VALID for one in result.signers):
            return "Не всім підписам можна довіряти", "bad"
        return "Підпису не можна довіряти", "bad"
    return "Підтвердити підпис не вдалося", "heed"


def _sentence(result: VerificationResult) -> str:
    if result.kind in SUBJECTS:
        said = "Це не підписаний документ, а службовий файл. "
        if result.valid:
            said += "Його видав надавач із довірчого списку, і файл цілий."
            if not result.confirmed:
                said += f" Чи не скасовано його, дізнатися зараз не вдалося. {ELSEWHERE}"
            return said
        return said + EXPLANATIONS[result.reason or Reason.GENERIC]
    if result.overall is Overall.VALID:
        if not result.signers:
            return (
                "Позначка часу доводить, що файл існував тоді в цьому самому вигляді. "
                "Хто його створив, вона не каже."
            )
        names = [_who(one) for one in result.signers]
        whom = names[0] if len(names) == 1 else f"{len(names)} {_signatures(len(names))}"
        said = f"Підписано: {whom}. Після підписання документ не змінювали."
        if not result.confirmed:
            said += (
                " Чи не було на той час скасовано сертифікат, надавач тут не підтвердив: підпис "
                f"викраденим ключем виглядав би так само. {ELSEWHERE}"
            )
        return said
    said = EXPLANATIONS[result.reason or Reason.GENERIC]
    if result.missing:
        said = "У контейнері бракує файлів, які було підписано."
    if result.overall is Overall.INDETERMINATE:
        said += " Це не означає, що підпис підроблено: бракує відомостей, щоб сказати напевно."
    return said


def _signatures(count: int) -> str:
    return plural(count, "підпис", "підписи", "підписів")


def _who(signer: SignerResult) -> str:
    certificate = signer.certificate
    if certificate is None:
        return "підписувача не названо"
    name = certificate.full_name or certificate.common_name or certificate.organisation
    if certificate.is_seal and certificate.organisation:
        name = f"печатка, {certificate.organisation}"
    return name or "підписувача не названо"


def _signer(signer: SignerResult, number: int, at: datetime.datetime | None) -> SignerAnswer:
    certificate = signer.certificate
    names: dict[Overall, tuple[Kind, str]] = {
        Overall.VALID: ("good", "Дійсний"),
        Overall.INVALID: ("bad", "Недійсний"),
    }
    kind, word = names.get(signer.overall, ("heed", "Не підтверджено"))
    if signer.overall is Overall.VALID and not signer.confirmed:
        kind, word = "heed", "Цілісний"
    facts: list[tuple[str, str]] = []
    technical: list[tuple[str, str]] = []
    if certificate is not None:
        same = certificate.organisation == certificate.full_name
        facts = [
            ("Підписувач", _who(signer)),
            ("Хто це", PEOPLE.get(certificate.kind, "")),
            ("Організація", "" if same else certificate.organisation),
            ("Посада", certificate.title),
            ("РНОКПП", masked(certificate.rnokpp)),
            ("ЄДРПОУ", certificate.edrpou or ""),
            ("Час доведено", _moment(signer.proven_time)),
            ("Час, який указав підписувач", _claimed(signer, at)),
            ("Вид", _quality(signer)),
            ("Рівень", LEVELS.get(signer.level, "").format(family=signer.family)),
            ("Надавач", certificate.issuer_name),
        ]
        technical = [
            ("Сертифікат", spaced(certificate.serial)),
            ("Строк дії", f"{_day(certificate.not_before)} — {_day(certificate.not_after)}"),
            (
                "Ключ зберігають",
                "на захищеному носії" if certificate.carrier == "qscd" else "у файлі",
            ),
            ("Спосіб підпису", signer.algorithm),
        ]
    technical += [
        (f"Позначка часу {_moment(one.time)}", one.authority) for one in signer.timestamps
    ]
    return SignerAnswer(
        title=f"Підпис {number}" if number else "Підпис",
        kind=kind,
        word=word,
        explanation=EXPLANATIONS[signer.reason] if signer.reason and number else "",
        facts=[(name, value) for name, value in facts if value],
        technical=[(name, value) for name, value in technical if value],
        checks=_checks(signer),
    )


def _checks(signer: SignerResult) -> list[Check]:
    found = []
    for name, (question, meanings) in CHECKS.items():
        status: Status = getattr(signer, name)
        meaning = meanings.get(status, "")
        if not meaning:
            continue
        kind, word = TAGS[status]
        if name == "revocation" and status is Status.ABSENT:
            kind, word = TAGS[Status.INDETERMINATE]
        if name == "revocation" and status is Status.VALID and not signer.confirmed:
            kind, word, meaning = "heed", "Невідомо", UNCOVERED_STATUS
        if name == "revocation" and signer.on_hold and status is Status.INVALID:
            kind, word = TAGS[Status.INDETERMINATE]
            meaning = f"Дію сертифіката призупинено {_moment(signer.revoked_at)}."
        elif name == "revocation" and signer.revoked_at is not None:
            if status is Status.INVALID:
                meaning = f"Сертифікат скасовано {_moment(signer.revoked_at)}."
            else:
                meaning = f"Скасовано {_moment(signer.revoked_at)}, уже після підписання."
        if name == "timestamp" and status is Status.VALID and signer.proven_time:
            meaning = f"Час {_moment(signer.proven_time)} засвідчив надавач електронною позначкою."
        found.append(Check(question, kind, word, meaning))
    return found


def _quality(signer: SignerResult) -> str:
    seal = bool(signer.certificate and signer.certificate.is_seal)
    thing = "печатка" if seal else "підпис"
    if signer.qualified:
        word = "Кваліфікована" if seal else "Кваліфікований"
        return f"{word} електронн{'а' if seal else 'ий'} {thing}"
    word = "Удосконалена" if seal else "Удосконалений"
    return (
        f"{word} електронн{'а' if seal else 'ий'} {thing}, не кваліфікован{'а' if seal else 'ий'}"
    )


def _claimed(signer: SignerResult, at: datetime.datetime | None) -> str:
    """The time by the signer's own clock, which proves nothing."""
    claimed, proven = signer.signing_time, signer.proven_time
    if claimed is None:
        return ""
    if at is not None and claimed > at + CLOCK_SKEW:
        return f"{_moment(claimed)}: цей час ще не настав, не зважайте на нього"
    if proven is not None and claimed > proven + CLOCK_SKEW:
        return f"{_moment(claimed)}: пізніше за доведений, не зважайте на нього"
    return f"{_moment(claimed)}, не доведено" if proven is None else _moment(claimed)


def masked(code: str | None) -> str:
    """A person's code with its middle hidden: enough to compare, too little to copy."""
    if not code:
        return ""
    return f"{code[:2]}{'•' * max(len(code) - 4, 1)}{code[-2:]}"


def spaced(serial: str) -> str:
    """A certificate's number in groups of four, as people compare it."""
    return " ".join(serial[i : i + 4] for i in range(0, len(serial), 4)).upper()


def _moment(value: datetime.datetime | None) -> str:
    return f"{clock.local(value):%d.%m.%Y %H:%M}" if value else ""


def _day(value: datetime.datetime) -> str:
    return f"{clock.local(value):%d.%m.%Y}"


def refusal(result: VerificationResult, data: bytes, names: int) -> tuple[str, str] | None:
    """Field and words when the files cannot be judged at all; None when there is an answer.

    data: the first bytes of the file; names: how many files came.
    """
    detached = result.kind in ("cms", "xml") and names == 1
    if result.reason is Reason.SIGNED_DATA_NOT_FOUND and detached:
        return (
            "content",
            "Підпис збережено окремо від документа: додайте обидва файли, підпис і документ",
        )
    if result.overall is not Overall.MALFORMED:
        return None
    if result.kind == "encrypted":
        return "file", "Цей файл зашифровано, а не підписано"
    if names == 2:
        return "file", "Жоден із двох файлів не є підписом. Оберіть файл .p7s або контейнер .asice"
    if data.startswith(b"%PDF"):
        return "file", (
            "Це PDF без підпису всередині. Якщо підпис збережено окремо, додайте й файл .p7s "
            "або оберіть контейнер .asice"
        )
    if result.kind == "xml":
        return "file", "У цьому XML немає підпису, або файл пошкоджено"
    if result.kind.startswith("asic"):
        return "file", "У цьому архіві немає підпису, або архів пошкоджено"
    return "file", "Це не файл з підписом, або його пошкоджено. Оберіть файл .p7s, .asice чи .asics"
