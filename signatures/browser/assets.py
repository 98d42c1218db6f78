"""Where the built signing files are and what hash each must have (subresource integrity)."""

import functools
import json
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from signatures.browser.build import BUILT


def integrity(name: str) -> str:
    """Return the `sha384-…` value of a built file, for an `integrity` attribute.

    Raises:
        ImproperlyConfigured: the bundle was not built, or holds no such file.
    """
    manifest = BUILT / "manifest.json"
    try:
        return _read(manifest, manifest.stat().st_mtime_ns)[name]
    except (FileNotFoundError, KeyError) as missing:
        raise ImproperlyConfigured(
            f"signatures/built/{name} is not built; run `python -m signatures.browser.build`"
        ) from missing


@functools.lru_cache(maxsize=1)
def _read(manifest: Path, changed_at: int) -> dict[str, str]:
    return json.loads(manifest.read_text())
