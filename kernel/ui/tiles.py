"""The tile map of oblasts: each a square of one size near its neighbours, by its code of КАТОТТГ.

No boundaries are needed, so no open set of them, and a small oblast is seen as well as a large one.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from kernel.ui.helpers import at

# Code: letters on the tile, column, row.
PLACES: Mapping[str, tuple[str, int, int]] = {
    "UA07": ("Вл", 1, 0), "UA56": ("Рв", 2, 0), "UA18": ("Жт", 3, 0), "UA32": ("Кв", 4, 0),
    "UA74": ("Чн", 5, 0), "UA59": ("См", 6, 0),
    "UA46": ("Лв", 1, 1), "UA61": ("Тр", 2, 1), "UA68": ("Хм", 3, 1), "UA80": ("Кї", 4, 1),
    "UA53": ("Пл", 5, 1), "UA63": ("Хр", 6, 1), "UA44": ("Лг", 7, 1),
    "UA21": ("Зк", 0, 2), "UA26": ("ІФ", 1, 2), "UA73": ("Чв", 2, 2), "UA05": ("Вн", 3, 2),
    "UA71": ("Чк", 4, 2), "UA35": ("Кр", 5, 2), "UA12": ("Дп", 6, 2), "UA14": ("Дн", 7, 2),
    "UA51": ("Од", 3, 3), "UA48": ("Мк", 4, 3), "UA65": ("Хс", 5, 3), "UA23": ("Зп", 6, 3),
    "UA85": ("Св", 4, 4), "UA01": ("АРК", 5, 4),
}  # fmt: skip
STEP, SIDE = 56, 53
SHADES = 5


def tiles(rows: Any, title: str) -> dict[str, Any]:
    """Geometry of `c.tile_map`.

    rows: objects or mappings with `code` (the first four signs of КАТОТТГ), `label`, `value` (a whole
    number of percent) and `url`. An oblast that no row names is drawn empty.
    """
    data = {
        str(at(row, "code")): {name: at(row, name) for name in ("label", "value", "url")}
        for row in rows
    }
    drawn = []
    for code, (letters, column, row) in PLACES.items():
        found = data.get(code)
        x, y = column * STEP, row * STEP
        drawn.append(
            {
                "letters": letters,
                "x": x,
                "y": y,
                "middle": f"{x + SIDE / 2:.1f}",
                "first": y + 25,
                "second": y + 41,
                "shade": 1 + min(SHADES - 1, found["value"] * SHADES // 100) if found else 0,
                "value": found["value"] if found else None,
            }
        )
    there = sorted(data.values(), key=lambda one: one["value"])
    ends = [there[0], there[-1]] if len(there) > 1 else there
    said = "; ".join(f"{one['label']}: {one['value']} %" for one in ends)
    return {
        "id": f"tiles{zlib.crc32(title.encode()):x}",
        "tiles": drawn,
        "rows": list(data.values()),
        "told": f"Областей: {len(there)}. Від найменшого до найбільшого: {said}." if there else "",
        "legend": [
            {"shade": n + 1, "x": n * 70, "middle": n * 70 + 35, "label": label}
            for n, label in enumerate(("до 20 %", "20–39", "40–59", "60–79", "від 80"))
        ],
    }
