"""`conformance.toml` beneath flags and environment, for every command that asks a deployment."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from entity_conformance.commands import cleanup, run
from entity_conformance.commands.cli import command_line
from entity_conformance.commands.driver import Job
from entity_conformance.deployment.recovery import Recovered
from entity_conformance.deployment.settings import Settings, Tls, Waiver

KEY = "sk_test_the_key_of_ada_0001"
FILE = """\
url = "http://127.0.0.1:5173"
seed = 3
timeout = 5
ca = "ca.pem"

[credentials]
api-key = "${SHOP_KEY}"

[profile.staging]
url = "https://staging.example.test"
seed = 4

[[waiver]]
requirement = "list.*"
reason = "fixed in 2.3"
expires = 2099-12-31
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The working directory, with a file of ours and no setting of the person who runs the tests."""
    for option in run.command.params:
        if isinstance(option.envvar, str):
            monkeypatch.delenv(option.envvar, raising=False)
    monkeypatch.setenv("CONFORMANCE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SHOP_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conformance.toml").write_text(FILE, "utf-8")
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: capsys.readouterr().err


def settings(jobs: list[Job], *arguments: str) -> Settings:
    assert command_line(["run", *arguments]) == 0
    return jobs[-1].settings


def test_a_run_takes_what_the_file_says(jobs: list[Job], folder: Path) -> None:
    found = settings(jobs)

    assert (found.url, found.seed, found.timeout) == ("http://127.0.0.1:5173", 3, 5.0)
    assert found.tls == Tls(ca=folder / "ca.pem")
    assert found.waivers == (Waiver("list.*", "fixed in 2.3", date(2099, 12, 31)),)
    secret = found.given.get("api_key")
    assert secret is not None and secret.value == KEY  # noqa: PT018


def test_a_flag_stands_over_the_environment_and_that_over_the_file(
    jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_SEED", "7")
    monkeypatch.setenv("CONFORMANCE_TIMEOUT", "8")

    found = settings(jobs, "--seed", "9", "http://127.0.0.1:9")

    assert (found.url, found.seed, found.timeout, found.max_time) == ("http://127.0.0.1:9", 9, 8.0, 900.0)


def test_a_profile_is_chosen_by_flag_or_variable(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(jobs, "--profile", "staging").seed == 4

    monkeypatch.setenv("CONFORMANCE_PROFILE", "staging")
    assert settings(jobs).url == "https://staging.example.test"


def test_a_file_is_named_by_flag_or_variable(jobs: list[Job], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = folder / "elsewhere" / "own.toml"
    own.parent.mkdir()
    own.write_text('url = "http://127.0.0.1:1"\ncontract = "openapi.yaml"\n')
    (own.parent / "openapi.yaml").write_text("openapi: 3.1.0")

    assert command_line(["run", "--config", str(own)]) == 2  # that contract is none, and was found
    (own).write_text('url = "http://127.0.0.1:1"\n')
    assert settings(jobs, "--config", str(own)).url == "http://127.0.0.1:1"
    monkeypatch.setenv("CONFORMANCE_CONFIG", str(own))
    assert settings(jobs).url == "http://127.0.0.1:1"


@pytest.mark.parametrize("command", ["run", "properties", "model", "cleanup", "config"])
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--profile", "stagin"], "conformance.toml: there is no profile stagin; did you mean staging?"),
        (["--config", "no.toml"], "--config no.toml cannot be read: no such file or directory"),
        (["--config", "."], "--config . cannot be read: is a directory"),
        (["--config", ""], "--config is empty"),
        (["--profile", ""], "--profile is empty"),
    ],
)
def test_a_file_that_cannot_be_followed_is_one_line(
    command: str, arguments: list[str], line: str, said: Callable[[], str]
) -> None:
    assert command_line([command, *arguments]) == 2
    told = said()
    assert line in told
    assert told.count("\n") == 1


def test_a_variable_that_is_not_needed_may_be_missing(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_KEY")

    assert settings(jobs, "--api-key", KEY).seed == 3
    assert command_line(["run"]) == 2


def test_a_waiver_of_no_requirement_is_refused_with_the_nearest(folder: Path, said: Callable[[], str]) -> None:
    (folder / "conformance.toml").write_text(FILE.replace("list.*", "list.limit-cap-page"))

    assert command_line(["run"]) == 2
    assert said() == (
        "conformance: conformance.toml:13: waiver list.limit-cap-page: no such requirement or chapter;"
        " did you mean list.limit-caps-page?\n"
    )


@pytest.mark.parametrize(
    ("line", "said_of_it"),
    [
        ("only = 'lst'", "conformance.toml:2: --only lst: no such requirement or chapter; did you mean list?"),
        ("ca = 'no.pem'", "conformance.toml:2: --ca "),
        ("scopes = ['read=a', 'read=b']", "conformance.toml:2: --scope read is given twice; a scope has one name"),
        ("read-only = true\nallow-writes = true", "conformance.toml:2: --read-only and --allow-writes exclude"),
    ],
)
def test_what_is_found_beside_other_settings_is_told_with_its_line(
    line: str, said_of_it: str, folder: Path, said: Callable[[], str]
) -> None:
    (folder / "conformance.toml").write_text(f"url = 'http://127.0.0.1:1'\n{line}\n")

    assert command_line(["run"]) == 2
    assert said().startswith(f"conformance: {said_of_it}")


def test_what_a_flag_says_is_not_the_files(folder: Path, said: Callable[[], str]) -> None:
    (folder / "conformance.toml").write_text("url = 'http://127.0.0.1:1'\nonly = 'list'\n")

    assert command_line(["run", "--only", "lst"]) == 2
    assert said().startswith("conformance: --only lst: ")


def test_a_profile_needs_a_file(folder: Path, said: Callable[[], str]) -> None:
    (folder / "conformance.toml").unlink()

    assert command_line(["run", "http://127.0.0.1", "--profile", "staging"]) == 2
    assert "--profile staging: no conformance.toml is here or in a folder above" in said()


def test_cleaning_up_takes_it_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Settings] = []

    async def note(found: Settings, *_: object) -> Recovered:
        asked.append(found)
        return Recovered((), ())

    monkeypatch.setattr(cleanup, "recover", note)

    assert command_line(["cleanup", "--profile", "staging"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"
    assert (asked[0].url, asked[0].timeout) == ("https://staging.example.test", 5.0)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--update-waivers", "--reason", "r"], "--update-waivers needs --expires"),
        (["--update-waivers", "--expires", "2099-01-01"], "--update-waivers needs --reason"),
        (
            ["--update-waivers", "--reason", "r", "--expires", "soon"],
            "--expires soon is no day; write it as 2026-12-31",
        ),
        (["--update-waivers", "--reason", "r", "--expires", "2020-01-01"], "--expires 2020-01-01 is past"),
        (
            [
                "--update-waivers",
                "--reason",
                "r",
                "--expires",
                "2099-01-01",
                "--config",
                "/dev/null",
                "http://127.0.0.1:9/api/v1",
            ],
            "--update-waivers: /dev/null is no file",
        ),
        (["--reason", "r"], "--reason, --expires and --ticket are for --update-waivers"),
        (["--read-only", "--allow-writes"], "--read-only and --allow-writes exclude each other"),
        (["--allow", "money"], "'money' is not one of 'rate-limit', 'credits'"),
    ],
)
def test_options_that_do_not_fit_together(arguments: list[str], line: str, said: Callable[[], str]) -> None:
    assert command_line(["run", *arguments]) == 2
    assert line in said()


@pytest.mark.parametrize("option", ["--reason", "--ticket"])
def test_a_waiver_that_no_file_could_hold_is_refused_before_the_run(option: str, said: Callable[[], str]) -> None:
    given = {"--reason": "why", "--expires": "2099-12-31", option: "caf\udce9"}
    arguments = [part for name, value in given.items() for part in (name, value)]

    assert command_line(["run", "--update-waivers", *arguments]) == 2
    assert said().startswith(f"conformance: {option} is no text in UTF-8, which the file could hold; ")


def test_a_working_directory_that_is_gone_is_one_line(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert command_line(["run", "http://127.0.0.1:1"]) == 2
    assert said().startswith("conformance: the working directory cannot be used: ")


def test_of_two_that_exclude_each_other_the_weightier_holds(jobs: list[Job], folder: Path) -> None:
    (folder / "conformance.toml").write_text(f"read-only = true\ninsecure = true\n{FILE.replace('ca =', '# ca =')}")

    found = settings(jobs, "--allow-writes", "--ca", "own.pem")

    assert (found.read_only, found.allow_writes) == (False, True)
    assert found.tls == Tls(ca=Path("own.pem"))


def test_the_settings_that_hold_are_shown_without_secrets(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "conformance.toml").write_text(
        FILE.replace("[credentials]", 'headers = ["X-Team: ${SHOP_KEY}"]\n[credentials]')
    )
    monkeypatch.setenv("CONFORMANCE_SESSION", "a-session-of-ada")
    monkeypatch.setenv("CONFORMANCE_SKIP", "auth")

    assert command_line(["config", "--profile", "staging", "--strict"]) == 0
    out = capsys.readouterr().out
    rows = {name: tuple(rest.split()) for name, _, rest in (line.partition("  ") for line in out.splitlines())}
    assert out.startswith("file: conformance.toml, profile staging\n")
    assert rows["url"] == ("https://staging.example.test", "conformance.toml:11", "[profile.staging]")
    assert rows["strict"] == ("true", "the", "command", "line")
    assert rows["skip"] == ("auth", "CONFORMANCE_SKIP")
    assert rows["credentials.api-key"] == ("${SHOP_KEY}", "conformance.toml:8")
    assert rows["credentials.session"] == ("***", "CONFORMANCE_SESSION")
    assert rows["headers"] == ("X-Team:", "***", "conformance.toml:6")
    assert rows["max-time"] == ("900", "default")
    assert rows["waiver"] == ("list.*,", "until", "2099-12-31:", "fixed", "in", "2.3", "conformance.toml:14")
    assert KEY not in out
    assert "a-session" not in out


def test_without_a_file_the_settings_are_shown_too(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "conformance.toml").unlink()

    assert command_line(["config"]) == 0
    assert capsys.readouterr().out.startswith("file: none (conformance.toml, --config)\nurl ")
