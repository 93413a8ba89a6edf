"""Every example of docs/client-testing.md does what the page says, and finds a client that does not."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from entity_tests.client_testing.packages import node_modules, with_programs
from entity_tests.client_testing.page import sections

SECTIONS = sections()
CACHE = Path(__file__).resolve().parents[4] / ".pytest_cache" / "client_testing"
IN_PYTHON = ["pytest", "unittest and scripts", "In the same process", "respx"]


def ran(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, shell=True, cwd=folder, env=with_programs(), capture_output=True, text=True, timeout=180, check=False
    )


def written(folder: Path, *titles: str) -> Path:
    """A folder with the client, and with the files of these sections."""
    for title in ("", *titles):
        SECTIONS[title].write(folder)
    return folder


def spoilt(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.fixture
def in_another_language(tmp_path: Path) -> Path:
    """The folder of the example in JavaScript, with its packages."""
    folder = written(tmp_path, "Any language")
    (folder / "node_modules").symlink_to(node_modules(CACHE))
    return folder


@pytest.mark.parametrize("title", IN_PYTHON)
def test_an_example_in_python_is_green(tmp_path: Path, title: str) -> None:
    folder = written(tmp_path, title)

    done = [ran(command, folder) for command in SECTIONS[title].commands]

    assert [one.returncode for one in done] == [0], "".join(one.stdout + one.stderr for one in done)


@pytest.mark.soak
def test_the_example_finds_a_client_that_does_not_wait(tmp_path: Path) -> None:
    folder = written(tmp_path, "pytest")
    spoilt(folder / "tasks_client.py", "time.sleep(int(answer", "(int(answer")

    done = ran("pytest test_tasks.py", folder)

    assert "FAILED test_tasks.py::test_the_client_waits_when_it_asks_too_often" in done.stdout
    assert "1 failed, 5 passed" in done.stdout


@pytest.mark.soak
def test_the_example_in_another_language_is_green(in_another_language: Path) -> None:
    (command,) = SECTIONS["Any language"].commands

    done = ran(command, in_another_language)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


@pytest.mark.soak
def test_the_example_in_another_language_finds_what_is_wrong(in_another_language: Path) -> None:
    spoilt(in_another_language / "tasks.test.mjs", "toBe(429)", "toBe(200)")

    done = ran(SECTIONS["Any language"].commands[0], in_another_language)

    assert done.returncode == 1, done.stdout + done.stderr


def test_the_job_does_what_it_says(in_another_language: Path) -> None:
    (workflow,) = SECTIONS["In CI"].files.values()
    steps = yaml.safe_load(workflow)["jobs"]["client"]["steps"]
    commands = [step["run"] for step in steps if not step.get("run", "pip ").startswith(("pip ", "npm "))]

    done = [ran(command, in_another_language) for command in commands]

    assert [one.returncode for one in done] == [0], "".join(one.stdout + one.stderr for one in done)
    assert "2 passed" in done[0].stdout
    assert json.loads((in_another_language / "client-report.json").read_text())["wrong"] == []


def test_the_job_fails_where_the_client_is_wrong(in_another_language: Path) -> None:
    spoilt(
        in_another_language / "tasks.test.mjs",
        "json(`${api}/tasks`, process.env.V1_API_READ_KEY)",
        "json(`${api}/tasks?color=red`, process.env.V1_API_READ_KEY)",
    )

    done = ran(SECTIONS["The client report"].commands[0], in_another_language)

    assert done.returncode == 1
    assert "client.undocumented-parameter" in done.stderr
