"""The project's own source files, for rules that read them."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "aikom",
    "kernel",
    "accounts",
    "signatures",
    "registry",
    "journals",
    "reports",
    "integrations",
)


def paths() -> list[Path]:
    """Every module of the rooms but migrations."""
    return [
        path
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts and "node_modules" not in path.parts
    ]


@functools.cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every such module with its tree; paths are relative to the root."""
    return tuple(
        (path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths()
    )


def of(*parts: str) -> list[tuple[Path, ast.Module]]:
    """Modules whose path goes through one of these folders or is one of these files."""
    return [(path, tree) for path, tree in modules() if {*path.parts, path.stem} & set(parts)]


def templates() -> list[Path]:
    """Every HTML template of the rooms."""
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("templates/**/*.html"))]
