"""Variables of the environment: a misspelt one stops the start, each one that is read is known."""

import os
import re
import subprocess
import sys

import pytest

from aikom.settings import env
from tests import mutants


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("SIGNATURES_EGRES", "SIGNATURES_EGRESS"), ("AIKOM_VARS", "AIKOM_VAR"), ("ISEI_CLIENTID", "ISEI_CLIENT_ID")],
)  # fmt: skip
def test_a_misspelt_variable_is_refused_with_the_nearest_name(name, nearest):
    (told,) = env.unknown([name, "PATH", "SECRET_KEY", "AIKOM_NATIVE"])
    assert told.startswith(f"{name} is set, and nothing reads it. Did you mean {nearest}:")


def test_the_start_stops_and_lists_what_there_is(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], "AIKOM_VAR": str(tmp_path), "ISEI_ADRESS": "https://x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Did you mean ISEI_ADDRESS" in done.stderr
    assert "SIGNATURES_EGRESS_HOSTS" in done.stderr


def test_every_variable_of_ours_that_the_code_reads_is_known():
    prefix = "|".join(env.PREFIXES)
    asked = re.compile(
        rf'(?:environ(?:\.get|\.setdefault)?|flag|getenv)[\[(]"((?:{prefix})[A-Z_]+)"'
    )
    read = {
        name
        for room in ("aikom", *mutants.ROOMS)
        for path in (env.ROOT / room).rglob("*.py")
        if "node_modules" not in path.parts
        for name in asked.findall(path.read_text())
    }  # fmt: skip
    assert len(read) > 10
    assert read <= set(env.KNOWN)
