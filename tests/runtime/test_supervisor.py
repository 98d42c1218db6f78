"""The supervisor through its own doors: processes that fall, ports that are taken, Ctrl-C."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aikom import supervisor
from tests.kit.waiting import LONG, until


@pytest.fixture
def child(tmp_path, monkeypatch) -> Iterator[supervisor.Child]:
    """A process that sleeps until told to end."""
    monkeypatch.setattr(supervisor, "LOGS", tmp_path)
    sleeper = supervisor.Child("sleeper", [sys.executable, "-c", "import time; time.sleep(3600)"])
    yield sleeper
    sleeper.stop(signal.SIGKILL)
    if sleeper.process:
        sleeper.process.wait()


def test_a_process_that_fell_comes_back_after_a_pause_that_grows(child):
    child.start()
    first = child.process.pid
    child.process.kill()
    child.process.wait()

    said = child.look_after(now=time.monotonic())
    assert "sleeper ended (signal 9), again in 1 s" in said
    assert child.look_after(now=child.restart_at - 0.1) is None
    assert child.process.pid == first, "it came back before its pause was over"
    child.look_after(now=child.restart_at)
    assert child.process.pid != first
    assert child.process.poll() is None

    child.process.kill()
    child.process.wait()
    assert "again in 2 s" in child.look_after(now=time.monotonic())


def test_a_long_life_makes_the_next_fall_the_first(child):
    child.start()
    child.falls = 5
    child.process.kill()
    child.process.wait()

    later = child.started + supervisor.STEADY_AFTER + 1
    assert "again in 1 s" in child.look_after(now=later)


def test_the_pause_never_grows_beyond_half_a_minute(child):
    child.start()
    child.falls = 40
    child.process.kill()
    child.process.wait()

    assert f"again in {supervisor.LONGEST_PAUSE:.0f} s" in child.look_after(child.started + 1)


def test_stopping_ends_even_a_process_that_will_not_listen(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "LOGS", tmp_path)
    monkeypatch.setattr(supervisor, "PATIENCE_TO_STOP", 0.3)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(3600)"
    child = supervisor.Child("deaf", [sys.executable, "-c", deaf])
    watch = supervisor.Supervisor([child])
    watch.start()
    until(lambda: child.log.read_text().strip() == "1")

    watch.stop()

    assert child.process.returncode == -signal.SIGKILL


def test_a_taken_port_is_told_with_another_to_take():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(supervisor.Refusal, match=f"Port {port} is taken.*PORT={port + 1}"):
            supervisor.free(port)


def test_the_next_port_serves_a_provider_of_identity_when_it_is_free(monkeypatch, capsys):
    # set first, so that whatever is set by the supervisor is undone
    monkeypatch.setenv("DEMO_ISEI_PORT", "1")
    monkeypatch.delenv("DEMO_ISEI_PORT")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        supervisor.offer_identity(taken.getsockname()[1])
    assert "not offered this time" in capsys.readouterr().out
    assert "id-gov-ua" not in {child.name for child in supervisor.children(8000)}

    supervisor.offer_identity(_free_port())
    assert "id-gov-ua" in {child.name for child in supervisor.children(8000)}


@pytest.mark.parametrize("raw", ["0", "65536", "http", "-1", ""])
def test_a_port_that_is_no_port_is_refused(monkeypatch, raw):
    monkeypatch.setenv("PORT", raw)
    with pytest.raises(supervisor.Refusal, match="expected a number"):
        supervisor.port_number()


def test_one_folder_runs_one_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "VAR", tmp_path)
    with (
        supervisor.alone(),
        pytest.raises(supervisor.Refusal, match=f"already runs \\(process {os.getpid()}\\)"),
        supervisor.alone(),
    ):
        pass


def test_a_database_of_a_server_is_never_wiped(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@example/aikom")
    with pytest.raises(supervisor.Refusal, match="not ours to delete"):
        supervisor.reset()


@pytest.mark.slow
def test_ctrl_c_ends_children_and_servers_and_keeps_the_data(tmp_path):
    """The whole of it, with the processes replaced by sleepers: what is tried is the order."""
    script = tmp_path / "demo.py"
    script.write_text(
        "import sys\n"
        "from aikom import supervisor\n"
        "sleeper = [sys.executable, '-c', 'import time; time.sleep(3600)']\n"
        "supervisor.children = lambda port: [supervisor.Child(n, sleeper) for n in ('web', 'worker')]\n"
        "supervisor.prepare = lambda s: None\n"
        "supervisor.wait_until_healthy = lambda port, s: True\n"
        "sys.argv = ['demo']\n"
        "sys.exit(supervisor.main())\n"
    )
    var = tmp_path / "v"
    environment = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CELERY_BROKER_URL"}
    }
    environment |= {"AIKOM_VAR": str(var), "PORT": str(_free_port()), "PYTHONPATH": str(Path.cwd())}
    with _running([sys.executable, str(script)], environment) as demo:
        told = ""
        while "ready in" not in told:
            line = demo.stdout.readline()
            assert line, f"the demo ended early: {told}"
            told += line
        children = _children(demo.pid)
        assert len(children) >= 3  # two sleepers and the broker
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()
        assert demo.wait(LONG) == 0
    assert "the data is kept" in rest
    until(lambda: not any(_lives(pid) for pid in children))
    status = subprocess.run(
        [sys.executable, "-m", "kernel.embedded", "status"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert status.stdout.split() == ["postgres", "stopped", "valkey", "stopped"]
    subprocess.run([sys.executable, "-m", "kernel.embedded", "wipe"], env=environment, check=True)


@contextlib.contextmanager
def _running(words: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    told = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    ).stdout
    return [int(word) for word in told.split()]


def _lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
