"""Recorded exchanges are judged without a request: what is wrong is found, what is not in the file is not seen.

It is long because each archive is written out.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.commands.cli import command_line
from entity_conformance.report import json as json_report
from entity_conformance.report.files import ReportError
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite.recordings import har, report
from entity_conformance.suite.recordings.judging import judged
from entity_contract import load

from conformance.tests.archives import TASKS, archive, entry
from conformance.tests.report.samples import whole_run

SECRET = "sk_live_0123456789abcdefghijklmnopqrstuv"


def verified(*entries: Mapping[str, Any], **options: Any) -> Run:
    return judged(har.recording(archive(*entries), name="x.har"), load(), **options)


def failed(run: Run) -> dict[str, str]:
    return {one.requirement: one.message for one in run.results if one.outcome is Outcome.failed}


def outcome(run: Run, requirement: str) -> tuple[str, str]:
    (one,) = [result for result in run.results if result.requirement == requirement]
    return one.outcome.name, one.message


def test_a_good_answer_is_judged_and_conforms() -> None:
    run = verified(entry())

    assert (run.verdict.name, run.verdict.exit_code, failed(run)) == ("conforms", 0, {})
    assert outcome(run, "errors.success-envelope")[0] == "passed"


def test_an_error_without_the_envelope_is_found() -> None:
    run = verified(entry("/tasks/1", status=404, body={"message": "not found"}))

    assert run.verdict.exit_code == 1
    assert list(failed(run)) == ["errors.envelope"]


def test_a_page_that_counts_wrongly_is_found() -> None:
    page = {
        **TASKS,
        "pagination": {"page": 1, "limit": 20, "total": 40, "totalPages": 3, "hasNext": True, "hasPrev": False},
    }

    run = verified(entry(body=page))

    assert any(name.startswith("list.") for name in failed(run))


def test_what_asks_by_itself_is_out_of_scope_with_the_reason() -> None:
    assert outcome(verified(entry()), "auth.unknown-key") == (
        "skipped",
        "it needs a question of ours: `conformance run` asks",
    )


def test_what_no_exchange_is_about_is_not_seen() -> None:
    assert outcome(verified(entry()), "errors.envelope")[0] == "skipped"
    assert outcome(verified(entry()), "errors.envelope")[1].startswith("not seen")


@pytest.mark.parametrize(
    "one",
    [
        entry(content={"size": 120, "mimeType": "application/json"}),
        entry(content={"size": 4000, "text": "{"}),
        entry(status=304),
        entry(status=0),
        entry(status=302),
        entry(_fromCache="disk"),
        entry("/files", body={"anything": 1}),
    ],
    ids=["no body", "a part of the body", "not modified", "no answer", "redirect", "cache", "another path"],
)
def test_a_file_of_which_nothing_can_be_judged_is_never_well(one: Mapping[str, Any]) -> None:
    run = verified(one)

    assert (run.verdict.name, run.verdict.exit_code, failed(run)) == ("could-not-test", 2, {})
    assert any("exchange" in note for note in run.profile.notes)


PRODUCT = {
    "id": "prd_8f3kq2",
    "name": "Lamp",
    "sku": "AB-12",
    "category": "home",
    "priceCents": 4900,
    "currency": "EUR",
    "stock": 3,
    "active": True,
    "createdAt": "2025-01-15T10:30:00Z",
    "updatedAt": "2025-01-15T10:30:00Z",
}
PAGES = {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False, "hasPrev": False}
CATALOGUE = TASKS | {"pagination": PAGES}
COUNTED = {"X-Total-Count": "1"}


def test_an_entity_whose_options_is_not_recorded_is_judged_by_the_contract() -> None:
    run = verified(
        entry("/products", body=CATALOGUE | {"data": [PRODUCT]}, headers=COUNTED),
        entry("/products/1", status=404, body={"message": "not found"}, second=1),
        entry(
            "/products?sort=stock",
            body={**CATALOGUE, "data": [PRODUCT], "pagination": {**PAGES, "totalPages": 7}},
            second=2,
        ),
    )

    assert "errors.envelope" in failed(run)
    assert any(name.startswith("list.") for name in failed(run))
    assert run.profile.entities == ("tasks", "products")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"colour": "red"}, "its records have 'colour', which the contract does not know"),
        ({"category": "gadget"}, "a category of its records is no enum of the contract's"),
        ({"stock": "three"}, "a stock of its records is no integer of the contract's"),
    ],
)
def test_an_entity_that_a_deployment_may_define_itself_is_not_judged(changed: Mapping[str, Any], why: str) -> None:
    wrong = CATALOGUE | {"data": [{**PRODUCT, **changed}], "pagination": "none"}
    run = verified(entry("/products", body=wrong), entry(second=1))

    assert failed(run) == {}
    assert "1 exchange left out: about other paths, or entities that are not judged" in run.profile.notes
    told = f"products is not judged: without an OPTIONS in the file its fields are the contract's, and {why}"
    assert told in run.profile.notes


def test_an_entity_without_a_record_or_an_options_is_not_judged() -> None:
    run = verified(entry("/products", body={"success": True, "data": "nothing of the kind"}), entry(second=1))

    assert failed(run) == {}
    assert any(note.endswith(" and no record of it is there to tell") for note in run.profile.notes)


def test_who_asked_is_not_seen_where_credentials_are_stripped() -> None:
    run = verified(entry(), entry(second=1, headers={"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "7"}))

    assert failed(run) == {}, "two users may have two limits"
    assert "the archive holds no credentials: who asked is not seen" in run.profile.notes


def test_a_refusal_without_limits_accuses_nobody_where_credentials_are_stripped() -> None:
    refused = entry("/tasks/1", status=404, body={"success": False, "error": "no", "code": "NOT_FOUND"})
    refused["response"]["headers"] = refused["response"]["headers"][:3]

    assert failed(verified(refused)) == {}


def test_a_body_in_base64_is_read() -> None:
    encoded = base64.b64encode(json.dumps(TASKS).encode()).decode()

    run = verified(entry(content={"size": 130, "text": encoded, "encoding": "base64"}))

    assert run.verdict.exit_code == 0


def test_records_that_others_may_have_changed_accuse_nobody() -> None:
    made = {"success": True, "data": {"id": "tsk_1", "title": "one", "status": "todo", "priority": "medium"}}
    times = {"createdAt": "2025-01-15T10:30:00.000Z", "updatedAt": "2025-01-15T10:30:00.000Z"}
    made["data"] |= times  # type: ignore[operator]
    later = {"success": True, "data": {**made["data"], "title": "by another"}}  # type: ignore[dict-item]
    post = entry(method="POST", status=201, body=made)
    post["request"]["postData"] = {"mimeType": "application/json", "text": '{"title": "one"}'}

    assert failed(verified(post, entry("/tasks/tsk_1", second=1, body=later))) == {}


def test_the_api_that_is_asked_most_is_judged_and_the_others_are_told() -> None:
    run = verified(entry(), entry(second=1), entry(url="https://other.example/api/v1/tasks", second=2))

    assert run.target == "https://shop.example/api/v1"
    assert any(note.startswith("1 exchange left out: with another API") for note in run.profile.notes)


def test_a_secret_of_the_archive_is_in_no_report() -> None:
    echoed = {"success": False, "error": f"bad {SECRET}", "code": "VALIDATION_FAILED"}
    run = verified(
        entry(f"/tasks?token={SECRET}x", sent={"Authorization": f"Bearer {SECRET}", "Cookie": f"a={SECRET}y"}),
        entry(second=1, status=400, body=echoed),
    )

    assert SECRET not in repr(run.exchanges) + repr(run)


def test_what_is_left_out_is_not_judged() -> None:
    run = verified(entry("/tasks/1", status=404, body={"message": "no"}), only=("limits",))

    assert failed(run) == {}
    assert outcome(run, "errors.envelope") == ("skipped", "left out by --only")


@pytest.mark.parametrize(
    "document",
    [
        archive(),
        archive({}),
        archive(entry(url="https://shop.example/")),
        archive(entry(startedDateTime="yesterday")),
        archive(entry(startedDateTime="0001-01-01T00:00:00Z")),
        archive(entry(time=[])),
        archive(entry(time=float("nan"))),
        archive(entry(time=1e300)),
        archive(entry(request={"url": "https://shop.example/api/v1/tasks"})),
        archive(entry(response={"status": "x"})),
        {"log": {"entries": [1, None, "x"]}},
        {"log": {"entries": {}}},
    ],
)
def test_an_archive_that_cannot_be_read_is_refused_in_a_line(document: Mapping[str, Any]) -> None:
    with pytest.raises(ReportError) as caught:
        har.recording(document, name="x.har")

    assert str(caught.value).startswith("x.har ")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"log": 1}', '{"format": "v1-conformance-report/1"}', "\x00"])
def test_the_command_refuses_what_is_neither(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")

    assert command_line(["verify", str(tmp_path / "x.json")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_command_reports_and_exits_by_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.har").write_text(json.dumps(archive(entry("/tasks/1", status=404, body={"message": "no"}))))

    code = command_line(["verify", str(tmp_path / "x.har"), "--report", f"json={tmp_path / 'report.json'}"])

    assert code == 1
    assert json.loads((tmp_path / "report.json").read_text())["requests"]["total"] == 0
    assert "does not conform" in capsys.readouterr().out


def test_what_a_report_was_judged_by_besides_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json_report.document(whole_run())
    document["plan"], document["suite"] = [], {"version": "0.1.0", "contractSha256": "9" * 64}
    for one in document["results"]:  # type: ignore[attr-defined]
        one["chapter"] = "model"
    (tmp_path / "x.json").write_text(json.dumps(document))

    command_line(["verify", str(tmp_path / "x.json"), "--report", f"json={tmp_path / 'told.json'}"])

    contract, command, *_ = json.loads((tmp_path / "told.json").read_text())["profile"]["notes"]
    assert contract == f"the report is about another contract: 999999999999, and is judged by {load().sha256[:12]}"
    assert (
        command == "the report is of `conformance model`, whose own requirements need its questions, and are not judged"
    )
    said = capsys.readouterr().err
    assert contract in said
    assert command in said


def test_a_report_of_a_run_by_this_contract_needs_no_word(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = json_report.document(replace(whole_run(), contract_sha256=load().sha256))
    (tmp_path / "x.json").write_text(json.dumps(document))

    command_line(["verify", str(tmp_path / "x.json")])

    assert "the report is" not in "".join(capsys.readouterr())


def test_a_report_that_does_not_tell_when_each_was_sent_is_judged_too(tmp_path: Path) -> None:
    document = json_report.document(whole_run())
    for one in document["exchanges"].values():  # type: ignore[attr-defined]
        del one["at"]
    (tmp_path / "x.json").write_text(json.dumps(document))

    assert command_line(["verify", str(tmp_path / "x.json")]) in {0, 1}


def test_a_refused_key_of_a_client_accuses_nobody() -> None:
    sent = {"Authorization": f"Bearer {SECRET}"}
    refused = {"success": False, "error": "Authentication required", "code": "UNAUTHORIZED"}
    challenge = {"www-authenticate": "Bearer"}

    run = verified(entry(sent=sent), entry(sent=sent, second=1, status=401, body=refused, headers=challenge))

    assert failed(run) == {}


def test_a_list_that_others_changed_meanwhile_accuses_nobody() -> None:
    more = {"page": 1, "limit": 20, "total": 7, "totalPages": 1, "hasNext": False, "hasPrev": False}
    later = entry(second=1, body={**TASKS, "pagination": more}, headers={"X-Total-Count": "7"})

    assert failed(verified(entry(), later)) == {}


def test_records_that_others_may_have_changed_accuse_nobody_in_a_report_on_an_archive_either() -> None:
    told = json_report.document(verified(entry(sent={"Authorization": f"Bearer {SECRET}"})))

    assert report.recording(json.loads(json.dumps(told)), name="x.json").is_shared


def test_the_exchanges_of_a_run_are_its_own() -> None:
    told = json_report.document(whole_run())

    assert not report.recording(json.loads(json.dumps(told)), name="x.json").is_shared


def test_the_exchanges_of_a_run_tell_their_variables_again() -> None:
    told = json.loads(json.dumps(json_report.document(whole_run())))
    for one in told["exchanges"].values():
        one["request"]["headers"].append({"name": "Authorization", "value": "Bearer $CONFORMANCE_API_KEY"})

    run = judged(report.recording(told, name="x.json"), load())

    assert {one.request_headers[-1] for one in run.exchanges} == {("Authorization", "Bearer $CONFORMANCE_API_KEY")}


def test_a_short_value_of_a_cookie_is_redacted_where_it_was_sent_and_is_any_word_elsewhere() -> None:
    run = verified(entry("/tasks?session=pending1", sent={"Cookie": "last=pending1; b=2"}), entry(second=1))

    (first, _) = run.exchanges
    assert first.url == "https://shop.example/api/v1/tasks?session=[redacted]"
    assert ("Cookie", "[redacted]") in first.request_headers
    assert failed(run) == {}


def test_a_scheme_is_no_secret() -> None:
    refused = {"success": False, "error": "Authentication required", "code": "UNAUTHORIZED"}
    challenge = {"www-authenticate": "Bearer"}

    run = verified(entry(sent={"Authorization": "Bearer"}, status=401, body=refused, headers=challenge))

    assert run.exchanges[0].response_headers[-1] == ("www-authenticate", "Bearer")


def test_a_user_in_a_url_is_taken_out_and_the_exchange_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "https://ada:tr0ub4dor%263@shop.example/api/v1/tasks"
    refused = {"success": False, "error": "no tr0ub4dor&3 here", "code": "UNAUTHORIZED"}
    file, written = tmp_path / "users.har", tmp_path / "report.json"
    again = entry(url=asked, second=1, status=401, body=refused, sent={"Referer": asked})
    file.write_text(json.dumps(archive(entry(url=asked, headers={"location": asked}), again)))

    command_line(["verify", str(file), "--report", f"json={written}"])

    said, (first, second) = capsys.readouterr(), json.loads(written.read_text())["exchanges"].values()
    assert first["request"]["url"] == second["request"]["url"] == "https://shop.example/api/v1/tasks"
    assert {"name": "Referer", "value": "https://shop.example/api/v1/tasks"} in second["request"]["headers"]
    assert "tr0ub4dor" not in written.read_text() + said.out + said.err
    assert "2 URLs in " in said.err
    assert " with a user name or a password, which no report tells; take them out before" in said.err


TOLD = "vx7Qm2Lr9Wc4Zt1BkPd0"


@pytest.mark.parametrize(
    "one",
    [
        entry(body={"x": TOLD}, headers={"set-cookie": f"better-auth.session_token={TOLD}; Path=/"}),
        entry(body={"x": TOLD}, headers={"x-auth-token": TOLD}),
        entry(body={"x": TOLD}, sent={"X-Shop-Key": TOLD}),
        entry(body={"x": 1}, sent={"Referer": f"https://shop.example/?token={TOLD}"}),
        entry(body={"x": 1}, headers={"content-location": f"https://shop.example/in?code={TOLD}"}),
        entry(body={"x": TOLD}, sent={"Authorization": "Basic " + base64.b64encode(f"ada:{TOLD}".encode()).decode()}),
        entry("/auth/sign-in", method="POST", body={"user": {"x": TOLD}, "refreshToken": TOLD}),
        entry("/keys", method="POST", status=201, body={"success": True, "data": {"key": TOLD}}),
    ],
)
def test_what_its_name_says_is_a_secret_is_in_no_report(one: Mapping[str, Any], tmp_path: Path) -> None:
    assert_untold(one, TOLD, tmp_path)


@pytest.mark.parametrize(
    ("mime", "text"),
    [
        ("application/json", '{"email": "ada@example.com", "password": "%s"}'),
        ("application/json", '{"client_secret": "%s",'),
        ("application/x-www-form-urlencoded", "user=ada&password=%s&remember=1"),
    ],
)
@pytest.mark.parametrize("secret", [TOLD, "hunter2"])
def test_a_password_that_was_posted_is_in_no_report(mime: str, text: str, secret: str, tmp_path: Path) -> None:
    one = entry("/tasks", method="POST", status=201, body={"said": f"no {secret} here"})
    one["request"]["postData"] = {"mimeType": mime, "text": text % secret}

    assert_untold(one, secret, tmp_path)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("request", {"cookies": [{"name": "sid", "value": TOLD}]}),
        ("request", {"cookies": [{"name": "session", "value": "hunter2-hunter2!"}, {"name": "sid", "value": TOLD}]}),
        ("response", {"cookies": [{"name": "sid", "value": TOLD, "httpOnly": True}]}),
        ("request", {"queryString": [{"name": "access_token", "value": TOLD}]}),
        ("request", {"postData": {"mimeType": "a/b", "params": [{"name": "password", "value": TOLD}]}}),
        ("request", {"_requestHeaders": [{"name": "Authorization", "value": f"Bearer {TOLD}"}]}),
        ("response", {"_transfer": {"login": {"clientSecret": TOLD}}}),
    ],
)
def test_what_an_archive_tells_beside_headers_and_bodies_is_in_no_report(
    where: str, told: Mapping[str, Any], tmp_path: Path
) -> None:
    one = entry(body={**TASKS, "note": f"as {TOLD} said"})
    one[where] |= told

    assert_untold(one, TOLD, tmp_path)


def test_what_a_web_socket_told_is_in_no_report(tmp_path: Path) -> None:
    one = entry(body={**TASKS, "note": f"as {TOLD} said"})
    one["_webSocketMessages"] = [{"type": "send", "time": 1.5, "opcode": 1, "data": json.dumps({"token": TOLD})}]

    assert_untold(one, TOLD, tmp_path)


def test_what_was_sent_to_another_site_is_in_no_report() -> None:
    other = entry(url="https://login.example/session")
    other["request"]["cookies"] = [{"name": "session", "value": TOLD}]

    run = verified(other, entry(), entry(body={**TASKS, "note": f"as {TOLD} said"}))

    assert len(run.exchanges) == 2
    assert TOLD not in repr(run.exchanges)


def test_pairs_that_are_no_secrets_are_told() -> None:
    one = entry("/tasks?sort=createdAt", body={**TASKS, "note": "dark, createdAt and Bearer"})
    one["request"]["cookies"] = [{"name": "theme", "value": "dark"}]
    one["request"]["queryString"] = [{"name": "sort", "value": "createdAt"}, {"name": "authorId", "value": "createdAt"}]
    one["_challenge"] = [{"name": "WWW-Authenticate", "value": "Bearer"}, {"name": "token_type", "value": "Bearer"}]

    assert "dark, createdAt and Bearer" in (verified(one).exchanges[0].response_body or "")


def assert_untold(one: Mapping[str, Any], secret: str, folder: Path) -> None:
    """That no format tells a secret of an archive, though the exchange is in the report."""
    (folder / "x.har").write_text(json.dumps(archive(entry(), one)))
    formats = ("json", "html", "junit", "sarif", "ctrf", "markdown", "badge", "console")
    places = [f"--report={name}={folder / f'report.{name}'}" for name in formats]

    command_line(["verify", str(folder / "x.har"), "--verbose", *places])

    told = {name: (folder / f"report.{name}").read_text() for name in formats}
    assert len(json.loads(told["json"])["exchanges"]) == 2
    assert [name for name, text in told.items() if secret in text or secret[::-1] in text] == []


def test_names_that_only_begin_like_a_secret_s_are_told_and_judged() -> None:
    page = {"page": 1, "limit": 20, "total": 40, "totalPages": 3, "hasNext": True, "hasPrev": False}
    shown = {**TASKS, "pagination": page, "authorId": "usr_0123456789abcdef", "keyPrefix": "a-prefix-of-a-key"}

    (one,) = verified(entry(body=shown)).exchanges

    assert json.loads(one.response_body or "") == shown


def test_a_secret_in_an_answer_is_judged_as_it_came() -> None:
    body = {**TASKS, "data": [{"id": "tsk_1", "title": "a", "status": "todo", "token": "hunter2"}]}

    as_it_came = failed(verified(entry(body=body)))

    assert as_it_came == failed(verified(entry(body=json.loads(json.dumps(body).replace("token", "plain")))))


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (
            entry(second=1, content={"size": 0, "mimeType": "application/json"}, headers={"content-length": "120"}),
            "no body in the archive, or only a part of it",
        ),
        (
            entry(second=1, content={"size": 0, "mimeType": "application/json"}),
            "no body in the archive, or only a part of it",
        ),
        (
            entry(
                method="OPTIONS",
                second=1,
                body="no",
                sent={"Access-Control-Request-Method": "GET", "Origin": "https://x"},
            ),
            "a browser's own, before it asks another origin",
        ),
        (
            {**entry(second=1), "response": {"status": 200, "headers": [], "content": {"size": 2, "text": "{}"}}},
            "no headers of the answer in the archive",
        ),
        ({**entry(second=1), "response": None}, "without what HAR asks for"),
        (entry(second=1, startedDateTime="yesterday"), "without what HAR asks for"),
        (entry(second=1, startedDateTime="0001-01-01T00:00:00"), "without what HAR asks for"),
        (entry(second=1, startedDateTime="9999-12-31T23:59:59-12:00"), "without what HAR asks for"),
        (entry(second=1, time=None), "without what HAR asks for"),
    ],
)
def test_an_exchange_that_cannot_be_judged_is_left_out_and_the_others_are_judged(
    one: Mapping[str, Any], why: str
) -> None:
    run = verified(entry(), one)

    assert (run.verdict.name, failed(run)) == ("conforms", {})
    assert f"1 exchange left out: {why}" in run.profile.notes


def test_an_answer_that_came_without_a_body_is_judged() -> None:
    run = verified(entry(content={"size": 0, "text": ""}, headers={"content-length": "0"}))

    assert list(failed(run)) == ["errors.answers-are-json"]


def test_base64_may_stand_on_several_lines() -> None:
    text = json.dumps({"message": "not found"})
    content = {"size": len(text), "text": base64.encodebytes(text.encode()).decode(), "encoding": "base64"}

    assert list(failed(verified(entry("/tasks/1", status=404, content=content)))) == ["errors.envelope"]
