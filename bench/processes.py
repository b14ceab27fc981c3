"""Processes that a chapter starts, and ends with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.places import HERE
from bench.rounds import Measured


def contender(script: str, environment: Mapping[str, str], python: str = sys.executable, **options: Any) -> Measured:
    """One run of `bench/contenders/<script>.py` in a fresh interpreter; `seconds` is its whole life, start included."""
    command = [python, "-m", f"bench.contenders.{script}", json.dumps(options)]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=HERE, env=dict(environment), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise RuntimeError(f"{script} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    said: Measured = json.loads(done.stdout.splitlines()[-1])
    return {"seconds": seconds, **said}


@contextmanager
def vendor(broadcasts: int, warm: list[str]) -> Iterator[tuple[str, str]]:
    """The sandbox with one account of so many broadcasts, encoded before they are asked for: (address, key)."""
    with vendors() as url:
        yield url, account(url, broadcasts, warm)


@contextmanager
def vendors() -> Iterator[str]:
    """The sandbox: its address."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--max-limit", "1000"]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def account(url: str, broadcasts: int, warm: list[str]) -> str:
    """The key of another account there."""
    wanted = {"name": f"of-{broadcasts}", "broadcasts": broadcasts, "senders": 200, "warm": warm}
    return str(steered(url, "POST", "accounts", wanted)["key"])


def steered(url: str, method: str, path: str, wanted: Mapping[str, Any] | None = None) -> Any:
    """The sandbox's answer: see sandbox/control.py."""
    request = urllib.request.Request(  # noqa: S310  (loopback)
        f"{url}/_sandbox/{path}", json.dumps(wanted or {}).encode(), {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
        return json.load(answer)


@contextmanager
def web(
    environment: Mapping[str, str],
    workers: int = 2,
    threads: int = 8,
    application: str = "bench.served:application",
    quiet: bool = False,
    preload: bool = False,
    python: str = sys.executable,
) -> Iterator[tuple[str, int]]:
    """gunicorn as docs/running.md has it, on two cores: (address, pid of its master). `quiet`: what it refuses on purpose is not
    told. `preload`: a process that is killed is followed at once, by one that has read its modules already."""
    port_file = Path(environment["DATA_DIR"]) / f"bench-port-{application.partition(':')[0]}"
    port_file.unlink(missing_ok=True)
    command = [python, "-m", "gunicorn", application, "--bind", "127.0.0.1:0", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", str(threads), "--log-level", "warning", "--no-control-socket"]
    command += ["--config", "python:bench.served", "--timeout", "300"]
    command += ["--preload"] if preload else []
    told = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(
        command, cwd=HERE, env={**environment, "BENCH_PORT_FILE": str(port_file)}, stdout=subprocess.DEVNULL, stderr=told
    )
    try:
        port = _port(port_file, process)
        while process.poll() is None and len(children(process.pid)) < workers:
            time.sleep(0.05)  # the master listens before its workers stand
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while not file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the web server did not start")
        time.sleep(0.05)
    return int(file.read_text())


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory(pid: int) -> dict[str, float]:
    """Resident now and at most so far, in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"now": int(lines["VmRSS"].split()[0]) / 1024, "peak": int(lines["VmHWM"].split()[0]) / 1024}
