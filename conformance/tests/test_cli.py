"""The command line: bad input is one line on stderr and the right exit code, secrets are never told.

It is long because it goes through every option; what a run then does is tested with `driver`.
"""

import http.server
import importlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from entity_conformance.commands import cleanup, demo, run
from entity_conformance.commands.cli import command_line
from entity_conformance.commands.demonstration import Served
from entity_conformance.commands.driver import Job
from entity_conformance.commands.extra import product
from entity_conformance.deployment.settings import Given, Misuse, Sample, Settings
from entity_conformance.deployment.spelling import Spelling

from conformance.tests.pages import Gate, Page

KEY = "sk_test_the_key_of_ada_0001"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests, and state of our own."""
    for option in (*run.command.params, *cleanup.command.params):
        if isinstance(option.envvar, str):
            monkeypatch.delenv(option.envvar, raising=False)
    monkeypatch.setenv("CONFORMANCE_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def web_page() -> Iterator[str]:
    """The URL of a web server that is no API."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


Said = Callable[[], str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """The one line on stderr; nothing else may be there, and no traceback."""

    def line() -> str:
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert err.startswith("conformance: ")
        return err.removeprefix("conformance: ").rstrip("\n")

    return line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "no command was given; `conformance --help` tells which there are"),
        (["rnu"], "No such command 'rnu'"),
        (["run"], "no URL was given; give it, or set CONFORMANCE_URL or url in conformance.toml"),
        (["run", "http://localhost", "--no-such"], "No such option"),
        (["run", "http://localhost", "--timeout", "soon"], "'soon' is not a valid number of seconds"),
        (["run", "http://localhost", "--seed", "lucky"], "'lucky' is not a valid whole number"),
        (["run", "http://localhost", "--concurrency", "all"], "'all' is not a valid whole number"),
        (["run", "http://localhost", "--timeout", "nan"], "nan is no number of seconds"),
        (["run", "http://localhost", "--timeout", "inf"], "inf is no number of seconds"),
        (["run", "http://localhost", "--timeout", "0"], "0.0 is not in the range x>0"),
        (["run", "http://localhost", "--concurrency", "0"], "0 is not in the range 1<=x<=64"),
        (["run", "http://localhost", "--max-requests", "0"], "0 is not in the range x>=1"),
        (["run", "localhost:5173"], "the URL 'localhost:5173' does not begin with http:// or https://"),
        (["run", "http://localhost", "--report", "pdf"], "no report format 'pdf'"),
        (["run", "http://localhost", "--report", "json=/no/such/folder/report.json"], "cannot write the report to"),
        (["run", "http://localhost", "--contract", "/no/such/file.yaml"], "/no/such/file.yaml"),
        (["run", "http://localhost", "--header", "X-Team-Id"], "a --header is not of the form 'Name: value'"),
        (["run", "http://localhost", "--only", "list.limit-cap-page"], "did you mean list.limit-caps-page?"),
        (["run", "http://localhost", "--skip", "lists"], "did you mean list?"),
        (["run", "http://localhost", "--skip", "lst.*"], "did you mean list.*?"),
        (["run", "http://localhost", "--only", "model.update"], "`conformance model` judges it"),
        (["run", "http://localhost", "--only", "zzz"], "the nearest is "),
        (["run", "http://localhost", "--only", ""], "--only is empty"),
        (["explain", "list.limit-cap-page"], "did you mean list.limit-caps-page?"),
        (["explain", "L99"], "no such ruling: L99; the nearest are L9, "),
        (["explain", "L9.comma"], "no such ruling: L9.comma; the nearest are L9."),
        (["explain", "Q7"], "`entity-contract rulings` shows all"),
        (
            ["explain", "auth.no-challenge"],
            "is a fault of the reference server; run: conformance demo --fault auth.no-",
        ),
        (["explain"], "Missing argument 'REQUIREMENT'"),
        (["run", "http://localhost", "--scope", "read=a", "--scope", "read=b"], "--scope read is given twice"),
        (["cleanup", "shop.example.com"], "does not begin with http:// or https://"),
        (["demo", "--fault"], "Option '--fault' requires an argument"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments: list[str], line: str, said: Said) -> None:
    assert command_line(arguments) == 2
    assert line in said()


