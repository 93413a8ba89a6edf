"""What the ordinary tests leave out is said by name, and run by `tox -e soak`."""

import configparser
import re
import tomllib
from pathlib import Path

from entity_tests.deployments.serving import ROOT

MARK = re.compile(r"\bmark\.soak\b")


def settings() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    return loaded


def marked() -> set[str]:
    """The files of tests that leave something to the soak."""
    files: list[Path] = [file for folder in settings()["testpaths"] for file in (ROOT / folder).rglob("test_*.py")]
    return {file.name for file in files if file != Path(__file__) and MARK.search(file.read_text(encoding="utf-8"))}


def test_each_file_with_a_test_for_the_soak_is_named_in_contributing() -> None:
    _, _, text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("leave to `tox -e soak`\n")
    table, _, _ = text.partition("\n\nBesides")

    assert marked() == set(re.findall(r"test_\w+\.py", table))


def test_the_soak_runs_what_the_ordinary_tests_leave_out() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    commands = tox["testenv:soak"]["commands"].splitlines()
    (command,) = (line.split() for line in commands if "-m soak" in line)
    added = settings()["addopts"]

    assert added[added.index("-m") + 1] == "not soak"
    assert command[-len(settings()["testpaths"]) :] == settings()["testpaths"]
