"""What a CI system runs, run here: the Action's steps, the GitLab job, the hook and the README's workflow.

Neither a runner nor Docker is needed for that; what they add (images, artefacts, secrets) is not tried. `pip install`
is answered by this environment, which has what would be installed: the tests of the wheel install it.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from entity_tests.deployments.serving import ROOT, Served, environment, serving

PROGRAMS = ("conformance", "entity-contract")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


def installed(folder: Path) -> Path:
    """A virtual environment's folder whose `pip` says what it was asked for, and whose programs are this checkout's."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    modules = {"conformance": "entity_conformance", "entity-contract": "entity_contract"}
    for name in PROGRAMS:
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m {modules[name]} "$@"\n')
    (programs / "pip").write_text('#!/bin/sh\necho "$@" >> "$0.log"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    return folder


def ran(script: str, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A script as a CI system runs it: in an empty folder, with a `python3 -m venv` that has nothing to do."""
    shadow = folder / "shadow"
    shadow.mkdir(exist_ok=True)
    (shadow / "python3").write_text(f'#!/bin/sh\n[ "$2" = venv ] && exit 0\nexec {shlex.quote(sys.executable)} "$@"\n')
    (shadow / "python3").chmod(0o755)
    known = {
        **environment(),
        "PATH": f"{shadow}{os.pathsep}{os.environ['PATH']}",
        "XDG_STATE_HOME": str(folder / "state"),
    }
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**known, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def action() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


def acted(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The Action's own steps with these inputs, and the outputs that they set."""
    given = {name: facts.get("default", "") for name, facts in action()["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    temp, output = folder / "temp", folder / "output"
    folder.mkdir(exist_ok=True)
    installed(temp / "conformance")
    output.touch()
    ended = subprocess.CompletedProcess[str]([], 0)
    for step in [step for step in action()["runs"]["steps"] if "run" in step]:
        variables = {
            name: re.sub(r"\${{ inputs\.([\w-]+) }}", lambda found: given[found[1]], value)
            for name, value in step.get("env", {}).items()
        }
        own = {
            "RUNNER_TEMP": str(temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        }
        ended = ran(step["run"], folder, {**variables, **own})
    return ended, dict(line.split("=", 1) for line in output.read_text().splitlines())


def given(served: Served) -> dict[str, str]:
    return {"url": served.base_url, "api_key": served.credentials["apiKey"]}


@dataclass(frozen=True, slots=True)
class Step:
    """The Action, run in a folder."""

    folder: Path
    outputs: Mapping[str, str]


@pytest.fixture(scope="module")
def healthy(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Step:
    """The Action as asked for one chapter, for tests that look at what it left."""
    folder = tmp_path_factory.mktemp("healthy")
    return Step(folder, acted(folder, **given(served), arguments="--only health")[1])


def test_the_action_tells_the_verdict_and_the_counts(served: Served, tmp_path: Path) -> None:
    ended, outputs = acted(tmp_path, **given(served), arguments="--entity tasks --only health --only errors")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (outputs["verdict"], outputs["exit-code"], outputs["failed"]) == ("conforms", "0", "0")
    assert int(outputs["passed"]) > 0
    reports = {"report.json", "report.xml", "report.html", "report.sarif", "badge.svg", "summary.md"}
    assert {file.name for file in (tmp_path / "conformance-reports").iterdir()} == reports


def test_the_action_installs_its_own_checkout(healthy: Step) -> None:
    asked = (healthy.folder / "temp" / "conformance" / "bin" / "pip.log").read_text()
    assert asked == f"install --quiet {ROOT}[properties]\n"


@pytest.mark.parametrize(("fail", "code"), [("true", 4), ("false", 4)])
def test_a_target_that_is_not_there_fails_the_step(fail: str, code: int, tmp_path: Path) -> None:
    ended, outputs = acted(tmp_path, url="http://127.0.0.1:9", api_key="sk_live_nobody", fail=fail)

    assert (ended.returncode, outputs["exit-code"]) == (code, str(code))


def test_a_secret_that_nobody_set_is_told(served: Served, tmp_path: Path) -> None:
    ended, _ = acted(tmp_path, url=served.base_url, arguments="--only health")

    assert "::warning::no credential was given" in ended.stdout


def test_the_report_of_an_earlier_step_is_not_told_again(served: Served, healthy: Step, tmp_path: Path) -> None:
    reports = shutil.copytree(healthy.folder / "conformance-reports", tmp_path / "reports")

    ended, outputs = acted(tmp_path / "again", **given(served), reports=str(reports), arguments="--no")

    assert (ended.returncode, outputs["verdict"]) == (2, "no-report")


def test_an_input_is_no_part_of_a_script(served: Served, tmp_path: Path) -> None:
    ended, _ = acted(tmp_path, **given(served), arguments="--only health --skip '$(touch owned); `touch owned`'")

    assert ended.returncode == 2
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("command", ["demo", "config", "run --skip-ai"])
def test_another_command_than_those_that_ask_is_never_green(command: str, tmp_path: Path) -> None:
    ended, outputs = acted(tmp_path, url="http://127.0.0.1:9", command=command)

    assert (ended.returncode, outputs["exit-code"], outputs["verdict"]) == (2, "2", "no-report")
    assert "::error::the input command: it is none of run, properties and model" in ended.stdout


def test_arguments_that_no_shell_takes_run_nothing(served: Served, tmp_path: Path) -> None:
    ended, outputs = acted(tmp_path, **given(served), arguments='--only "health')

    assert (ended.returncode, outputs["exit-code"], outputs["verdict"]) == (2, "2", "no-report")
    assert "::error::the input arguments: No closing quotation" in ended.stdout


def test_two_uses_of_the_action_can_keep_their_reports_apart() -> None:
    kept = action()["runs"]["steps"][-1]

    assert "${{ inputs.artifact" in kept["with"]["name"]


def test_a_job_on_gitlab_writes_only_where_it_is_told_to() -> None:
    job = yaml.safe_load((ROOT / "ci" / "conformance.gitlab-ci.yml").read_text())[".conformance"]

    assert job["variables"]["CHECKED_WITH"] == action()["inputs"]["arguments"]["default"] == ""


def test_the_action_sets_every_output_that_it_declares(healthy: Step) -> None:
    assert set(healthy.outputs) == set(action()["outputs"])


def test_the_gitlab_job_writes_its_reports(served: Served, tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "ci" / "conformance.gitlab-ci.yml").read_text())[".conformance"]
    installed(tmp_path / ".conformance")
    own = {
        "CONFORMANCE_URL": served.base_url,
        "CONFORMANCE_API_KEY": served.credentials["apiKey"],
        "CHECKED_WITH": "--only health",
    }

    ended = ran("\n".join(job["script"]), tmp_path, {**job["variables"], **own})

    assert ended.returncode == 0, ended.stdout + ended.stderr
    written = [job["artifacts"]["reports"]["junit"], *job["artifacts"]["paths"]]
    assert [name for name in written if not (tmp_path / name).is_file()] == []


def test_the_workflow_of_the_readme_comes_to_a_verdict(served: Served, tmp_path: Path) -> None:
    shown = re.search(r"<!-- command: workflow -->\n```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    lines = [line for line in shown[1].splitlines() if line.strip()]
    steps = yaml.safe_load(shown[1])
    installed(tmp_path / "venv")
    variables = {name: value for step in steps for name, value in step.get("env", {}).items()}
    own = {
        "PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "CONFORMANCE_URL": served.base_url,
        "CONFORMANCE_API_KEY": served.credentials["apiKey"],
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }

    ended = [ran(step["run"], tmp_path, own) for step in steps if "run" in step]

    assert len(lines) <= 6
    assert set(variables) <= {"CONFORMANCE_URL", "CONFORMANCE_API_KEY"}
    assert [one.returncode for one in ended] == [0] * len(ended), [one.stdout + one.stderr for one in ended]
    assert "Conformance of" in (tmp_path / "summary.md").read_text()


def test_the_hook_checks_a_contract(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    installed(tmp_path / "venv")
    own = {"PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    good = ran(f"{hook['entry']} {shlex.quote(str(ROOT / 'openapi.yaml'))}", tmp_path, own)
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\n")
    bad = ran(f"{hook['entry']} openapi.yaml", tmp_path, own)

    assert (good.returncode, bad.returncode != 0) == (0, True)
    assert re.search(hook["files"], "api/openapi.yaml")


def test_the_hook_checks_all_contracts_of_a_commit(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    installed(tmp_path / "venv")
    own = {"PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\n")

    ended = ran(f"{hook['entry']} openapi.yaml {shlex.quote(str(ROOT / 'openapi.yaml'))}", tmp_path, own)

    assert ended.returncode == 1, ended.stderr
    assert ended.stdout.splitlines()[-1] == f"{ROOT / 'openapi.yaml'}: no problems"


def instructions(name: str) -> list[str]:
    """What the Dockerfile says by an instruction, in order, with its folders in the place of the image's."""
    lines = (ROOT / "ci" / "Dockerfile").read_text().splitlines()
    return [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")]


def test_the_commands_of_the_image_install_the_runner(tmp_path: Path) -> None:
    place = installed(tmp_path / "opt")
    (place / "__pycache__").mkdir()
    folders = {"/opt/conformance": str(place), "/src": str(ROOT)}
    commands = [command for command in instructions("RUN") if not command.startswith("useradd")]
    for image, here in folders.items():
        commands = [command.replace(image, here) for command in commands]

    ended = [ran(command, tmp_path, {}).returncode for command in commands]

    assert ended == [0, 0]
    assert (place / "bin" / "pip.log").read_text() == f"install --quiet --no-cache-dir {ROOT}[properties]\n"
    assert not (place / "__pycache__").exists()


def test_the_image_runs_the_runner_as_nobody(tmp_path: Path) -> None:
    programs = installed(tmp_path / "opt") / "bin"
    (entry,), (command,) = instructions("ENTRYPOINT"), instructions("CMD")
    (path, *_) = instructions("ENV")[0].split()

    ended = ran(
        shlex.join([*json.loads(entry), *json.loads(command)]),
        tmp_path,
        {
            "PATH": path.removeprefix("PATH=")
            .replace("/opt/conformance/bin", str(programs))
            .replace("$PATH", os.defpath)
        },
    )

    assert instructions("USER") == ["10001"]
    assert (ended.returncode, ended.stdout[:18]) == (0, "Usage: conformance")
