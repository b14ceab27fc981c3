"""Apache Superset's own environment, beside the product's: `make bench PEERS=1` makes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.places import HERE, POSTGRESQL
from bench.rounds import say

PEER = HERE / ".venv-superset" / "bin" / "python"
#: It wants a pandas that no later one builds.
PYTHONS = ">=3.10,<3.13"
NO_PYTHON = "it needs a Python 3.10 to 3.12, and none was found"
UV = (sys.executable, "-m", "uv")


def install() -> None:
    """Into .venv-superset, from bench/superset.lock with its hashes; where there is no Python for it, it says so."""
    python = found()
    if not python:
        say(f"Superset is left out: {NO_PYTHON}.")
        return
    subprocess.run([*UV, "venv", "--quiet", "--clear", "--no-project", "--python", python, PEER.parent.parent], check=True)
    packages = [*UV, "pip", "install", "--quiet", "--system-certs", "--require-hashes", "--python", str(PEER)]
    subprocess.run([*packages, "-r", "bench/superset.lock"], cwd=HERE, check=True)


def missing(lane: str) -> str:
    """Why it can't be measured; empty where it can."""
    if lane != POSTGRESQL:
        return "its bench reads PostgreSQL"
    if PEER.exists():
        return ""
    return "not installed: make bench PEERS=1" if found() else NO_PYTHON


def found() -> str:
    """A Python for it, or nothing. pyenv's folder is looked into as well: its shims answer only for the versions switched on."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [os.environ.get("PATH", ""), *map(str, sorted(pyenv.glob("versions/3.1[0-2].*/bin"), reverse=True))]
    command = [*UV, "python", "find", "--no-project", "--no-python-downloads", "--system", PYTHONS]
    environment = {**os.environ, "PATH": os.pathsep.join(folders)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.strip()
