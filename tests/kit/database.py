"""The suite's databases: migrated once, then cloned (0.1 s) for each worker of each run.

Clones lie in the machine's memory where it has room: a clone is 1,400 files, and ext4 looks for room
for each among all that were deleted in the last minute (0.6 s of processor for what takes 0.1 s here).

A worker has two: an empty one, and one in which the small world already stands (building it for
each test took half of the suite's time). A test is given the one it asks for.

The migrated template is named by a hash of every migration and of the modules that migrations
import, so a changed migration makes a new template and an unchanged one costs nothing. What takes
long to lay in (a country) is kept as a template of its own in the same way.
"""

import ast
import contextlib
import fcntl
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from aikom.settings.env import VAR
from kernel.audit import rights
from kernel.embedded import place, postgres

LOCK = VAR / "test-database.lock"
USERS = VAR / "test-database.users"
MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3  # bytes that must be free there, and of the machine's memory twice as much
# Folders that no maker reads: a changed page lays nothing anew.
PAGES = {"portal", "templates", "static", "help", "migrations", "__pycache__"}


def embedded() -> bool:
    """Whether the suite keeps a cluster of its own (no DATABASE_URL)."""
    return "DATABASE_URL" not in os.environ


@contextlib.contextmanager
def cluster() -> Iterator[None]:
    """Have the test cluster running inside; the last session to leave stops it."""
    if not embedded():
        yield
        return
    VAR.mkdir(parents=True, exist_ok=True)
    with USERS.open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        postgres.start(VAR, test=True)
        try:
            yield
        finally:
            connections.close_all()
            fcntl.flock(users, fcntl.LOCK_UN)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                postgres.stop(VAR, test=True)


def template() -> str:
    """The name of the migrated template, made now if it does not exist."""
    name = f"tmpl_{_fingerprint()}"
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock, _server() as server:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(server, name):
            draft = f"{name}_draft"
            _drop(server, draft)
            _create(server, draft, "template0")
            with _connected_to(draft):
                call_command("migrate", interactive=False, verbosity=0)
                rights.grant()
                # Dictionaries and КАТОТТГ are part of every installation, so of every test too.
                call_command("load_classifiers", stdout=io.StringIO())
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_id(draft), _id(name)))
            for (old,) in server.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'tmpl\\_%%' AND datname <> %s",
                [name],
            ).fetchall():
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    server.execute(sql.SQL("DROP DATABASE {}").format(_id(old)))
    return name


def kept(content: str, make: Callable[[], None], *, also: Iterable[Path], size: str) -> str:
    """The name of a template with something laid in, made now if the code, `also` or the size of it
    are others than when it was made."""
    code = [
        path
        for config in apps.get_app_configs()
        if (room := Path(config.path)).is_relative_to(settings.BASE_DIR)
        and ".venv" not in room.parts
        for path in room.rglob("*")
        if path.suffix in {".py", ".sql", ".toml"} and not PAGES & set(path.parts)
    ]
    base = template()
    name = f"kept_{content}_{_hashed({*code, *also}, base, size)}"
    with (VAR / f"test-{content}.lock").open("w") as lock, _server() as server:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(server, name):
            for (old,) in server.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"kept\\_{content}\\_%"]
            ).fetchall():
                _drop(server, old)
            draft = f"draft_{content}"
            _drop(server, draft)
            _create(server, draft, base)
            with _connected_to(draft):
                make()
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_id(draft), _id(name)))
    return name


def memory() -> str:
    """The tablespace in the machine's memory for what lives no longer than a session, made now if
    it does not exist; empty where there is no room for it, or the server is not ours."""
    if not embedded() or not MEMORY.is_mount() or shutil.disk_usage(MEMORY).free < ROOM:
        return ""
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    if int(told["MemAvailable"].removesuffix("kB")) * 1024 < 2 * ROOM:
        return ""
    folder = MEMORY / f"aikom-{hashlib.sha256(os.fsencode(VAR.resolve())).hexdigest()[:12]}"
    with LOCK.open("w") as lock, _server() as server:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = server.execute("SELECT 1 FROM pg_tablespace WHERE spcname = 'memory'").fetchone()
        if known and folder.is_dir():
            return "memory"
        # The machine was started anew, or the cluster was made anew.
        if known:
            server.execute("DROP TABLESPACE memory")
        shutil.rmtree(folder, ignore_errors=True)
        place.own_folder(folder, place.servant())
        server.execute(sql.SQL("CREATE TABLESPACE memory LOCATION {}").format(str(folder)))
    return "memory"


