"""No module is reached from itself by imports: what is understood first can be read first."""

from __future__ import annotations

import grimp

from tests.architecture.sources import ROOMS


def _circles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Groups of modules that import each other, by Tarjan's walk."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def walk(module: str) -> None:
        order[module] = lowest[module] = len(order)
        path.append(module)
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if imported not in order:
                walk(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in path:
                lowest[module] = min(lowest[module], order[imported])
        if lowest[module] == order[module]:
            circle = path[path.index(module) :]
            del path[path.index(module) :]
            if len(circle) > 1:
                found.append(circle)

    for module in sorted(graph.modules):
        if module not in order:
            walk(module)
    return found


def test_no_two_modules_import_each_other():
    assert not _circles(grimp.build_graph(*ROOMS, cache_dir=None))
