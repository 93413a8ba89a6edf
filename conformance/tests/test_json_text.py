import pytest
from entity_conformance.deployment.json_text import lenient, parsed


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", ""),
        (b"<html>", ""),
        (b'{"a": 1} {"a": 1}', ""),
        (b'\xef\xbb\xbf{"a": 1}', "it begins with a byte order mark"),
        (b'{"a": "\xff"}', "it is not UTF-8 (octet 0xff)"),
        ('{"a": 1}'.encode("utf-16"), "it is not UTF-8 (octet 0xff)"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "it is nested too deep to be read"),
        (b"[" + b"0," * 100_001 + b"0]", "it is too large to be read: it has more than 100,000 values"),
    ],
)
def test_what_is_no_json_is_told(body: bytes, why: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # the whole text is compared below
        parsed(body)

    assert str(raised.value) == why


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        (b'{"a": 1, "b": {"a": 2}}', None),
        (b'{"a": 1, "b": 2, "a": 1}', "an object has the member `a` twice"),
        (b'[{"c": {"id": "x", "id": "y"}}]', "an object has the member `id` twice"),
        (b'{"a": 1e308}', None),
        (b'{"a": 1e400}', "the number 1e400 is beyond what a double holds"),
        (b'{"a": -1e400}', "the number -1e400 is beyond what a double holds"),
        (rb'{"a": "\ud83d\ude00"}', None),
        (rb'{"a": "\ud83d"}', "a text has half of a surrogate pair"),
        (rb'{"a": "\\ud83d"}', None),
    ],
)
def test_what_parsers_read_differently_is_told_beside_the_value(body: bytes, flaw: str | None) -> None:
    assert parsed(body).flaw == flaw


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"id": "x"}', {"id": "x"}),
        (b'{"id": "x", "a": "\xff"}', {"id": "x", "a": "\ufffd"}),
        (b'{"a": ' + b"9" * 5000 + b"}", {"a": "9" * 5000}),
        (b"<html>", None),
    ],
)
def test_what_can_be_read_of_a_body_is_read(body: bytes, value: object) -> None:
    assert lenient(body) == value
