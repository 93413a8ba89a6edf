"""A `curl` line sends the same request, and holds no secret."""

import json
import os
import subprocess
import tracemalloc

import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.curl import curl, making, quoted, variables

from conformance.tests.report.samples import BASE, CREATE, exchange

KEY = ("Authorization", "Bearer $CONFORMANCE_API_KEY")
MADE_KEY = ("Authorization", "Bearer [redacted]")
JSON = ("Content-Type", "application/json")


def sent(path: str = "/tasks", **others: object) -> Exchange:
    return exchange("x1", url=f"{BASE}{path}", **others)


def arguments(line: str, shell: str = "sh", **environment: str) -> list[str]:
    """What a shell hands to curl for `line`; last what it pipes to it, if it does."""
    piped = "cat" if "| curl" in line else ":"
    script = f"curl() {{ printf '%s\\0' \"$@\"; {piped}; printf '\\0'; }}\n{line}"
    done = subprocess.run(
        [shell, "-c", script],
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=True,
        timeout=10,
    )
    told = done.stdout.decode().split("\0")
    return told[:-1] if piped == "cat" else told[:-2]


def test_a_read_is_a_url_and_a_key() -> None:
    line = curl(sent(request_headers=(KEY,)))

    assert line == f'curl -i {BASE}/tasks -H "Authorization: Bearer $CONFORMANCE_API_KEY"'


def test_a_query_is_quoted() -> None:
    line = curl(sent("/tasks?page=2&limit=1", request_headers=()))

    assert line == f"curl -i '{BASE}/tasks?page=2&limit=1'"


def test_a_write_has_its_method_and_its_body() -> None:
    assert curl(CREATE) == (
        f"curl -i -X POST {BASE}/tasks"
        ' -H "Authorization: Bearer $CONFORMANCE_API_KEY"'
        " -H 'Content-Type: application/json'"
        """ --data-raw '{"title":"it'\\''s new"}'"""
    )


@pytest.mark.parametrize(
    ("credential", "header"),
    [
        ("api_key", "Authorization: Bearer $CONFORMANCE_API_KEY"),
        ("other_api_key", "Authorization: Bearer $CONFORMANCE_OTHER_API_KEY"),
        ("read_key", "Authorization: Bearer $CONFORMANCE_READ_KEY"),
        ("write_key", "Authorization: Bearer $CONFORMANCE_WRITE_KEY"),
        ("delete_key", "Authorization: Bearer $CONFORMANCE_DELETE_KEY"),
        ("expired_key", "Authorization: Bearer $CONFORMANCE_EXPIRED_KEY"),
    ],
)
def test_every_kind_of_key_is_a_variable_of_its_own(credential: str, header: str) -> None:
    line = curl(sent(credential=credential, request_headers=(KEY,)))

    assert line == f'curl -i {BASE}/tasks -H "{header}"'


@pytest.mark.parametrize(
    ("recorded", "header"),
    [
        ("better-auth.session_token=[redacted]", "Cookie: better-auth.session_token=$CONFORMANCE_SESSION"),
        (
            "__Secure-better-auth.session_token=[redacted]",
            "Cookie: __Secure-better-auth.session_token=$CONFORMANCE_SESSION",
        ),
        ("shop_session=[redacted]", "Cookie: $CONFORMANCE_SESSION"),
    ],
)
def test_a_session_is_a_cookie_of_its_own_name(recorded: str, header: str) -> None:
    line = curl(sent("/keys", credential="session", request_headers=(("Cookie", recorded),)))

    assert line == f'curl -i {BASE}/keys -H "{header}"'


@pytest.mark.parametrize("credential", ["made key", "api_key", "read_key"])
def test_a_key_that_the_run_made_is_a_variable_to_be_set(credential: str) -> None:
    line = curl(sent(credential=credential, request_headers=(MADE_KEY,)))

    assert line == f'curl -i {BASE}/tasks -H "Authorization: Bearer $CONFORMANCE_MADE_KEY"'


def creation_of_key(name: str, scope: str) -> Exchange:
    body = json.dumps({"name": f"conformance-abcdefghi {name}", "scopes": [scope]})
    cookie = ("Cookie", "better-auth.session_token=$CONFORMANCE_SESSION")
    return sent(
        "/keys", method="POST", credential="session", request_headers=(cookie, JSON), request_body=body, status=201
    )


@pytest.mark.parametrize(("credential", "scope"), [("write_key", "write"), ("made key", "read")])
def test_a_key_like_one_that_the_run_made_is_made_as_the_run_did(credential: str, scope: str) -> None:
    of = [CREATE, creation_of_key("read_key", "read"), creation_of_key("write_key", "write")]

    made = making(sent(credential=credential, request_headers=(MADE_KEY,)), of)

    assert made is not None
    line = curl(made)
    assert line.startswith(f'curl -i -X POST {BASE}/keys -H "Cookie: better-auth.session_token=$CONFORMANCE_SESSION"')
    assert f'"scopes": ["{scope}"]' in line