@pytest.mark.parametrize("name", ["run", "properties", "model", "demo", "cleanup"])
@pytest.mark.parametrize(
    ("variable", "line"),
    [
        ("CONTRACT_TESTS_API_KEY", "CONTRACT_TESTS_API_KEY is read no more; set CONFORMANCE_API_KEY instead"),
        ("CONTRACT_TESTS_URL", "CONTRACT_TESTS_URL is read no more; set CONFORMANCE_URL instead"),
        ("CONTRACT_TESTS_OTHER", "CONTRACT_TESTS_OTHER is read no more; unset it; `--help` tells which there are"),
        ("CONTRACT_TESTS_MAX_SECONDS", "CONTRACT_TESTS_MAX_SECONDS is read no more; set CONFORMANCE_MAX_TIME instead"),
        ("CONFORMANCE_MAX_SECONDS", "CONFORMANCE_MAX_SECONDS is read no more; set CONFORMANCE_MAX_TIME instead"),
        ("CONFORMANCE_MAX_TIEM", "CONFORMANCE_MAX_TIEM is read by nothing; did you mean CONFORMANCE_MAX_TIME?"),
        ("CONFORMANCE_COLOUR", "CONFORMANCE_COLOUR is read by nothing; unset it; `--help` tells which there are"),
    ],
)
def test_a_former_variable_is_refused_and_names_its_successor(
    name: str, variable: str, line: str, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "")

    assert command_line([name]) == 2
    assert said() == line


@pytest.mark.parametrize(
    "variable", ["CONFORMANCE_MADE_KEY", "CONFORMANCE_STATE_DIR", "CONFORMANCE_FAULT", "CONFORMANCE_API_KEY"]
)
def test_a_variable_that_we_tell_of_is_known_to_every_command(
    variable: str, monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    monkeypatch.setenv(variable, KEY)

    assert command_line(["run", "http://localhost"]) == 0
    assert len(jobs) == 1


def test_help_is_shown_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT_TESTS_URL", "http://127.0.0.1")

    assert command_line(["properties", "--help"]) == 0


def test_a_contract_that_is_no_contract_is_one_line(tmp_path: Path, said: Said) -> None:
    (tmp_path / "contract.yaml").write_text("openapi: [3\n")

    assert command_line(["run", "http://localhost", "--contract", str(tmp_path / "contract.yaml")]) == 2
    assert "contract.yaml" in said()


ISSUED = "sk_live_0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    "arguments",
    [["run", "http://localhost", ISSUED], ["run", "http://localhost", "--seed", ISSUED], [ISSUED], ["explain", ISSUED]],
)
def test_a_key_in_the_wrong_place_is_not_told(arguments: list[str], said: Said) -> None:
    assert command_line(arguments) == 2
    assert ISSUED not in said()


@pytest.mark.parametrize("option", ["--api-key", "--session", "--other-api-key", "--read-key"])
def test_a_bad_secret_is_not_told(option: str, said: Said) -> None:
    assert command_line(["run", "http://localhost", option, "hidden secret"]) == 2
    assert "hidden" not in said()


def test_one_key_for_two_users_is_refused(said: Said) -> None:
    assert command_line(["run", "http://localhost", "--api-key", KEY, "--other-api-key", KEY]) == 2
    assert said().startswith("--api-key and --other-api-key are the same")


def test_a_host_that_is_down_is_one_line_and_exit_4(said: Said) -> None:
    assert command_line(["run", "http://127.0.0.1:1", "--api-key", KEY]) == 4
    assert said() == (
        "could not test: cannot reach http://127.0.0.1:1/api/v1: the connection was refused; "
        "give it time to start (--wait) (exit 4)"
    )