class Clones:
    """The databases of one worker: by what stands in them, made when a test first asks for them.

    `makers` tell how to lay something into an empty clone, "" is the empty one; `templates` give
    the name of one where it stands already.
    """

    def __init__(
        self,
        worker: str,
        makers: dict[str, Callable[[], None]],
        templates: dict[str, Callable[[], str]],
    ):
        self.name, self.makers = f"test_{os.getpid()}_{worker}", makers
        self.templates, self.made, self.kept = templates, set[str](), set[str]()
        self.sources = {"": template()}
        self.clean: set[str] = set()
        self.now = ""
        sweep()
        self.memory = memory()

    def be(self, content: str) -> None:
        """Point Django at the database with this content, cloned anew if a test wrote into it."""
        name = f"{self.name}_{content}"
        if content in self.templates:
            self.sources[content] = self.templates.pop(content)()
            self.kept.add(content)
        if content not in self.sources:
            self.sources[content] = f"{name}_source"
            self.made.add(content)
            clone(self.sources[""], self.sources[content], self.memory)
            with _connected_to(self.sources[content]):
                self.makers[content]()
        if content not in self.clean:
            # A template kept on the disk is large, and cloned once: it would fill the memory.
            clone(self.sources[content], name, "" if content in self.kept else self.memory)
            self.clean.add(content)
        if connection.settings_dict["NAME"] != name:
            use(name)
        self.now = content

    def spoiled(self) -> None:
        """A test committed into the database of the moment: it goes, with whoever is connected."""
        self.clean.discard(self.now)
        drop(f"{self.name}_{self.now}")

    def drop(self) -> None:
        """Remove all of them."""
        names = [f"{self.name}_{content}" for content in self.clean]
        for name in names + [self.sources[content] for content in self.made]:
            drop(name)


def drop(name: str) -> None:
    """Remove a clone and whoever is still connected to it."""
    connections.close_all()
    with _server() as server:
        _drop(server, name)


def clone(source: str, name: str, where: str = "") -> None:
    """Make `name` a copy of `source`, in the place of what stood there."""
    connections.close_all()
    with _server() as server:
        _drop(server, name)
        _create(server, name, source, where)


def sweep() -> None:
    """Remove clones of sessions that died without tidying up."""
    with _server() as server:
        for (name,) in server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'"
        ).fetchall():
            owner = name.split("_")[1]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                _drop(server, name)


def use(name: str) -> None:
    """Point Django's default connection at database `name`."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextlib.contextmanager
def _connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    use(name)
    try:
        yield
    finally:
        use(before)


@contextlib.contextmanager
def _server() -> Iterator[psycopg.Connection]:
    where = connection.settings_dict
    words = {
        "host": where["HOST"],
        "port": where["PORT"],
        "user": where["USER"],
        "password": where["PASSWORD"],
    }
    with psycopg.connect(
        dbname="postgres", autocommit=True, **{key: value for key, value in words.items() if value}
    ) as server:
        yield server


def _exists(server: psycopg.Connection, name: str) -> bool:
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _create(server: psycopg.Connection, name: str, source: str, where: str = "") -> None:
    # By files: 30 MB copied by the system take a third of the time their pages take through WAL.
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY TABLESPACE {}")
    server.execute(command.format(_id(name), _id(source), _id(where or "pg_default")))


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_id(name)))


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _fingerprint() -> str:
    """Sixteen hex digits over all migrations, what they import of ours, the locked packages and the
    carried data."""
    base = Path(settings.BASE_DIR)
    files: set[Path] = {base / "aikom" / "requirements" / "dev.txt"}
    files.update(path for path in (base / "registry" / "data").rglob("*") if path.is_file())
    files.add(base / "registry" / "management" / "commands" / "load_classifiers.py")
    files.update(
        (base / "registry" / "classifiers" / "services" / f"{n}.py")
        for n in ("classifiers", "territories")
    )
    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        if base in folder.parents and ".venv" not in folder.parts:
            files.update(folder.rglob("*.py"))
            files.update(folder.parent.rglob("*.sql"))
    waiting = [path for path in files if path.suffix == ".py"]
    while waiting:
        for path in _imported(waiting.pop()) - files:
            files.add(path)
            waiting.append(path)
    return _hashed(files)


def _hashed(files: Iterable[Path], *words: str) -> str:
    whole = hashlib.sha256(" ".join(words).encode())
    for path in sorted(files):
        whole.update(str(path.relative_to(settings.BASE_DIR)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def _imported(path: Path) -> set[Path]:
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for module in modules:
            base = Path(settings.BASE_DIR, *module.split("."))
            for candidate in (base.with_suffix(".py"), base / "__init__.py"):
                if candidate.is_file():
                    found.add(candidate)
    return found
