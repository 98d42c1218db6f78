"""Reading the environment: each variable is named once here, and a wrong value says what was expected."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("AIKOM_VAR", ROOT / "var"))


def flag(name: str, *, default: bool) -> bool:
    """A yes/no variable: 1/0, true/false, yes/no, on/off.

    Raises:
        ValueError: another word; the message names the variable.
    """
    raw = os.environ.get(name)
    if raw is None or not raw.strip():
        return default
    word = raw.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name}={raw!r}: expected 1/0, true/false, yes/no or on/off")


def database(url: str) -> dict:
    """Django's DATABASES entry from a `postgresql://user:password@host:port/name?option=…` address.

    An empty host with `?host=/path` means a Unix socket folder, as libpq reads it.

    Raises:
        ValueError: another scheme, or no database name.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL: expected postgresql://user:password@host:port/name")
    name = parts.path.lstrip("/")
    if not name:
        raise ValueError("DATABASE_URL: the database name is missing after the host")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(name),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
    }
