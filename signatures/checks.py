"""What must be right before the server starts."""

from typing import Any

from django.core import checks

from signatures.backend import backend


@checks.register
def backend_loads(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The configured signature backend exists."""
    try:
        backend()
    except (ImportError, TypeError, AttributeError) as error:
        return [checks.Error(f"SIGNATURES_BACKEND: {error}", id="signatures.E001")]
    return []
