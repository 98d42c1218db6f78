"""An authority in memory, the carried samples, and the pure-Python twin of the accelerator."""

import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from signatures.algorithms import dstu4145, native
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey
from tests.signatures.responders import Responder, responding

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def now() -> datetime.datetime:
    return NOW


@pytest.fixture(scope="session")
def authority() -> Authority:
    """One authority for the whole session: making it costs a few signatures."""
    return Authority.in_memory()


@pytest.fixture
def olena(authority: Authority) -> tuple[SigningKey, Certificate]:
    """The key of an invented head of a school."""
    return issue_olena(authority)


def issue_olena(authority: Authority, **changes: object) -> tuple[SigningKey, Certificate]:
    fields = {
        "full_name": "Шкільна Олена Василівна",
        "surname": "Шкільна",
        "given_name": "Олена Василівна",
        "rnokpp": "7146711424",
        "edrpou": "39301337",
        "organisation": "Ліцей «Світанок»",
        "title": "директорка",
        "kind": "employee",
        "at": NOW,
    }
    return authority.issue_person(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """`sample("cades/uapki_content.txt")`: the bytes of a carried sample."""
    return lambda name: (SAMPLES / name).read_bytes()


@pytest.fixture(scope="session")
def index() -> list[dict[str, str]]:
    return json.loads((SAMPLES / "INDEX.json").read_text())


@pytest.fixture
def responder() -> Iterator[Responder]:
    """A provider's services on a real socket."""
    with responding() as state:
        yield state


@pytest.fixture
def pure_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine without a C compiler."""
    monkeypatch.setenv("AIKOM_NATIVE", "off")
    native.library.cache_clear()
    dstu4145.arithmetic.cache_clear()
    yield
    monkeypatch.undo()
    native.library.cache_clear()
    dstu4145.arithmetic.cache_clear()
