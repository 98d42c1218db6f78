"""Packs as others read them: the rules and every word they use, so that they can be run elsewhere."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from functools import cache
from typing import Any

import orjson

from registry.fields.primitives import DOCUMENT_SHAPES, PATRONYMIC_ENDINGS, PHONE_SHAPE
from registry.fields.rules.pack import Pack, load
from registry.fields.rules.vocabulary import DERIVED, FACTS, FORMATS, WORDS

SEMANTICS = (
    "Правило порушено, коли всі його факти відомі, виконано всі умови when і не виконано хоча б "
    "одну умову must. Факт, якого немає (null або порожній рядок), бачать лише given і missing: "
    "інша умова без факту не виконується, а правило, у must якого є відсутній факт, мовчить. "
    "Правило діє з дня since (включно) до дня until (не включно)."
)


@cache
def as_body(pack_year: str) -> tuple[bytes, str]:
    """The body that is published of a year's pack, and its ETag: another text, another tag.

    Raises:
        KeyError: no such pack.
    """
    body = orjson.dumps(as_json(load(pack_year)))
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def as_json(pack: Pack) -> dict[str, Any]:
    """The whole pack as data."""
    return {
        "pack": pack.year,
        "version": pack.version,
        "source": pack.source,
        "semantics": SEMANTICS,
        "indicators": [dataclasses.asdict(one) for one in pack.indicators],
        "facts": {name: {"type": fact.type, "means": fact.means} for name, fact in FACTS.items()},
        "derived": {
            name: {"type": one.type, "of": list(one.of), "means": one.means}
            for name, one in DERIVED.items()
        },
        "conditions": {
            "given": {"takes": ["fact"], "means": "факт є"},
            "missing": {"takes": ["fact"], "means": "факту немає"},
            "not": {"takes": ["condition"], "means": "умову не виконано"},
            "any": {"takes": ["conditions"], "means": "виконано хоча б одну"},
            **{
                name: {
                    "takes": list(word.takes),
                    "means": word.means,
                    **({"spare": list(word.spare)} if word.spare else {}),
                }
                for name, word in WORDS.items()
            },
        },
        "document_shapes": {
            kind: {"series": series, "number": number}
            for kind, (series, number) in DOCUMENT_SHAPES.items()
        },
        "phone_shape": PHONE_SHAPE,
        "patronymic_endings": {sex: list(ends) for sex, ends in PATRONYMIC_ENDINGS.items()},
        "formats": {name: means for name, (means, _) in FORMATS.items()},
        "rules": [
            {
                key: value.isoformat() if isinstance(value, datetime.date) else value
                for key, value in rule.raw.items()
            }
            for rule in pack.rules
        ],
    }
