"""Reading the environment: each variable is named once here, and a wrong value says what was expected."""

import datetime
import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("AIKOM_VAR", ROOT / "var"))
OF_SANDBOX = "_sandbox"  # how the name of the sandbox's database ends


# Prefixes that nobody else uses: a variable that begins so is meant for us, so a name that we do not
# read is a mistake that would pass in silence (SIGNATURES_EGRES=1, and lists are never fetched).
PREFIXES = (
    "AIKOM_",
    "COUNTRY_",
    "DEMO_ISEI_",
    "EDU_",
    "ISEI_",
    "REPORTS_",
    "SIGNATURES_",
    "TREMBITA_",
)
KNOWN = {
    "AIKOM_CA_BUNDLE": "a test: the national bundle of certificates to verify",
    "AIKOM_IMAGE": "docker-compose.yml: the image of every service",
    "AIKOM_NATIVE": "off: signatures without the C library; portable: without carry-less multiplication",
    "AIKOM_PICTURES": "a test: the folder for screenshots",
    "AIKOM_SANDBOX": "1: this process is the sandbox of systems, over a database of its own",
    "AIKOM_SANDBOX_ADDRESS": "where systems reach the sandbox; empty: there is none",
    "AIKOM_SANDBOX_INTERNAL_ADDRESS": "where the register reaches it, when that differs",
    "AIKOM_SIGNATURE_BACKENDS": "a test: further backends of signatures to try",
    "AIKOM_VAR": "the folder for everything that is made while running",
    "COUNTRY_DATABASE_URL": "the database that `make country` fills",
    "DEMO_ISEI_PORT": "the port of the demo's id.gov.ua; the supervisor sets it",
    "EDU_PG_BIN": "the bin folder of PostgreSQL for a cluster of our own",
    "EDU_VALKEY_BIN": "the Valkey program for a broker of our own",
    "ISEI_ADDRESS": "the address of id.gov.ua",
    "ISEI_AUTH_TYPES": "ways of signing in that id.gov.ua offers, divided by spaces",
    "ISEI_CERTIFICATE": "the file of our certificate for answers of id.gov.ua",
    "ISEI_CLIENT_ID": "who we are for id.gov.ua; empty: that way in is closed",
    "ISEI_CLIENT_SECRET": "the secret that id.gov.ua gave",
    "ISEI_KEY": "the file of the key that opens its answers",
    "ISEI_KEY_PASSWORD": "the password of that file",
    "ISEI_METHOD": "post or get: how the token is asked for",
    "ISEI_PARTNER_CERTIFICATES": "the file of certificates that its answers are signed with",
    "ISEI_PROXY": "the proxy on the way to it",
    "ISEI_REDIRECT_BASE": "the address it sends people back to, where ours differs",
    "ISEI_SIGNED_ANSWERS": "0: answers without a signature are taken",
    "ISEI_TLS_AUTHORITIES": "the file of authorities for its TLS",
    "REPORTS_MOST_OF_NODE": "how many runs of forms people of one node may have under way",
    "REPORTS_MOST_OF_PERSON": "the same of one person",
    "REPORTS_NIGHTLY": "codes of forms counted for the whole country every night, by spaces",
    "REPORTS_REPLICA_LAG": "by how many seconds a replica may be behind and still be read",
    "REPORTS_REPLICA_URL": "a streaming replica of the database that figures are read from",
    "SIGNATURES_ALGORITHM_ENDS": "when algorithms stop being believed: OID=2030-01-01, by spaces",
    "SIGNATURES_AGENTS": "addresses of signing agents on a person's own computer, divided by spaces",
    "SIGNATURES_CLOUD": "the file that names services of cloud keys",
    "SIGNATURES_EGRESS": "1: revocation lists and OCSP are asked for",
    "SIGNATURES_EGRESS_HOSTS": "further hosts that may be asked, divided by spaces",
    "SIGNATURES_EGRESS_PROXY": "the proxy on the way to them",
    "SIGNATURES_TSP": "time-stamping services that renew signatures, divided by spaces",
    "SIGNATURES_TRUST_DEMO_AUTHORITY": "production refuses to start with it",
    "TREMBITA_ADDRESS": "our security server of «Трембіта»; empty: nothing is sent through it",
    "TREMBITA_CLIENT": "which subsystem we are there: SEVDEIR/GOV/<code>/<subsystem>",
    "TREMBITA_NOTICES": "services that take notices: SSD=… POLICE=…, divided by spaces",
    "TREMBITA_PURPOSE": "the declared purpose of processing, without which nothing is sent",
    "TREMBITA_TLS_AUTHORITIES": "the file of authorities for the TLS of that server",
}


def unknown(names: Iterable[str]) -> list[str]:
    """A line about each variable that is meant for us and that nobody reads, with the nearest name."""
    told = []
    for name in sorted(names):
        if not name.startswith(PREFIXES) or name in KNOWN:
            continue
        near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.6)
        meant = f" Did you mean {near[0]}: {KNOWN[near[0]]}?" if near else ""
        told.append(f"{name} is set, and nothing reads it.{meant}")
    return told


def refuse_unknown() -> None:
    """Stop the start when a variable of ours is misspelt.

    Raises:
        ValueError: each such variable with the nearest name, and all names there are.
    """
    if told := unknown(os.environ):
        every = "\n".join(f"  {name:34}{text}" for name, text in sorted(KNOWN.items()))
        raise ValueError("\n".join(told) + f"\nVariables with our prefixes:\n{every}")


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


def days(name: str) -> dict[str, datetime.datetime]:
    """Names with the days on which something ends: "NAME=2030-01-01 NAME=…", midnight in UTC.

    Raises:
        ValueError: something else; the message names the variable.
    """
    found = {}
    for pair in os.environ.get(name, "").split():
        what, _, day = pair.partition("=")
        try:
            found[what] = datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00")
        except ValueError:
            raise ValueError(f"{name}={pair!r}: expected NAME=2030-01-01") from None
    return found


def whole(name: str, *, default: int) -> int:
    """A variable that is a whole number, 1 or more.

    Raises:
        ValueError: anything else; the message names the variable.
    """
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or int(raw) < 1:
        raise ValueError(f"{name}={raw!r}: expected a whole number, 1 or more")
    return int(raw)


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
        "ENGINE": "kernel.postgres",
        "NAME": unquote(name),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
    }
