"""Make the environment of this project out of a bare Python: `make setup` calls it.

Standard library only, Python 3.9 syntax: it must be able to say that a Python is too old. Each
step keeps a stamp of what it was made from, so that a second run takes a fraction of a second.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "aikom" / "requirements"
OLDEST, TOO_NEW = (3, 11), (3, 14)  # pyproject.toml: requires-python


def main() -> int:
    """Environment, then what is built from source. 0 when all of it stands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", action="store_true", help="also a Chromium for the tests")
    asked = parser.parse_args()
    os.chdir(ROOT)
    try:
        environment()
        accelerator()
        build("signatures.browser.build")
        build("kernel.ui.build")
        if asked.browser:
            run([PYTHON, "-m", "tests.kit.browser.install"])
    except Refusal as refusal:
        sys.stderr.write(f"\n{refusal}\n")
        return 1
    return 0


class Refusal(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def environment() -> None:
    """`.venv` holds exactly what aikom/requirements/dev.txt names, checked by hash.

    Raises:
        Refusal: the Python is too old or new, cannot make environments, or no registry answers.
    """
    stamp = VENV / ".installed-from"
    wanted = digest(LOCKS / "dev.txt", LOCKS / "uv.txt")
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        raise Refusal(
            f"{sys.executable} is Python {sys.version.split()[0]}; this project needs 3.11 to 3.13. "
            "Name one: make PYTHON=/path/to/python3.12 ..."
        )
    say("Installing the Python packages (once)")
    uv = installer()
    if not PYTHON.exists():
        run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV])
    run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCKS / "dev.txt"])
    stamp.write_text(wanted)


def installer() -> Path:
    """A uv of the pinned version in an environment of its own (a sync would remove it)."""
    home = ROOT / "var" / "uv"
    stamp, wanted = home / ".installed-from", digest(LOCKS / "uv.txt")
    if not (stamp.exists() and stamp.read_text() == wanted):
        shutil.rmtree(home, ignore_errors=True)
        try:
            run([sys.executable, "-m", "venv", home], quiet=True)
        except Refusal as refusal:
            raise Refusal(
                f"{refusal}\nThis Python cannot make environments. Debian, Ubuntu: "
                "apt-get install python3-venv"
            ) from None
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet"]
        quiet = ["--disable-pip-version-check", "--no-input", "--require-hashes"]
        run([*pip, *quiet, "-r", LOCKS / "uv.txt"])
        stamp.write_text(wanted)
    return home / "bin" / "uv"


def accelerator() -> None:
    """Compile the signature accelerator where a compiler is; elsewhere pure Python serves."""
    folder = ROOT / "signatures" / "algorithms"
    built = [path.stat().st_mtime for path in folder.glob("_native-*.so")]
    source = folder / "native_source.c"
    if built and source.exists() and min(built) > source.stat().st_mtime:
        return
    if any(shutil.which(program) for program in ("cc", "gcc", "clang")):
        build("signatures.algorithms.build")


def build(module: str) -> None:
    """Run a build module of the project; each skips by itself when nothing changed."""
    told = run([PYTHON, "-m", module], quiet=True)
    if "up to date" not in told:
        say(told.rstrip())


def digest(*files: Path) -> str:
    """One hash over the files' bytes and the running Python's version."""
    whole = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for path in files:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def run(words: list, quiet: bool = False) -> str:
    """Run a program to its end; what it printed comes back when `quiet`.

    Raises:
        Refusal: it failed; what it printed is above, or in the message when `quiet`.
    """
    words = [str(word) for word in words]
    # uv falls silent for long on slow lines; a copy is needed where caches lie on another disk.
    environment = {"UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1", **os.environ}
    done = subprocess.run(  # noqa: S603
        words,
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        told = f"\n{done.stdout}" if quiet else ""
        raise Refusal(f"Set-up stopped at: {' '.join(words)}{told}")
    return done.stdout or ""


def say(text: str) -> None:
    """One line on the terminal, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
