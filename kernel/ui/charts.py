"""Geometry of charts that the server draws as SVG: a line, a population pyramid, tiles of territories.

No script and no style of their own, so that a page needs no exception of its policy, a printer gets
lines and not pixels, and a screen reader a title and words. The figures stand in a table beside.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from kernel.ui.helpers import at, number
from kernel.ui.tiles import PLACES

SHADES = 5
_WIDE, _TALL, _LEFT, _TOP, _BOTTOM = 640, 300, 64, 16, 34


def figure(value: Any) -> str:
    """A number as a chart says it: one decimal where it has a part, «…» where it is kept back."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return "…"
    return number(value, 0 if float(value).is_integer() else 1)


def _known(value: Any) -> bool:
    return isinstance(value, int | float)


def _id(kind: str, title: str) -> str:
    return f"{kind}{zlib.crc32(title.encode()):x}"


def _ends(rows: Sequence[Any]) -> str:
    there = sorted(
        (row for row in rows if _known(at(row, "value"))), key=lambda row: at(row, "value")
    )
    ends = [there[0], there[-1]] if len(there) > 1 else there
    said = "; ".join(f"{at(row, 'label')}: {figure(at(row, 'value'))}" for row in ends)
    return f"Від найменшого до найбільшого: {said}." if ends else ""


def _top_of(value: float) -> float:
    """The end of a scale: the next round number."""
    step = 1.0
    while step * 10 < value:
        step *= 10
    return next(
        (step * times for times in (1, 1.5, 2, 3, 4, 5, 7.5, 10) if step * times >= value), 1
    )