def test_a_proxy_that_is_down_is_not_taken_for_the_deployment(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://ada:tr0ub4dor@127.0.0.1:1")

    assert command_line(["run", "http://shop.example.test", "--api-key", KEY]) == 4
    assert said() == (
        "could not test: cannot reach http://shop.example.test/api/v1 through the proxy of HTTP_PROXY: "
        "the connection was refused; "
        "it may be the proxy's fault: correct HTTP_PROXY, or name the host in NO_PROXY (exit 4)"
    )


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_a_proxy_that_nobody_named_and_that_refuses_is_not_taken_for_the_deployment(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        code = command_line([command, f"http://127.0.0.1:{server.server_address[1]}", "--api-key", KEY])
        server.shutdown()

    told = capsys.readouterr()
    assert code == 4
    assert "a proxy in front of it asks for credentials of its own: 407" in " ".join((told.out + told.err).split())


def test_a_proxy_that_refuses_is_not_taken_for_the_deployment(
    said: Said, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    why = (
        "cannot reach http://shop.example.test/api/v1 through the proxy of HTTP_PROXY: "
        "the proxy did not let it through: 407; correct HTTP_PROXY, or name the host in NO_PROXY"
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_address[1]}")

        assert command_line(["run", "http://shop.example.test", "--api-key", KEY]) == 4
        assert said() == f"could not test: {why} (exit 4)"
        assert command_line(["doctor", "http://shop.example.test", "--api-key", KEY]) == 4
        assert capsys.readouterr().out.endswith(f"a run could not work: reachable: {why} (1 request, exit 4)\n")
        server.shutdown()


def test_a_web_page_is_one_line_and_exit_4(web_page: str, said: Said) -> None:
    assert command_line(["run", web_page, "--api-key", KEY]) == 4
    assert f"no v1 entity API at {web_page}/api/v1: GET tasks answered 200, text/html" in said()


def test_what_could_not_be_tested_is_reported_all_the_same(web_page: str, tmp_path: Path) -> None:
    command_line(["run", web_page, "--api-key", KEY, "--report", f"json={tmp_path / 'report.json'}"])

    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["verdict"], report["exitCode"], report["complete"]) == ("could-not-test", 4, True)
    assert KEY not in (tmp_path / "report.json").read_text()


def test_cleaning_up_on_a_web_page_is_one_line(web_page: str, tmp_path: Path, said: Said) -> None:
    head = {"format": "v1-conformance-journal/1", "target": f"{web_page}/api/v1", "run": "abcdefghi", "pid": 4194305}
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "abcdefghi.jsonl").write_text(json.dumps(head))

    assert command_line(["cleanup", web_page, "--api-key", KEY]) == 4
    assert said().startswith("no v1 entity API at")


def test_a_report_on_standard_output_stands_there_alone(web_page: str, capsys: pytest.CaptureFixture[str]) -> None:
    command_line(["run", web_page, "--api-key", KEY, "--report", "json"])

    out, err = capsys.readouterr()
    assert json.loads(out)["complete"] is True
    assert err.startswith("conformance: could not test: ")


def test_every_option_becomes_a_setting(jobs: list[Job], tmp_path: Path) -> None:
    arguments = (
        "run https://shop.example.com --api-key k1 --session t1 --other-api-key k2 --read-key k3 --write-key k4 "
        "--delete-key k5 --expired-key k6 --entity tasks --entity orders --only list.* --only keys --skip list.links "
        "--skip-ai --strict --require-full --allow-writes --timeout 3 --settle 2 --concurrency 2 --seed 9 "
        f"--max-requests 500 --max-time 600 --max-wait 5 --report json={tmp_path}/r.json --report junit "
        "--keys-path /auth/keys --scope read=tasks:read --scope delete=tasks:admin --sample products.sku=AB-12"
    ).split()

    command_line([*arguments, "--header", "X-Team-Id: open sesame", "--other-header", "X-Team-Id: close"])

    assert jobs[0].settings == Settings(
        url="https://shop.example.com",
        given=Given(
            api_key="k1",
            session="t1",
            other_api_key="k2",
            read_key="k3",
            write_key="k4",
            delete_key="k5",
            expired_key="k6",
        ),
        entities=("tasks", "orders"),
        only=("list.*", "keys"),
        skip=("list.links",),
        skip_ai=True,
        strict=True,
        require_full=True,
        allow_writes=True,
        headers=(("X-Team-Id", "open sesame"),),
        other_headers=(("X-Team-Id", "close"),),
        spelling=Spelling("/auth/keys", (("read", "tasks:read"), ("delete", "tasks:admin"))),
        samples=(Sample("products", "sku", "AB-12"),),
        timeout=3.0,
        settle=2.0,
        concurrency=2,
        seed=9,
        max_requests=500,
        max_time=600.0,
        max_wait=5.0,
    )
    assert [destination.format for destination in jobs[0].destinations] == ["json", "junit"]
    assert jobs[0].journals == tmp_path / "state"


def test_every_option_has_a_twin_in_the_environment(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "URL": "https://shop.example.com",
        "API_KEY": "k1",
        "SESSION": "sid=t1",
        "OTHER_API_KEY": "k2",
        "READ_KEY": "k3",
        "WRITE_KEY": "k4",
        "DELETE_KEY": "k5",
        "EXPIRED_KEY": "k6",
        "ENTITY": "tasks orders",
        "ONLY": "list.*",
        "SKIP": "list.links",
        "SKIP_AI": "1",
        "STRICT": "true",
        "REQUIRE_FULL": "1",
        "ALLOW_WRITES": "1",
        "HEADER": "X-Team-Id: open sesame\nX-Other: yes\n",
        "OTHER_HEADER": "X-Team-Id: close",
        "KEYS_PATH": "/api/auth/keys",
        "SCOPE": "write=rw",
        "SAMPLE": "orders.reference=A = 1\nproducts.sku=AB-12",
        "TIMEOUT": "3",
        "SETTLE": "2",
        "CONCURRENCY": "2",
        "SEED": "9",
        "MAX_REQUESTS": "500",
        "MAX_TIME": "600",
        "MAX_WAIT": "5",
        "REPORT": "json=a report.json\njunit",
    }.items():
        monkeypatch.setenv(f"CONFORMANCE_{name}", value)

    assert command_line(["run"]) == 0

    assert jobs[0].settings == Settings(
        url="https://shop.example.com",
        given=Given(
            api_key="k1",
            session="t1",
            session_cookie="sid",
            other_api_key="k2",
            read_key="k3",
            write_key="k4",
            delete_key="k5",
            expired_key="k6",
        ),
        entities=("tasks", "orders"),
        only=("list.*",),
        skip=("list.links",),
        skip_ai=True,
        strict=True,
        require_full=True,
        allow_writes=True,
        headers=(("X-Team-Id", "open sesame"), ("X-Other", "yes")),
        other_headers=(("X-Team-Id", "close"),),
        spelling=Spelling("/api/auth/keys", (("write", "rw"),)),
        samples=(Sample("orders", "reference", "A = 1"), Sample("products", "sku", "AB-12")),
        timeout=3.0,
        settle=2.0,
        concurrency=2,
        seed=9,
        max_requests=500,
        max_time=600.0,
        max_wait=5.0,
    )
    assert jobs[0].destinations[0].path == Path("a report.json")


@pytest.mark.parametrize("command", ["run", "properties", "model", "cleanup"])
@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_an_empty_variable_is_wrong_usage(
    command: str, value: str, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_API_KEY", value)

    assert command_line([command, "http://localhost"]) == 2
    assert said() == "CONFORMANCE_API_KEY is empty; give it a value, or leave it out"


@pytest.mark.parametrize(
    "variable", ["SESSION", "HEADER", "SCOPE", "STRICT", "MAX_TIME", "ONLY", "CONTRACT", "KEYS_PATH", "STATE_DIR"]
)
def test_any_empty_variable_is(variable: str, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CONFORMANCE_{variable}", "")

    assert command_line(["run", "http://localhost", "--api-key", KEY]) == 2
    assert said().startswith(f"CONFORMANCE_{variable} is empty; ")


@pytest.mark.parametrize(
    "option", ["--api-key", "--header", "--entity", "--sample", "--contract", "--report", "--max-wait", "--keys-path"]
)
def test_an_empty_option_is_wrong_usage(option: str, said: Said) -> None:
    assert command_line(["run", "http://localhost", option, " "]) == 2
    assert said() == f"{option} is empty; give it a value, or leave it out"


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--sample", "sku=AB-12", "--sample 'sku=AB-12' is not of the form ENTITY.FIELD=VALUE"),
        ("--sample", "products.sku", "--sample 'products.sku' is not of the form ENTITY.FIELD=VALUE"),
        ("--scope", "admin=all", "--scope 'admin=all' is not of the form SCOPE=NAME"),
        ("--scope", "read=", "--scope 'read=' is not of the form SCOPE=NAME"),
        ("--keys-path", "keys", "--keys-path 'keys' is no path"),
        ("--keys-path", "https://evil.example/keys", "is no path"),
        ("--keys-path", "/../../keys", "is no path"),
        ("--keys-path", "/keys?x=1", "is no path"),
        ("--other-header", "Authorization: Bearer x", "--other-header Authorization is for the runner to send"),
    ],
)
def test_a_spelling_that_is_none_is_wrong_usage(option: str, value: str, told: str, said: Said) -> None:
    assert command_line(["run", "http://localhost", option, value]) == 2
    assert told in said()


def test_every_credential_of_a_run_is_one_of_a_clean_up_too() -> None:
    taken = {option.name for option in cleanup.command.params}

    assert {
        "api_key", "session", "other_api_key", "read_key", "write_key", "delete_key", "expired_key"
    } <= taken  # fmt: skip


@pytest.mark.parametrize("name", ["properties", "model"])
def test_the_three_commands_that_ask_take_the_same_options(name: str) -> None:
    command = importlib.import_module(f"entity_conformance.commands.{name}").command
    of_run_alone = {"plan", "smoke", "thorough", "resume"}

    assert [option.name for option in command.params] == [
        option.name for option in run.command.params if option.name not in of_run_alone
    ]


@pytest.mark.parametrize("name", ["properties", "model"])
def test_what_comes_with_the_extra_says_how_to_install_it(name: str) -> None:
    with pytest.raises(Misuse) as refused:
        product(name, find=lambda package: None if package == "schemathesis" else object())

    assert str(refused.value) == (
        f"`conformance {name}` needs what is not installed: schemathesis; "
        "run: pip install 'v1-entity-contract[properties]'"
    )


def test_help_shows_no_bound_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    command_line(["run", "--help"])

    assert "None" not in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["--version"]) == 0
    assert capsys.readouterr().out.startswith("conformance ")


