"""Where an embedded server keeps its files, whom it runs as, and who may start it now.

Two facts decide everything here. PostgreSQL refuses to run as root, so root hands it to `nobody`,
who must be able to reach the files. A Unix socket's path holds at most 107 bytes.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

LONGEST_SOCKET = 107  # sun_path is 108 bytes with its closing zero (unix(7))
PLAIN_PATH = re.compile(r"[\w./-]+", re.ASCII)  # needs no quoting in a server's option


class CannotStart(Exception):
    """An embedded server cannot run here; the message says why and what to do."""


def servant() -> pwd.struct_passwd | None:
    """The unprivileged user that root hands PostgreSQL to; None when we are not root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def step_down(user: pwd.struct_passwd | None) -> Callable[[], None] | None:
    """What a child process does before it becomes the server: give up root."""
    if user is None:
        return None

    def become() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return become


def reachable_by_all(path: Path) -> bool:
    """Whether a stranger can walk down to `path` (each existing folder on the way is `o+x`)."""
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.is_dir()
    )


def home(var: Path, name: str, user: pwd.struct_passwd | None) -> Path:
    """The folder of the embedded server `name`, whose other files lie under `var`.

    Ordinarily `var/name`. When the server runs as another user who cannot walk down to `var`
    (a project inside /root), a folder of /var/tmp that belongs to this `var` alone.
    """
    var = var.resolve()
    if user is None or reachable_by_all(var):
        return var / name
    return Path("/var/tmp") / f"aikom-{_mark(var)}-{name}"  # noqa: S108 (checked by own_folder)


def socket_folder(server_home: Path, socket_name: str) -> Path:
    """Where the server's socket lies: in its home, or under /tmp when that path will not do."""
    inside = server_home / "socket"
    whole = str(inside / socket_name)
    if len(os.fsencode(whole)) <= LONGEST_SOCKET and PLAIN_PATH.fullmatch(whole):
        return inside
    return Path("/tmp") / f"aikom-{os.geteuid()}-{_mark(server_home)}"  # noqa: S108 (own_folder)


def own_folder(path: Path, user: pwd.struct_passwd | None = None) -> Path:
    """Make `path`, private to the server's user, and refuse one that somebody else laid there.

    Raises:
        CannotStart: the folder or link at that place belongs to another user.
    """
    mine = os.geteuid()
    if not path.parent.exists():
        path.parent.mkdir(parents=True, mode=0o755)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    trusted = {mine} if user is None else {mine, user.pw_uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in trusted:
        raise CannotStart(f"{path} belongs to another user; remove it, or set AIKOM_VAR elsewhere")
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)
    return path


@contextlib.contextmanager
def one_at_a_time(var: Path, name: str) -> Iterator[None]:
    """Hold the lock of server `name` under `var`: two starts at once wait for one another."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