def line_of(rows: Any, title: str) -> dict[str, Any]:
    """Geometry of `c.line_chart`: rows of `label` and `value` in their order; a value that is kept
    back breaks the line."""
    data = [{"label": str(at(row, "label")), "value": at(row, "value")} for row in rows]
    top = _top_of(max((row["value"] for row in data if _known(row["value"])), default=1) or 1)
    span = _TALL - _TOP - _BOTTOM
    step = (_WIDE - _LEFT - 24) / max(len(data) - 1, 1)
    points: list[dict[str, Any]] = []
    pieces: list[list[str]] = [[]]
    every = -(-len(data) // 6)
    for place, row in enumerate(data):
        x = _LEFT + place * step
        known = _known(row["value"])
        y = _TOP + span * (1 - row["value"] / top) if known else _TOP + span
        pieces[-1].append(f"{x:.1f},{y:.1f}") if known else pieces.append([])
        points.append(
            {
                "x": f"{x:.1f}",
                "y": f"{y:.1f}",
                "known": known,
                "told": figure(row["value"]),
                "told_y": f"{max(y - 10, 11):.1f}",
                "label": row["label"] if place % every == 0 or place == len(data) - 1 else "",
                "anchor": "end"
                if place == len(data) - 1 and place
                else "start"
                if not place
                else "middle",
            }
        )
    return {
        "id": _id("line", title),
        "points": points,
        "few": len(points) <= 8,
        "lines": [" ".join(piece) for piece in pieces if len(piece) > 1],
        "grid": [
            {"y": f"{_TOP + span * (1 - part / 4):.1f}", "told": figure(top * part / 4)}
            for part in range(5)
        ],
        "label_y": _TALL - 8,
        "told": f"Днів: {len(data)}. {_ends(data)}",
    }


def pyramid_of(rows: Any, left: str, right: str, title: str) -> dict[str, Any]:
    """Geometry of `c.pyramid`: rows of `label`, `left` and `right`, drawn from the last to the first
    as ages are; what is kept back has no bar and says «…»."""
    data = [{name: at(row, name) for name in ("label", "left", "right")} for row in rows]
    most = max(
        (row[side] for row in data for side in ("left", "right") if _known(row[side])), default=1
    )
    half, tall, middle = 250.0, 24, 320.0
    bars = []
    for place, row in enumerate(reversed(data)):
        y = 26 + place * tall
        bar: dict[str, Any] = {"label": str(row["label"]), "y": y, "text_y": y + 14}
        for side in ("left", "right"):
            width = (half - 70) * row[side] / (most or 1) if _known(row[side]) else 0
            start = middle - 40 - width if side == "left" else middle + 40
            bar[side] = {
                "x": f"{start:.1f}",
                "width": f"{width:.1f}",
                "told": figure(row[side]),
                "told_x": f"{start - 6:.1f}" if side == "left" else f"{start + width + 6:.1f}",
            }
        bars.append(bar)
    said = [
        f"{words}: {figure(sum(row[side] for row in data if _known(row[side])))}"
        for side, words in (("left", left), ("right", right))
    ]
    return {
        "id": _id("pyramid", title),
        "bars": bars,
        "height": 34 + len(bars) * tall,
        "told": f"Вікових груп: {len(data)}. {'; '.join(said)}.",
    }


def shaded(rows: Any, title: str, across: Any = 0) -> dict[str, Any]:
    """Geometry of `c.area_tiles`: territories as tiles of one size, shaded by fifths of the rows.

    rows: `label`, `value`, `code` (the first four signs of КАТОТТГ, for oblasts) and `url`. Oblasts stand
    near their neighbours; raions and hromadas by name, row by row.
    """
    data = [{name: at(row, name) for name in ("label", "value", "code", "url")} for row in rows]
    known = sorted(row["value"] for row in data if _known(row["value"]))
    bounds = [known[len(known) * part // SHADES] for part in range(1, SHADES)] if known else []
    oblasts = bool(data) and all(row["code"] in PLACES for row in data)
    oblasts = oblasts and len({row["code"] for row in data}) == len(data)
    columns = 8 if oblasts else int(across) or min(max(4, round(len(data) ** 0.5 * 1.3)), 12)
    side, step = 53, 56
    drawn = []
    there = {row["code"]: row for row in data} if oblasts else {}
    seats: list[tuple[str, int, int, dict[str, Any] | None]] = (
        [(letters, x, y, there.get(code)) for code, (letters, x, y) in PLACES.items()]
        if oblasts
        else [
            (_letters(row["label"]), place % columns, place // columns, row)
            for place, row in enumerate(data)
        ]
    )
    for letters, column, line, row in seats:
        value = row["value"] if row else None
        shade = 1 + sum(value >= bound for bound in bounds) if _known(value) else 0
        x, y = column * step, line * step
        drawn.append(
            {
                "letters": letters,
                "x": x,
                "y": y,
                "middle": f"{x + side / 2:.1f}",
                "first": y + 24,
                "second": y + 41,
                "shade": min(shade, SHADES),
                "told": _short(value) if row else "",
                "full": f"{row['label']}: {figure(value)}" if row else "",
            }
        )
    edges = [known[0], *bounds, known[-1]] if known else []
    return {
        "id": _id("shade", title),
        "tiles": drawn,
        "width": columns * step,
        "height": (max((line for _, _, line, _ in seats), default=0) + 1) * step,
        "told": f"Територій: {len(data)}. {_ends(data)}",
        "legend": [
            {
                "shade": place + 1,
                "x": place * 78,
                "middle": place * 78 + 39,
                "label": f"{_short(edges[place])}–{_short(edges[place + 1])}",
            }
            for place in range(SHADES)
        ]
        if edges
        else [],
    }


def _letters(label: str) -> str:
    """Four letters of a name that tell it from its neighbours: the first word that is no title."""
    words = [one for one in label.replace("«", " ").replace("»", " ").split() if one[:1].isalpha()]
    own = next(
        (one for one in words if one.lower().endswith(("ська", "ський", "цька", "цький"))), ""
    )
    return (own or (words[-1] if words else label))[:4].capitalize()


def _short(value: Any) -> str:
    """A figure that fits a tile: thousands as «12 т»."""
    if not _known(value):
        return "…" if isinstance(value, str) else "—"
    if value >= 10_000:
        return f"{value / 1000:.0f} т"
    return figure(value)
