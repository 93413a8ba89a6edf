"""A secret never gets as far as a report, however it is written."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, quote_plus

import pytest
from entity_conformance.deployment.exchange import Exchange, Headers, Log, Redactor
from hypothesis import given
from hypothesis import strategies as st

SECRET = 'sk/live+"A&B<c>=="\\é'

BARE = Exchange("x1", "a check", "key", "GET", "http://host/", (), None, 200, (), None, 0.1)


def redactor(*secrets: str, headers: Headers = ()) -> Redactor:
    made = Redactor()
    made.add_headers(headers)
    for secret in secrets:
        made.add(secret)
    return made


def recorded(exchange: Exchange, own: Redactor) -> Exchange:
    log = Log(own)
    log.record(exchange)
    return log.exchanges()[0]


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower().replace("live", "live"),
        quote_plus(SECRET),
        quote(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        SECRET.lower(),
        SECRET.upper(),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        SECRET.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"),
    ],
)
def test_every_spelling_is_replaced(spelling: str) -> None:
    if spelling.islower():
        spelling = spelling.replace("a%26b", "A%26B")  # only the octets are lowered, not the text

    assert redactor(SECRET).text(f"a {spelling} b") == "a [redacted] b"


@pytest.mark.parametrize(
    "spell",
    [
        lambda octet: f"\\u00{octet:02x}",
        lambda octet: f"\\u00{octet:02X}",
        lambda octet: f"%{octet:02x}",
        lambda octet: f"&#{octet};",
        lambda octet: f"&#x{octet:X};",
    ],
)
def test_a_secret_is_replaced_in_escapes_that_nobody_needs(spell: Callable[[int], str]) -> None:
    secret = "sk_live_abcdefghijkl"
    text = "".join(spell(octet) if octet % 3 else chr(octet) for octet in secret.encode())

    assert redactor(secret).text(f'{{"key": "{text}"}}') == '{"key": "[redacted]"}'


def test_secrets_in_several_kinds_of_escapes_are_replaced_each() -> None:
    secret = "sk_live_abcdefghijkl"
    in_url = "".join(f"%{octet:02x}" for octet in secret.encode())
    in_html = "".join(f"&#{octet};" for octet in secret.encode())

    told = redactor(secret).text(f"{in_url} {in_html} {in_html.replace('&', '&amp;')}")

    assert told == "[redacted] [redacted] [redacted]"


def test_escapes_without_a_secret_stay() -> None:
    text = r"50%25_off &amp; \u0041"

    assert redactor("sk_live_abcdefghijkl").text(text) == text


@given(before=st.binary(max_size=8), after=st.binary(max_size=8))
def test_base64_is_replaced_at_every_alignment(before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + b"sk_live_abcdefghijkl" + after).decode()

    assert "[redacted]" in redactor("sk_live_abcdefghijkl").text(encoded)


def test_what_a_deployment_hides_backwards_or_twice_in_base64_is_replaced() -> None:
    secret = "sk_live_abcdefghijkl"
    twice = base64.b64encode(base64.b64encode(secret.encode())).decode()

    assert redactor(secret).text(f"a {secret[::-1]} b") == "a [redacted] b"
    assert "[redacted]" in redactor(secret).text(twice)


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-123456789012-abcdefghijkl",
        "glpat-ABCDEFGHIJKLMNOPQRST",
        "rk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "pypi-AgEIcHlwaS5vcmcCJDU3NjQ3",
        "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
        "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
        "SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz",
        "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_of_another_kind_is_replaced_in_answers(secret: str) -> None:
    assert redactor().answer(f'{{"token": "{secret}"}}') == '{"token": "[redacted]"}'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("at line 3:\\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.dozjgNryP4J3", "at line 3:\\n[redacted]"),
        ("token_ghp_16C7e42F292c6912E7710c838347Ae178B4a", "token_[redacted]"),
        ("{'a': 'ghp\\u005f16C7e42F292c6912E7710c838347Ae178B4a'}", "{'a': '[redacted]'}"),
        ("?key=ghp%5F16C7e42F292c6912E7710c838347Ae178B4a", "?key=[redacted]"),
        (
            "cannot reach postgres://ada:tr0ub4dor@db.example:5432/x",
            "cannot reach postgres://[redacted]@db.example:5432/x",
        ),
    ],
)
def test_a_secret_of_another_kind_is_found_wherever_it_stands(said: str, told: str) -> None:
    exchange = replace(BARE, response_body=said, response_headers=(("X-Said", said),))

    kept = recorded(exchange, redactor())

    assert (kept.response_body, kept.response_headers) == (told, (("X-Said", told),))


@pytest.mark.parametrize(
    "text",
    [
        *("eyJhbGciOiJ9", "AKIA is a word", "xoxb", "tsk_01m8gp1ame7fqwk46295w1nsb4", "http://h:80/a?b=c@d"),
        *("task-conformance-abcdefghijklmnopqrstuvwxyz", "AKIA0123456789ABCDEFGHIJ", "https://[::1]:8080/api/v1"),
    ],
)
def test_what_only_begins_like_a_secret_stays(text: str) -> None:
    assert redactor().answer(text) == text


def test_a_token_that_is_given_encoded_is_a_secret_decoded_too() -> None:
    redactor = Redactor()
    redactor.add("token.signature%2Bof%3D")

    assert redactor.text("a session of token.signature+of=") == "a session of [redacted]"


def test_a_longer_secret_goes_before_one_that_it_contains() -> None:
    own = Redactor()
    own.add("token-1", "$SHORT")
    own.add("name=token-1", "$LONG")

    assert own.text("Cookie: name=token-1; token-1") == "Cookie: $LONG; $SHORT"


def test_the_first_placeholder_stays() -> None:
    own = Redactor()
    own.add("sk_live_1234", "$CONFORMANCE_API_KEY")
    own.add("sk_live_1234")

    assert own.text("sk_live_1234") == "$CONFORMANCE_API_KEY"


def test_what_could_be_any_word_is_not_replaced() -> None:
    assert redactor("open").text("the door is open") == "the door is open"


def test_a_header_that_was_given_is_told_as_its_variable() -> None:
    given = (("X-Team-Id", "open"), ("X-Team", "red"), ("X-Team-Id", "shut"))
    sent = (("x-team-id", "open"), ("x-team", "red"), ("x-team-id", "shut"), ("Accept", "open"))

    assert recorded(replace(BARE, request_headers=sent), redactor(headers=given)).request_headers == (
        ("x-team-id", "$HEADER_1"),
        ("x-team", "$HEADER_2"),
        ("x-team-id", "$HEADER_3"),
        ("Accept", "open"),
    )


def test_another_value_of_a_header_that_was_given_is_taken_for_a_secret() -> None:
    exchange = replace(BARE, request_headers=(("X-Team-Id", "Open"),))

    assert recorded(exchange, redactor(headers=(("X-Team-Id", "open"),))).request_headers == (
        ("X-Team-Id", "[redacted]"),
    )


def test_a_header_that_was_given_is_a_secret_wherever_it_stands() -> None:
    assert redactor(headers=(("X-Team-Id", "open-sesame"),)).text("said open-sesame") == "said $HEADER_1"


def test_a_cookie_that_was_set_is_replaced() -> None:
    exchange = replace(BARE, response_headers=(("Set-Cookie", "s=1; Path=/"),))

    assert recorded(exchange, redactor()).response_headers == (("Set-Cookie", "[redacted]"),)


def test_an_answer_may_not_show_an_issued_key() -> None:
    exchange = replace(BARE, response_body='{"key": "sk_live_abcdefghijklmnopqrstuvwxyz012345"}')

    assert recorded(exchange, redactor()).response_body == '{"key": "[redacted]"}'


def test_a_masked_key_may_be_shown() -> None:
    exchange = replace(BARE, response_body='{"key": "sk_live_abc123..."}')

    assert recorded(exchange, redactor()).response_body == '{"key": "sk_live_abc123..."}'


def test_a_made_up_key_in_a_request_may_be_shown() -> None:
    exchange = replace(BARE, request_headers=(("Authorization", "Bearer sk_live_00000000000000000000000000000000"),))

    assert recorded(exchange, redactor()).request_headers == exchange.request_headers


def test_nothing_that_is_kept_holds_a_secret() -> None:
    text = "see sk_live_1234 there"
    told = (("X-Told", text),)
    exchange = replace(
        BARE, url=text, request_body=text, response_body=text, error=text, request_headers=told, response_headers=told
    )

    kept = recorded(exchange, redactor("sk_live_1234"))

    assert "sk_live_1234" not in repr(kept)
    assert repr(kept).count("see [redacted] there") == 6


def test_a_long_body_is_cut_after_it_was_redacted() -> None:
    body = "x" * 59_995 + "sk_live_1234567890"

    kept = recorded(replace(BARE, response_body=body), redactor("sk_live_1234567890"))

    assert kept.response_body == "x" * 59_995 + "[reda… (13 more characters)"


def test_a_long_header_of_an_answer_is_cut() -> None:
    kept = recorded(replace(BARE, response_headers=(("Link", "x" * 16_005), ("X-Page", "1"))), redactor("sk_live_1234"))

    assert kept.response_headers == (("Link", "x" * 16_000 + "… (5 more characters)"), ("X-Page", "1"))


def test_exchanges_stand_in_the_order_in_which_they_began() -> None:
    log = Log(Redactor())
    for number in (10, 2, 1):
        log.record(replace(BARE, id=f"x{number}"))

    assert [exchange.id for exchange in log.exchanges()] == ["x1", "x2", "x10"]


def test_every_text_of_a_value_is_without_secrets() -> None:
    @dataclass(frozen=True)
    class Said:
        words: tuple[str, ...]
        exchange: Exchange
        count: int = 1

    said = Said(("the key is very-secret", "fine"), replace(BARE, url="http://very-secret/"))

    assert redactor("very-secret").whole((said,)) == (Said(("the key is [redacted]", "fine"), said.exchange),)
