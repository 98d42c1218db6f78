"""A provider on a real socket, and an installation that is configured for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from integrations.isei import client as isei_client
from integrations.isei.demo.keys import PASSWORD, KeyFiles, issue
from integrations.isei.demo.people import Vouched
from integrations.isei.demo.provider import Client as Registered
from signatures.browser import build
from signatures.demo.authority import stored
from tests.isei.provider import TroubledProvider
from tests.world import PEOPLE, World

SECRET = "the secret of the tests"
SITE = "http://testserver"
# whose certificate names which organisation (tests.world)
CODES = {
    "olena": "59900062",
    "nina": "99000206",
    "petro": "99000130",
    "admin": "99000011",
    "bohdan": "02147345",
}


@pytest.fixture(scope="session", autouse=True)
def bundle() -> None:
    """The sign-in page names the hashes of the built signing files."""
    build.build()


def vouched(who: str, **changes: str) -> Vouched:
    """A persona of the small world, as the provider knows them."""
    surname, given_name, patronymic, code = PEOPLE[who]
    known = Vouched(
        who, surname, given_name, patronymic, code, CODES.get(who, ""), "Вигаданий заклад"
    )
    return dataclasses.replace(known, **changes)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
def key_files(demo_folder: Path, settings: Any) -> KeyFiles:
    """Keys of the provider and of this installation, by the authority that the server trusts."""
    settings.SIGNATURES_DEMO_DIR = demo_folder
    return issue(stored(demo_folder), demo_folder / "isei", at=timezone.now())


@pytest.fixture
def provider(key_files: KeyFiles) -> Iterator[TroubledProvider]:
    """The provider, about the people of the small world."""
    served = TroubledProvider(
        [vouched(who) for who in CODES],
        Registered("aikom-tests", SECRET, (SITE, "http://localhost", "http://127.0.0.1")),
        keys=key_files.provider_keys(),
    )
    served.start()
    yield served
    served.close()


@pytest.fixture
def plain(provider: TroubledProvider, settings: Any) -> TroubledProvider:
    """This installation asks that provider, for plain answers."""
    settings.ISEI_CLIENT_ID = provider.client.client_id
    settings.ISEI_CLIENT_SECRET = provider.client.client_secret
    settings.ISEI_ADDRESS = provider.address
    return provider


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of patience, for a provider that takes longer; only silence may follow."""
    made = isei_client.Http
    impatience = {"read_seconds": 0.5, "total_seconds": 1.0}
    monkeypatch.setattr(isei_client, "Http", lambda **options: made(**options | impatience))


@pytest.fixture
def sealed(plain: TroubledProvider, key_files: KeyFiles, settings: Any) -> TroubledProvider:
    """The same, for encrypted and signed answers."""
    settings.ISEI_CERTIFICATE = str(key_files.own_certificate)
    settings.ISEI_KEY = str(key_files.own_key)
    settings.ISEI_KEY_PASSWORD = PASSWORD
    settings.ISEI_PARTNER_CERTIFICATES = str(key_files.partner_certificates)
    return plain


@dataclasses.dataclass
class Traveller:
    """A browser on its way to the provider and back."""

    client: Client
    provider: TroubledProvider

    def leave(self, to: str = "") -> dict[str, str]:
        """The query that the provider receives."""
        response = self.client.get("/login/isei/" + (f"?next={to}" if to else ""))
        assert response.status_code == 302, response.content.decode()[:300]
        assert response["Location"].startswith(self.provider.address + "/?")
        return self.query(response["Location"])

    def choose(self, person: Vouched | None, asked: dict[str, str]) -> str:
        """The address that the provider sends the browser back to."""
        if person is not None:
            self.provider.people[person.key] = person
        choice = {name: asked[name] for name in ("client_id", "state", "redirect_uri")}
        answer = self.provider.choose(choice | {"person": person.key if person else ""})
        assert answer.status == 302, answer.body.decode()
        return answer.location

    def come_back(self, address: str) -> Any:
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == SITE
        return self.client.get(f"{parts.path}?{parts.query}")

    def enter(self, person: Vouched | None, to: str = "") -> Any:
        return self.come_back(self.choose(person, self.leave(to)))

    @staticmethod
    def query(address: str) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def travel(client: Client, world: World) -> Callable[[TroubledProvider], Traveller]:
    return lambda provider: Traveller(client, provider)
