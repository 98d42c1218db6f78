"""Query parameters of an API beyond `kernel.parameters`: its pages, a dry run, and its schema."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter

from kernel.parameters import Parameter, whole

LIMIT = 100
MOST = 500

AFTER = Parameter("after", "Позначка сторінки з поля next попередньої відповіді", str)
PAGE = (
    AFTER,
    Parameter(
        "limit",
        f"Скільки рядків на сторінці, 1–{MOST}; типово {LIMIT}",
        whole("limit", 1, MOST).read,
        int,
    ),
)
DRY_RUN = Parameter(
    "dry_run",
    "true — лише перевірити: відповідь така сама, але нічого не змінено",
    {"true": True, "false": False}.get,
    bool,
)


def openapi(parameter: Parameter) -> OpenApiParameter:
    """The parameter in the published schema."""
    return OpenApiParameter(parameter.name, parameter.kind, description=parameter.rule)