def test_no_key_is_made_for_one_that_was_given() -> None:
    assert making(sent(request_headers=(KEY,)), [creation_of_key("read_key", "read")]) is None


def test_a_key_that_nobody_ever_had_is_sent_as_it_was() -> None:
    line = curl(sent(credential="made key", request_headers=(("Authorization", "Bearer sk_live_nobody"),)))

    assert line == f"curl -i {BASE}/tasks -H 'Authorization: Bearer sk_live_nobody'"


def test_a_bad_key_beside_a_session_is_sent_as_it_was() -> None:
    both = (("Authorization", "Bearer sk_live_nobody"), ("Cookie", "better-auth.session_token=[redacted]"))

    line = curl(sent(credential="made key+session", request_headers=both))

    assert line == (
        f"curl -i {BASE}/tasks -H 'Authorization: Bearer sk_live_nobody'"
        ' -H "Cookie: better-auth.session_token=$CONFORMANCE_SESSION"'
    )


def test_a_token_that_nobody_ever_had_is_sent_as_it_was() -> None:
    line = curl(sent(credential="made session", request_headers=(("Cookie", "better-auth.session_token=nobody"),)))

    assert line == f"curl -i {BASE}/tasks -H 'Cookie: better-auth.session_token=nobody'"


def test_a_header_that_was_given_to_the_run_is_a_variable_to_be_set() -> None:
    line = curl(sent(credential="none", request_headers=(("X-Gateway", "$HEADER_1"), ("X-Team", "$HEADER_2"))))

    assert line == f'curl -i {BASE}/tasks -H "X-Gateway: $HEADER_1" -H "X-Team: $HEADER_2"'


@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_a_header_that_was_given_is_not_taken_for_the_runs_own_credential(name: str) -> None:
    line = curl(sent(credential="api_key+session", request_headers=((name, "$HEADER_1"),)))

    assert line == f'curl -i {BASE}/tasks -H "{name}: $HEADER_1"'


def test_a_key_in_another_scheme_is_still_no_secret() -> None:
    line = curl(sent(credential="none", request_headers=(("Authorization", "bearer $CONFORMANCE_API_KEY"),)))

    assert line == f'curl -i {BASE}/tasks -H "Authorization: bearer $CONFORMANCE_API_KEY"'


def test_key_and_cookie_together_are_both_sent() -> None:
    both = (KEY, ("Cookie", "better-auth.session_token=[redacted]"))

    line = curl(sent(credential="key+session", request_headers=both))

    assert line == (
        f'curl -i {BASE}/tasks -H "Authorization: Bearer $CONFORMANCE_API_KEY"'
        ' -H "Cookie: better-auth.session_token=$CONFORMANCE_SESSION"'
    )


def test_a_credential_that_is_no_secret_is_sent_as_it_was() -> None:
    line = curl(sent(credential="none", request_headers=(("Authorization", "Basic bm9ib2R5"),)))

    assert line == f"curl -i {BASE}/tasks -H 'Authorization: Basic bm9ib2R5'"


def test_a_variable_in_a_recorded_header_is_filled_in_by_the_shell() -> None:
    line = curl(sent(request_headers=(("X-Gateway", 'a "b" `c` $d \\ $HEADER_1'),)))

    assert arguments(line, HEADER_1="secret")[-1] == 'X-Gateway: a "b" `c` $d \\ secret'


def test_an_exclamation_mark_beside_a_variable_is_no_history() -> None:
    line = curl(sent(request_headers=(("X-Gateway", "it's !me $HEADER_1"),)))

    assert line.endswith("""-H 'X-Gateway: it'\\''s !me '"$HEADER_1\"""")
    assert arguments(line, HEADER_1="secret")[-1] == "X-Gateway: it's !me secret"


def test_the_variables_of_a_line_are_named_once() -> None:
    both = (KEY, ("Cookie", "better-auth.session_token=[redacted]"), ("X-Again", "$CONFORMANCE_API_KEY"))

    assert variables(sent(request_headers=both)) == ("CONFORMANCE_API_KEY", "CONFORMANCE_SESSION")


def test_a_variable_in_a_url_or_a_body_stays_text() -> None:
    line = curl(
        sent("/x?$CONFORMANCE_SESSION", method="POST", request_headers=(JSON,), request_body="$CONFORMANCE_SESSION")
    )

    given = arguments(line, CONFORMANCE_SESSION="secret")

    assert f"{BASE}/x?$CONFORMANCE_SESSION" in given
    assert given[-1] == "$CONFORMANCE_SESSION"


