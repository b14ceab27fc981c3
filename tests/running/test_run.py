"""The newcomer's command as a process: up, answering, and gone without a trace."""

from __future__ import annotations

import os
import signal
import socket
import sys
import urllib.request

import pytest

from tests.running.home import MANAGE, Home, Started
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to see what is left"),
]


def ready(started: Started) -> str:
    """Its address."""
    address = started.until_it_says(r"Inboxdeck is ready: (http://\S+)").group(1)
    started.until_it_says("Ctrl-C stops everything")
    return address


def fetch(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  (our own)
        return answer.status, answer.read().decode()


def test_it_comes_up_with_a_demo_that_fills_by_itself_and_ctrl_c_ends_all_of_it(home: Home) -> None:
    started = home.run()
    address = ready(started)
    assert fetch(f"{address}/healthz/") == (200, "ok")
    assert "sign in as demo@" in started.said
    assert "Keys that begin with 'sandbox-'" in started.said
    wait_until(
        lambda: home.number("SELECT count(*) FROM clients_syncrun WHERE state = 'ok'") >= 3, 180, what="three complete runs"
    )
    started.tell(signal.SIGINT)
    assert started.ends() == 0
    assert home.processes() == []


def test_sigterm_in_the_middle_of_syncs_leaves_neither_a_process_nor_a_claim(home: Home) -> None:
    started = home.run()
    wait_until(lambda: _tables(home) and home.number("SELECT count(*) FROM clients_syncrun WHERE state = 'running'"), 180)
    started.tell(signal.SIGTERM)
    assert started.ends() == 0
    assert home.processes() == []
    assert home.number("SELECT count(*) FROM clients_feed WHERE claim IS NOT NULL") == 0
    assert home.number("SELECT count(*) FROM clients_syncrun WHERE state = 'running'") == 0


def test_without_the_demo_there_is_neither_a_sandbox_nor_an_agency(home: Home) -> None:
    started = home.run("--no-demo")
    ready(started)
    assert home.processes("sandbox") == []
    assert home.number("SELECT count(*) FROM agency_agency") == 0


@pytest.mark.once
def test_it_comes_up_behind_a_proxy_that_speaks_https(home: Home) -> None:
    address = ready(home.run("--no-demo", PRODUCTION="1", TRUSTED_PROXIES="127.0.0.1"))
    request = urllib.request.Request(f"{address}/setup/", headers={"X-Forwarded-Proto": "https"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        assert "Welcome to Inboxdeck" in answer.read().decode()


@pytest.mark.once
def test_a_second_one_in_the_same_place_says_that_one_is_running(home: Home) -> None:
    address = ready(home.run("--no-demo"))
    second = home.run("--no-demo")
    assert second.ends() != 0
    assert f"already running here (process {home.started[0].process.pid}, {address})" in second.said


@pytest.mark.once
def test_kill_9_of_the_supervisor_leaves_no_process(home: Home) -> None:
    started = home.run()
    ready(started)
    assert len(home.processes()) >= 4
    started.tell(signal.SIGKILL)
    wait_until(lambda: not home.processes(), 60, what="every child to end")


@pytest.mark.once
def test_kill_9_of_the_shell_that_started_it_leaves_no_process(home: Home) -> None:
    shell = home.start("sh", "-c", f"{' '.join(MANAGE)} run --port 0 --no-demo --until-parent-ends; true")
    ready(shell)
    shell.tell(signal.SIGKILL)
    wait_until(lambda: not home.processes(), 60, what="the supervisor and its children to end")
    wait_until(lambda: shell.said.endswith("Stopped.\n"), 60, what="its last word")
    assert "Stopping: the process that started this is gone\n" in shell.said


@pytest.mark.once
def test_a_dead_worker_is_started_again_and_a_dead_web_server_ends_all(home: Home) -> None:
    started = home.run("--no-demo")
    ready(started)
    [worker] = home.processes("celery", "worker")
    os.kill(worker, signal.SIGKILL)
    started.until_it_says("worker ended by SIGKILL; it is started again")
    wait_until(lambda: [pid for pid in home.processes("celery", "worker") if pid != worker], 120)

    os.kill(min(home.processes("gunicorn")), signal.SIGKILL)
    assert started.ends() == 1
    assert "web ended by SIGKILL. Everything is stopped." in started.said
    assert home.processes() == []


@pytest.mark.once
def test_a_port_that_was_asked_for_and_is_taken_is_not_exchanged_for_another(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = home.start(*MANAGE, "run", "--no-demo", PORT=str(port))
        assert started.ends() != 0
    assert f"Port {port} of 127.0.0.1 can't be had" in started.said


def _tables(home: Home) -> bool:
    """Whether the database has been made."""
    where = "pg_tables WHERE tablename" if home.database_url else "sqlite_master WHERE name"
    return home.number(f"SELECT count(*) FROM {where} = 'clients_syncrun'") == 1
