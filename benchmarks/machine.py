"""Which machine it was, and when: what absolute figures are worth nothing without."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.traffic import ROOT

_PACKAGES = ("sanic", "uvloop", "orjson", "jsonschema-rs", "tortoise-orm", "aiosqlite", "asyncpg")


def told() -> str:
    """A sentence for the page."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d, %H:%M} UTC at {_commit()}: {_cpu()}, {cores} cores,"
        f" {platform.system()} {platform.release().partition('-')[0]}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}; {packages}."
        f" The machine's load at the end was {load:.1f}."
    )


def _commit() -> str:
    """Which commit it is; what is changed since is told too."""
    try:
        git = ["git", "describe", "--always", "--dirty", "--exclude=*"]
        done = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    except OSError:
        return "an unknown commit"
    return f"commit {done.stdout.strip()}" if done.stdout else "an unknown commit"


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