def test_what_curl_sends_by_itself_is_left_out() -> None:
    headers = (("host", "x"), ("accept", "*/*"), ("accept-encoding", "gzip"), ("connection", "keep-alive"))

    line = curl(sent(request_headers=(*headers, ("user-agent", "conformance/0.1"), ("content-length", "2"))))

    assert line == f"curl -i {BASE}/tasks"


def test_a_body_without_a_media_type_gets_none() -> None:
    line = curl(sent(method="POST", request_headers=(), request_body="{}"))

    assert line == f"curl -i -X POST {BASE}/tasks -H 'Content-Type:' --data-raw '{{}}'"


def test_a_header_without_a_value_is_still_sent() -> None:
    assert curl(sent(request_headers=(("X-Request-ID", ""),))) == f"curl -i {BASE}/tasks -H 'X-Request-ID;'"


def test_a_get_with_a_body_stays_a_get() -> None:
    line = curl(sent(request_headers=(JSON,), request_body="{}"))

    assert line == f"curl -i -X GET {BASE}/tasks -H 'Content-Type: application/json' --data-raw '{{}}'"


def test_a_head_request_does_not_wait_for_a_body() -> None:
    assert curl(sent(method="HEAD", request_headers=())) == f"curl -I {BASE}/tasks"


def test_brackets_in_a_url_are_not_curls_patterns() -> None:
    assert curl(sent("/tasks?filter=[1]", request_headers=())) == f"curl -i -g '{BASE}/tasks?filter=[1]'"


def test_dots_in_a_path_are_sent() -> None:
    assert curl(sent("/tasks/../x", request_headers=())) == f"curl -i --path-as-is {BASE}/tasks/../x"


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    "body",
    [
        "@a\n\tb\r'c' \\ \"d\" `e` $f ! é 日本 🎉 \x1b7 \u202e\x7f\x85 100% %s \\n\n",
        '{"title":"a\0b"}',
        "-n\n",
        "it's $CONFORMANCE_API_KEY",
    ],
)
def test_a_body_of_many_characters_arrives_as_it_was(body: str, shell: str) -> None:
    line = curl(sent(method="PUT", request_headers=(JSON,), request_body=body))

    assert line.isprintable()
    assert "\0".join(arguments(line, shell)).endswith(body)


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    "body",
    [
        '{"title": "' + "x" * 1_100_000 + '"}',
        "%" * 5_000,
        "ab" * 5_000 + "\n",
        "'" * 600 + "-" * 5_000 + "\\" * 600 + "é" * 5_000,
        " " * 5_000 + "[" * 700 + "]" * 700,
    ],
)
def test_a_long_body_arrives_as_it_was_without_a_report(body: str, shell: str) -> None:
    line = curl(sent(method="PUT", request_headers=(JSON,), request_body=body))

    assert arguments(line, shell)[-1] == body


def test_what_one_character_fills_is_told_by_its_length() -> None:
    line = curl(sent(method="POST", request_headers=(JSON,), request_body='{"title": "' + "x" * 1_100_000 + '"}'))

    assert line == (
        """{ printf '{"title": "'; head -c 1100000 /dev/zero | tr '\\0' 'x'; printf '"}'; } | curl -i -X POST """
        f"{BASE}/tasks -H 'Content-Type: application/json' --data-binary @-"
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "''"),
        ("a-b_c.d/e:f,g@h%20=+", "a-b_c.d/e:f,g@h%20=+"),
        ("a b", "'a b'"),
        ("$(rm -rf /)", "'$(rm -rf /)'"),
        ("it's", "'it'\\''s'"),
        ("a\nb's\\", """"$(printf 'a\\012b'\\''s\\\\')\""""),
        ("\x1b1", """"$(printf '\\0331')\""""),
        ("\u202e", """"$(printf '\\342\\200\\256')\""""),
    ],
)
def test_quoting_leaves_a_shell_nothing_to_do(text: str, word: str) -> None:
    assert quoted(text) == word


def test_json_bodies_survive_the_shell() -> None:
    body = json.dumps({"title": "a 'b' \"c\" \\ \u0000 \ud800", "n": [1, None]})

    line = curl(sent(method="POST", request_headers=(JSON,), request_body=body))

    assert json.loads(arguments(line)[-1]) == json.loads(body)


def test_a_key_that_an_archive_redacted_as_a_whole_is_asked_for_with_its_scheme() -> None:
    line = curl(sent(credential="some key", request_headers=(("authorization", "[redacted]"),)))

    assert line == f'curl -i {BASE}/tasks -H "authorization: Bearer $CONFORMANCE_MADE_KEY"'


def test_a_long_body_of_one_character_takes_little_more_memory_than_it_is_long() -> None:
    long = sent(method="POST", request_headers=(JSON,), request_body=f'{{"title": "{"x" * 1_500_000}"}}')
    tracemalloc.start()

    line = curl(long)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "head -c 1500000 /dev/zero | tr '\\0' 'x'" in line
    assert most < 10_000_000
