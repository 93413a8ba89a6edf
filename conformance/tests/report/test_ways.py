"""In which way one value differs from another, by the two alone."""

import pytest
from entity_conformance.report.ways import of_type, way

SENT = '  0042 "it\'s" a\\b <b>&amp;</b>\r\n\té é '


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        (" a b ", "a b", "blanks at the ends are lost"),
        (" a b ", " a b", "blanks at the ends are lost"),
        ("a <b> & 'c'", "a &lt;b&gt; &amp; &#x27;c&#x27;", "HTML-escaped"),
        ("a & b", "a &amp; b", "HTML-escaped"),
        ("a &amp; b", "a & b", "HTML entities in it are decoded"),
        ("a <b>c</b>", "a c", "HTML tags are taken out of it"),
        ("abcdefghij", "abcdef", "cut after 6 characters"),
        ("Ab Cd", "ab cd", "in lower case"),
        ("Ab Cd", "AB CD", "in upper case"),
        ("Ab Cd", "Ab cd", "in another case"),
        ("e\u0301", "\u00e9", "in another Unicode form (NFC)"),
        ("\u00e9", "e\u0301", "in another Unicode form (NFD)"),
        ("a\r\nb", "a\nb", "its line breaks are changed"),
        ("a  b", "a b", "its runs of blanks are folded"),
        ('a "b"', 'a \\"b\\"', "its quotes are escaped by backslashes"),
        ("it's", "it''s", "its quotes are doubled"),
        ("a\\b", "ab", "its backslashes are lost"),
        ("é", "Ã©", "UTF-8 read as Latin-1"),
        ("a\U0001d4b3b", "ab", "characters beyond the BMP are lost"),
        ("aéb", "a?b", "characters beyond ASCII are lost"),
        ("a", "", "empty"),
        (12, "12", 'a text in place of a number ("12")'),
        ("2026-01-02", "2026-01-02T00:00:00Z", 'a date-time in place of a date ("2026-01-02T00:00:00Z")'),
        (1.5, "1.50", 'a text in place of a number ("1.50")'),
        ("12", 12, "a number in place of a text (12)"),
        (True, 1, "0 and 1 in place of false and true"),
        (False, "false", 'a text in place of true or false ("false")'),
        (1.256, 1.26, "rounded (1.26 for 1.256)"),
        (1.9, 1, "without its fraction (1 for 1.9)"),
        (1250, 12.5, "100 times as little"),
        ("a", None, 'null in place of "a"'),
        (None, "", '"" in place of null'),
        ("a", ["a"], 'an array in place of a text (["a"])'),
        ({"a": 1}, '{"a":1}', 'JSON in a text ("{\\"a\\":1}")'),
        ("2025-01-15T10:30:00Z", 1736937000, "epoch seconds, a number (1736937000)"),
        ("2025-01-15T10:30:00Z", 1736937000000, "epoch milliseconds, a number (1736937000000)"),
        ("2025-01-15T10:30:00Z", {"seconds": 1}, 'an object in place of an RFC 3339 time ({"seconds": 1})'),
        ("2025-01-15T10:30:00Z", "2025-01-15T10:30:00", 'times with no offset ("2025-01-15T10:30:00")'),
        (
            "2025-01-15T10:30:00Z",
            "2025-01-15 10:30:00",
            'times with a blank for T and no offset ("2025-01-15 10:30:00")',
        ),
        ("2025-01-15T10:30:00Z", "2025-01-15", 'a date without a time ("2025-01-15")'),
        ("2025-01-15T10:30:00.123Z", "2025-01-15T10:30:00Z", "rounded to seconds"),
        (
            "2025-01-15T10:30:00Z",
            "2025-01-15T12:30:00Z",
            '+02:00 away, as if of another time zone ("2025-01-15T12:30:00Z")',
        ),
    ],
)  # fmt: skip
def test_the_two_values_tell(expected: object, actual: object, said: str) -> None:
    found = way(expected, actual)

    assert found is not None
    assert found.said == said


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a", "a"),
        ("one", "other"),
        (1, 2),
        (1, "2"),
        (True, False),
        (True, 2),
        ("2025-01-15T10:30:00Z", "2025-01-15T10:37:12Z"),
        ("2025-01-15T10:30:00.123Z", "2025-01-15T10:30:00.456Z"),
        ([1], [2]),
        ({"a": 1}, "b"),
        (SENT, "other"),
    ],
)
def test_another_value_is_no_way(expected: object, actual: object) -> None:
    assert way(expected, actual) is None


@pytest.mark.parametrize(("expected", "actual"), [("a & b", "a &amp; b"), ("a < b", "a &lt; b"), ("it's", "it&#39;s")])
def test_ways_that_are_one_kind_have_one_name_whatever_the_value(expected: str, actual: str) -> None:
    found = way(expected, actual)

    assert found is not None
    assert found.kind == "HTML-escaped"


@pytest.mark.parametrize(
    ("wanted", "actual", "said"),
    [
        ("time", "2025-01-15T10:30:00+0200", "times with an offset that is not +hh:mm"),
        ("time", "2025-01-15T10:30Z", "times with no seconds"),
        ("time", "Wed, 15 Jan 2025 10:30:00 GMT", "an HTTP date in place of an RFC 3339 time"),
        ("time", "1736937000000", "epoch milliseconds, a number as a text"),
        ("time", "15.01.2025 10:30", "no RFC 3339 time"),
        ("text", 5, "a number in place of a text (5)"),
        ("text", {"a": 1}, 'an object in place of a text ({"a": 1})'),
        ("text", "", "empty"),
        ("number", "5", 'a text in place of a number ("5")'),
        ("date", "2026-01-02T00:00:00Z", 'a date-time in place of a date ("2026-01-02T00:00:00Z")'),
        ("boolean", 0, "0 and 1 in place of false and true"),
        ("integer", None, "null"),
    ],
)
def test_a_value_of_another_type_tells_which(wanted: str, actual: object, said: str) -> None:
    found = of_type(wanted, actual)

    assert found is not None
    assert found.said.startswith(said)


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [("time", "soon"), ("time", True), ("text", "a"), ("number", 7), ("number", "many"), ("boolean", 7)],
)
def test_what_has_no_form_is_no_way(wanted: str, actual: object) -> None:
    assert of_type(wanted, actual) is None


def test_numbers_beyond_all_floats_have_no_way() -> None:
    assert way(5, float("inf")) is None
    assert way(float("-inf"), 0.5) is None
