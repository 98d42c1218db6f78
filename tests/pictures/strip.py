"""A page as it looks at four widths, made small: one grey strip, a cell for 1/CELLS of the width.

A text of other words of the same length changes a cell little; a block that moved, grew, vanished or
lies over another changes many. So a strip is worth keeping beside the code (some 2 KB), and two of
them are compared cell by cell.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageChops

WIDTHS = (390, 1280, 1366, 1920)  # px: a phone, the school's old screens, a desktop
CELLS = 48  # across a page, whatever its width
TALL = 6 * CELLS  # what lies deeper than six widths is a list's own length
NOTHING = 0  # below a page; a page has no black cell

# How much two pictures of one page may differ: smoothing of letters, another day's date.
UNLIKE = 32  # of 255: a cell that says something else
SHARE = 0.012  # of the cells
HEIGHT = 1  # cells


@dataclasses.dataclass(frozen=True)
class Difference:
    """Where a page looks other than it did."""

    width: int
    said: str


def small(shot: bytes) -> Image.Image:
    """A screenshot as its cells."""
    image = Image.open(io.BytesIO(shot)).convert("L")
    high = max(1, round(image.height * CELLS / image.width))
    cells = image.resize((CELLS, high), Image.Resampling.BOX).crop((0, 0, CELLS, min(high, TALL)))
    return cells.point(lambda grey: max(grey, NOTHING + 1))


def joined(shots: list[bytes]) -> Image.Image:
    """The strip of a page, from its screenshots in the order of WIDTHS."""
    parts = [small(shot) for shot in shots]
    strip = Image.new("L", (CELLS * len(parts), max(part.height for part in parts)), NOTHING)
    for place, part in enumerate(parts):
        strip.paste(part, (place * CELLS, 0))
    return strip


def wider(shots: Mapping[int, bytes]) -> list[Difference]:
    """Pages that run out of their window sideways; the comparison of cells would shrink them to fit."""
    found = {width: Image.open(io.BytesIO(shot)).width for width, shot in shots.items()}
    return [
        Difference(width, f"{drawn} px wide: it runs out of its window")
        for width, drawn in found.items()
        if drawn > width
    ]


def _part(strip: Image.Image, place: int) -> Image.Image:
    part = strip.crop((place * CELLS, 0, (place + 1) * CELLS, strip.height))
    _, _, _, bottom = part.getbbox() or (0, 0, 0, 1)
    return part.crop((0, 0, CELLS, bottom))


def differences(kept: Path, strip: Image.Image) -> list[Difference]:
    """What is no longer as the kept picture shows; all widths are told."""
    told = []
    with Image.open(kept) as old:
        for place, width in enumerate(WIDTHS):
            was, now = _part(old, place), _part(strip, place)
            if abs(was.height - now.height) > max(HEIGHT, was.height // 40):
                px = width / CELLS
                told.append(
                    Difference(width, f"{now.height * px:.0f} px high, was {was.height * px:.0f}")
                )
                continue
            high = min(was.height, now.height)
            frame = (0, 0, CELLS, high)
            apart = ImageChops.difference(was.crop(frame), now.crop(frame))
            other = sum(apart.histogram()[UNLIKE:])
            if other > SHARE * CELLS * high:
                told.append(Difference(width, f"{other} of {CELLS * high} cells are others"))
    return told
