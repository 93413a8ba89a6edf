"""However a run is ended, and wherever its output goes: nothing is left behind, and the exit code is the verdict's."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from entity_tests.deployments.databases import dump
from entity_tests.deployments.nursery import Started, nursery
from entity_tests.deployments.running import everything
from entity_tests.deployments.serving import UNLIMITED, Served, environment, serving

SECONDS = 60.0
EARLY, LATER = 3, 25
"""Lines of the journal after which a run is ended: while it makes its keys, and among its checks."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("server"), *UNLIMITED) as server:
        yield server


def started(served: Served, state: Path, command: str, *options: str, **variables: str) -> subprocess.Popen[str]:
    twins = {f"CONFORMANCE_{name}": value for name, value in everything(served).items()}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "entity_conformance", command, served.base_url, *options],
        env={**environment(), **twins, "CONFORMANCE_STATE_DIR": str(state), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509  # ignored below nohup; no thread here
    )


def forked(served: Served, state: Path, command: str) -> Started:
    """The command's process, what it says in a file beside the state; it takes up less of a processor than another."""
    twins = {f"CONFORMANCE_{name}": value for name, value in everything(served).items()}
    variables = {**environment(), **twins, "CONFORMANCE_STATE_DIR": str(state)}
    log = state.with_name(f"{command}.log")
    return nursery().start([command, served.base_url], state.parent, variables, log, program="conformance")


def ended(served: Served, state: Path, command: str, *, by: signal.Signals, after: int) -> int:
    """The exit code of a run that was ended once its journal had so many lines."""
    process = forked(served, state, command)
    deadline = time.monotonic() + SECONDS
    while journal_lines(state) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send(by)
    return process.wait(SECONDS)


def journal_lines(state: Path) -> int:
    paths: Sequence[Path] = list(state.glob("*.jsonl"))
    return sum(len(path.read_bytes().splitlines()) for path in paths if path.exists())


@pytest.mark.parametrize(
    ("command", "by", "after"),
    [
        ("run", signal.SIGTERM, EARLY),
        ("properties", signal.SIGHUP, LATER),
        ("model", signal.SIGINT, EARLY),
        pytest.param("run", signal.SIGINT, LATER, marks=pytest.mark.soak),
        pytest.param("properties", signal.SIGINT, EARLY, marks=pytest.mark.soak),
        pytest.param("model", signal.SIGHUP, EARLY, marks=pytest.mark.soak),
        pytest.param("model", signal.SIGTERM, LATER, marks=pytest.mark.soak),
    ],
)
def test_an_interrupted_run_leaves_nothing_behind(
    served: Served, tmp_path: Path, command: str, by: signal.Signals, after: int
) -> None:
    before = dump(served.database)

    code = ended(served, tmp_path / "state", command, by=by, after=after)

    assert code == 130
    assert dump(served.database) == before
    assert journal_lines(tmp_path / "state") == 0


# Linux, where CI runs, has it
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_standard_output_changes_no_exit_code(served: Served, tmp_path: Path) -> None:
    twins = {f"CONFORMANCE_{name}": value for name, value in everything(served).items()}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "entity_conformance", "run", served.base_url, "--only", "health.*"],
            env={**environment(), **twins, "CONFORMANCE_STATE_DIR": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 0
    assert done.stderr.splitlines()[-1].startswith("conformance: conforms")


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONIOENCODING": "cp1252"},
        pytest.param({"PYTHONUTF8": "0", "LC_ALL": "C"}, marks=pytest.mark.soak),
    ],
)
def test_no_verdict_is_lost_without_docstrings_or_in_another_encoding(
    served: Served, tmp_path: Path, variables: dict[str, str]
) -> None:
    process = started(served, tmp_path, "run", "--only", "health.*", **variables)
    output, said = process.communicate(timeout=SECONDS)

    assert process.returncode == 0, said
    assert output.splitlines()[-1].startswith("conforms")
    assert list(tmp_path.iterdir()) == []
