import json

import pytest
from entity_server.domain.problems import UnprocessableEntity, ValidationFailed
from entity_server.domain.sentences import Refused
from entity_server.http.operations.decoding import body_object, json_value, scalar
from hypothesis import given
from hypothesis import strategies as st

MALFORMED = "Must be well-formed JSON"
TWICE = "Must not name anything twice"
NESTED = "Must not be nested deeper than 100 levels"
UNICODE = "Must be valid Unicode, without lone surrogates"


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "Application/JSON; charset=utf-8", "application/json;", "application/json; charset"],
)
def test_a_json_object_is_taken_with_or_without_a_media_type(content_type: str) -> None:
    assert body_object(b' {"title": "\\u00e9"} ', content_type) == {"title": "é"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", MALFORMED),
        (b"{", MALFORMED),
        (b"{'a': 1}", MALFORMED),
        (b'{"a": NaN}', "Must be JSON, which has no NaN"),
        (b'{"a": -Infinity}', "Must be JSON, which has no -Infinity"),
        (b'{"a": 1} x', MALFORMED),
        (b'{"a": 01}', MALFORMED),
        (b'{"a": +1}', MALFORMED),
        (b'{"a": 1_0}', MALFORMED),
        ('{"a": \u0661}'.encode(), MALFORMED),
        (b'{"a": "\0"}', MALFORMED),
        (b'\xef\xbb\xbf{"a": 1}', MALFORMED),
        ('{"a": 1}'.encode("utf-16"), MALFORMED),
        ('{"a": 1}'.encode("utf-16-le"), MALFORMED),
        ('{"a": 1}'.encode("utf-32"), MALFORMED),
        (b'{"a": "\xff"}', MALFORMED),
        (b'{"a": "\xed\xa0\x80"}', UNICODE),
        (b'{"a": 1, "a": 2}', TWICE),
        (b'{"a": {"b": 1, "b": 1}}', TWICE),
        (b'{"a": 1, "\\u0061": 1}', TWICE),
        (b'{"\\ud800": 1}', UNICODE),
        (b'{"a": [{"\\udfff": 1}]}', UNICODE),
        (b"[" * 100_000 + b"]" * 100_000, NESTED),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, NESTED),
        (b'{"a":' * 101 + b"1" + b"}" * 101, NESTED),
        (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", NESTED),
    ],
)
def test_what_is_no_json_is_malformed(raw: bytes, reason: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        body_object(raw, "application/json")

    assert refusal.value.details == {"body": reason}


def test_a_hundred_levels_are_taken() -> None:
    assert body_object(b'{"a":' * 100 + b"1" + b"}" * 100, "") != {}


def test_brackets_in_a_text_are_no_levels() -> None:
    assert body_object(b'{"a": "' + b"[" * 1000 + b'"}', "") == {"a": "[" * 1000}


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"text"', b"5", b"true"])
def test_json_that_is_no_object_is_unprocessable(raw: bytes) -> None:
    with pytest.raises(UnprocessableEntity) as refusal:
        body_object(raw, "application/json")

    assert refusal.value.details == {"body": "Must be a JSON object"}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_media_type_is_unprocessable(content_type: str) -> None:
    with pytest.raises(UnprocessableEntity) as refusal:
        body_object(b'{"title": "x"}', content_type)

    assert refusal.value.details == {"body": "Must be application/json"}


@pytest.mark.parametrize("text", ["1" + "0" * 5000, "-1" + "0" * 5000, "1e999", "-1e999", "1" + "0" * 400])
def test_a_number_larger_than_anybody_counts_stays_one(text: str) -> None:
    value = json_value(text)

    assert isinstance(value, int)
    assert abs(value) > 2**1023
    assert (value < 0) == text.startswith("-")


@given(st.text())
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        value = json_value(text)
    except Refused:
        return
    assert value is None or isinstance(value, bool | int | float | str | list | dict)


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("-5", -5), ("007", 7), ("0" * 5000 + "7", 7), ("9" * 25, 10**25 - 1)]
)
def test_digits_are_an_integer(text: str, value: int) -> None:
    assert scalar(text, "integer") == value


def test_any_number_of_digits_is_an_integer() -> None:
    assert scalar("9" * 5000, "integer") > 2**64  # type: ignore[operator]  # an integer, that is the claim


@pytest.mark.parametrize("text", ["", " 5 ", "+5", "1_0", "1.0", "1e1", "٣", "five", "0x10", "5\n", "--5", "-"])
def test_what_is_no_integer_stays_a_text(text: str) -> None:
    assert scalar(text, "integer") == text


MEMBERS: st.SearchStrategy[list[tuple[str, object]]] = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "é", 'q"', ""]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({"a": "b"}),
    ),
    max_size=4,
)


@given(MEMBERS, st.booleans(), st.sampled_from([b"", b" ", b"x", b",", b'"', b"\xff"]))
def test_a_body_is_read_as_strictly_as_any_json(
    members: list[tuple[str, object]],
    escaped: bool,  # noqa: FBT001 - a choice of Hypothesis
    behind: bytes,
) -> None:
    spelled = ", ".join(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=escaped)}" for name, value in members)
    raw = f"{{{spelled}}}".encode() + behind
    try:
        wanted: object = json_value(raw.decode())
    except (Refused, UnicodeDecodeError):
        wanted = None

    try:
        found: object = body_object(raw, "")
    except ValidationFailed:
        found = None

    assert repr(found) == repr(wanted)