@pytest.mark.parametrize("command", ["properties", "model"])
def test_help_tells_how_much_is_asked_without_a_budget(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    command_line([command, "--help"])
    assert "Without it properties and model ask 800," in " ".join(capsys.readouterr().out.split())


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["run", "--help"]) == 0
    assert "CONFORMANCE_OTHER_API_KEY" in capsys.readouterr().out


@pytest.mark.parametrize(
    "option",
    [one.opts[0] for one in run.command.params if isinstance(one, click.Option) and not (one.multiple or one.is_flag)],
)
def test_an_option_with_one_value_is_not_given_twice(
    capsys: pytest.CaptureFixture[str], jobs: list[Job], option: str
) -> None:
    assert command_line(["run", "http://localhost", "--api-key", "k", option, "1", f"{option}=2"]) == 2

    assert f"{option} was given twice, and takes one value; give it once" in capsys.readouterr().err
    assert jobs == []


def test_an_option_with_several_values_is_given_again(jobs: list[Job]) -> None:
    arguments = ["run", "http://localhost", "--api-key", "k", "--entity", "tasks", "--entity", "orders", "--strict"]

    assert command_line([*arguments, "--strict"]) == 0

    assert jobs[0].settings.entities == ("tasks", "orders")


def test_a_demo_is_told_its_faults_by_the_environment_too() -> None:
    assert [option.envvar for option in demo.command.params] == [
        "CONFORMANCE_FAULT",
        "CONFORMANCE_REPORT",
        "CONFORMANCE_VERBOSE",
    ]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """The faults of each server that a demo was to start; none is started."""
    servers: list[tuple[str, ...]] = []

    class Started:
        def __init__(self, faults: tuple[str, ...]) -> None:
            servers.append(faults)

        def __enter__(self) -> Served:
            return Served("http://127.0.0.1:9/api/v1", "k1", "t1", "k2", tmp_path)

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("entity_conformance.commands.demo.reference_server", Started)
    return servers


def test_a_demo_checks_the_server_that_it_started(jobs: list[Job], started: list[tuple[str, ...]]) -> None:
    assert command_line(["demo", "--fault", "list.wrong-total"]) == 0

    assert started == [("list.wrong-total",)]
    assert jobs[0].is_temporary
    assert jobs[0].settings == Settings(
        "http://127.0.0.1:9/api/v1", Given(api_key="k1", session="t1", other_api_key="k2")
    )


@pytest.mark.usefixtures("started")
def test_a_demo_that_finds_something_says_how_to_start_its_server_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "drive", lambda _: 1)

    assert command_line(["demo", "--fault", "list.wrong-total", "--fault", "sort.ignored"]) == 1

    server = "reference-server run --demo --fault list.wrong-total --fault sort.ignored --port 9"
    assert f"the server that the curl lines name has ended; `{server}` starts it again" in capsys.readouterr().err


def test_there_is_nothing_to_clean_up_where_nothing_was_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["cleanup", "http://localhost"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"
