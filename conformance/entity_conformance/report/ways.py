"""In which way a value differs from the one that was expected: escaped, cut, told as a text, in another time zone.

Pure: two JSON values in, words out; None where nothing but "another value" can be said. It knows no requirement and no
field. It is long because each type of value has its own ways to be told wrong.
"""

import html
import json
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST_SAMPLE = 32
_SECONDS = (10**8, 10**11)
"""The years 1973 to 5138, as seconds; a thousand times as much are milliseconds."""
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?P<between>[Tt ])(?P<time>\d\d:\d\d(?::\d\d)?)(?P<fraction>[.,]\d+)?"
    r"(?P<offset> ?(?:[Zz]|UTC|[+-]\d\d(?::?\d\d)?))?"
)
_UNITS = (timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=1))
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HTTP_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*, \d\d?[ -]")
_TAG = re.compile(r"<[^<>]*>")
_BLANKS = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_FORMS: Sequence[tuple[str, Callable[[str], str]]] = (
    *((form, lambda text, form=form: unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")),
)


@dataclass(frozen=True, slots=True)
class Way:
    """`said` follows a member's name and a colon; `kind` is the same for every member and value told in that way."""

    kind: str
    said: str


def way(expected: object, actual: object) -> Way | None:
    """How `actual` differs from `expected`, where the two tell."""
    match expected, actual:
        case (None, _) | (_, None):
            return _of_nothing(expected, actual)
        case (bool(), _) | (_, bool()):
            return _of_booleans(expected, actual)
        case str(), str():
            return _of_texts(expected, actual)
        case int() | float(), int() | float():
            return _of_numbers(expected, actual)
        case str(), int() | float() | dict() if _TIME.fullmatch(expected):
            return time(actual)
        case _:
            return _of_another_type(expected, actual)


def _of_another_type(expected: object, actual: object) -> Way | None:
    match expected, actual:
        case str(), _:
            return _of_a_type("text", actual)
        case int() | float(), str() if _number(actual) == expected:
            return Way("numbers as texts", f"a text in place of a number ({_sample(actual)})")
        case list() | dict(), str() if _json(actual) == expected:
            return Way("JSON as texts", f"JSON in a text ({_sample(actual)})")
        case _:
            return None


def of_type(wanted: str, actual: object) -> Way | None:
    """How `actual` is no `wanted`: `text`, `number`, `integer`, `boolean`, `date` or `time`."""
    match wanted, actual:
        case _, None:
            return Way("null", "null")
        case (("time" | "date"), _):
            return time(actual) if wanted == "time" else _of_dates(actual)
        case "boolean", _:
            return _of_booleans(True, actual)  # noqa: FBT003  # any of the two
        case (("number" | "integer"), str()):
            is_number = _number(actual) is not None
            return Way("numbers as texts", f"a text in place of a number ({_sample(actual)})") if is_number else None
        case "text", "":
            return Way("empty", "empty")
        case _:
            return _of_a_type(wanted, actual)


def time(value: object) -> Way | None:
    """In which form a time is told that is no RFC 3339 date-time with an offset."""
    if not isinstance(value, str):
        return _no_text(value)
    found, sample = _TIME.fullmatch(value), _sample(value)
    if found is None:
        number = _number(value)
        if number is not None and (told := _epoch(number)) is not None:
            return Way(f"{told.kind}, as a text", f"{told.said.partition(' (')[0]} as a text ({sample})")
        if _DATE.fullmatch(value):
            return Way("dates for times", f"a date without a time ({sample})")
        if _HTTP_DATE.match(value):
            return Way("HTTP dates", f"an HTTP date in place of an RFC 3339 time ({sample})")
        form = _DIGITS.sub("#", value)
        return Way(f"times as {form}", f"no RFC 3339 time ({sample})") if form != value else None
    wrong = [
        *(["a blank for T"] if found["between"] == " " else []),
        *(["no seconds"] if found["time"].count(":") == 1 else []),
        *(["no offset"] if not found["offset"] else []),
        *(["an offset that is not +hh:mm"] if _is_odd(found["offset"]) else []),
    ]
    return Way(f"times with {', '.join(wrong)}", f"times with {' and '.join(wrong)} ({sample})") if wrong else None


def _is_odd(offset: str | None) -> bool:
    return bool(offset) and re.fullmatch(r"[Zz]|[+-]\d\d:\d\d", offset or "") is None


def _no_text(value: object) -> Way | None:
    if isinstance(value, dict):
        return Way("times as objects", f"an object in place of an RFC 3339 time ({_sample(value)})")
    return _epoch(value)


def _epoch(value: object) -> Way | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for unit, name in ((1, "seconds"), (1000, "milliseconds"), (1000_000, "microseconds")):
        if _SECONDS[0] * unit <= value < _SECONDS[1] * unit:
            return Way(f"times as epoch {name}", f"epoch {name}, a number ({_sample(value)})")
    return Way("numbers for texts", f"a number in place of a time ({_sample(value)})")


def _of_nothing(expected: object, actual: object) -> Way | None:
    if expected is not None:
        return Way("null", f"null in place of {_sample(expected)}")
    return Way("empty texts for null" if actual == "" else "something for null", f"{_sample(actual)} in place of null")


def _of_booleans(expected: object, actual: object) -> Way | None:
    if isinstance(expected, bool) and not isinstance(actual, bool):
        if isinstance(actual, int) and actual in {0, 1}:
            return Way("booleans as numbers", "0 and 1 in place of false and true")
        if isinstance(actual, str) and actual.lower() in {"true", "false", "0", "1", "t", "f", "yes", "no"}:
            return Way("booleans as texts", f"a text in place of true or false ({_sample(actual)})")
    return None


def _of_a_type(wanted: str, actual: object) -> Way | None:
    match actual:
        case bool():
            known = "true or false"
        case int() | float():
            known = "a number"
        case str():
            known = "a text"
        case list():
            known = "an array"
        case dict():
            known = "an object"
        case _:
            return None
    if known == f"a {wanted}":
        return None
    article = "an" if wanted[0] in "aeiou" else "a"
    return Way(f"{known} for {wanted}s", f"{known} in place of {article} {wanted} ({_sample(actual)})")


def _of_numbers(expected: float, actual: float) -> Way | None:
    if expected == actual or not (_is_finite(expected) and _is_finite(actual)):
        return None
    for digits in range(6):
        if round(expected, digits) == actual:
            return Way("rounded", f"rounded ({_sample(actual)} for {_sample(expected)})")
    if int(expected) == actual:
        return Way("rounded", f"without its fraction ({_sample(actual)} for {_sample(expected)})")
    for factor in (10, 100, 1000):
        if expected * factor == actual or expected == actual * factor:
            return Way(f"{factor} times", f"{factor} times as {'much' if actual > expected else 'little'}")
    return None


def _is_finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)


def _of_texts(expected: str, actual: str) -> Way | None:
    if expected == actual:
        return None
    if _DATE.fullmatch(expected) and (told := _of_dates(actual)) is not None:
        return told
    if _TIME.fullmatch(expected) or _TIME.fullmatch(actual):
        told = _of_times(expected, actual)
        if told is not None:
            return told
    for kind, is_so in _OF_TEXTS:
        if is_so(expected, actual):
            return Way(kind, kind)
    if actual and expected.startswith(actual):
        return Way("cut", f"cut after {len(actual):,} characters")
    return None


def _is_mojibake(expected: str, actual: str) -> bool:
    try:
        return expected.encode().decode("cp1252", "replace") == actual or expected.encode().decode("latin-1") == actual
    except UnicodeError:
        return False


_OF_TEXTS: Sequence[tuple[str, Callable[[str, str], bool]]] = (
    ("empty", lambda expected, actual: not actual and bool(expected.strip())),
    (
        "blanks at the ends are lost",
        lambda expected, actual: actual in {expected.strip(), expected.rstrip(), expected.lstrip()},
    ),
    ("HTML-escaped", lambda expected, actual: html.unescape(actual) == expected or html.escape(expected) == actual),
    ("HTML entities in it are decoded", lambda expected, actual: html.unescape(expected) == actual),
    ("HTML tags are taken out of it", lambda expected, actual: _TAG.sub("", expected) == actual),
    ("in lower case", lambda expected, actual: expected.lower() == actual),
    ("in upper case", lambda expected, actual: expected.upper() == actual),
    ("in another case", lambda expected, actual: expected.casefold() == actual.casefold()),
    *(
        (f"in another Unicode form ({name})", lambda expected, actual, form=form: form(expected) == actual)
        for name, form in _FORMS
    ),
    ("its line breaks are changed", lambda expected, actual: expected.splitlines() == actual.splitlines()),
    ("its runs of blanks are folded", lambda expected, actual: _BLANKS.sub(" ", expected).strip() == actual.strip()),
    ("its quotes are escaped by backslashes", lambda expected, actual: re.sub(r"\\(.)", r"\1", actual) == expected),
    ("its quotes are doubled", lambda expected, actual: re.sub(r"([\"'])\1", r"\1", actual) == expected),
    ("its backslashes are lost", lambda expected, actual: re.sub(r"\\(.)?", r"\1", expected) == actual),
    ("UTF-8 read as Latin-1", _is_mojibake),
    (
        "characters beyond the BMP are lost",
        lambda expected, actual: any(_BEYOND_BMP.sub(other, expected) == actual for other in ("", "?", "??", "\ufffd")),
    ),
    (
        "characters beyond ASCII are lost",
        lambda expected, actual: expected.encode("ascii", "replace").decode() == actual,
    ),
)


def _of_dates(actual: object) -> Way | None:
    is_date_time = isinstance(actual, str) and _TIME.fullmatch(actual) is not None
    return Way("times for dates", f"a date-time in place of a date ({_sample(actual)})") if is_date_time else None


def _of_times(expected: str, actual: str) -> Way | None:
    wanted, came = _moment(expected), _moment(actual)
    form = time(actual)
    if wanted is None:
        return form
    if came is None or form is not None:
        return form
    (before, _), (moment, _) = wanted, came
    apart = abs(moment - before)
    if apart and any(_is_rounded(before, moment, unit) for unit in _UNITS):
        return Way("times rounded", f"rounded to {_unit(actual)}")
    is_of_zone = apart % timedelta(minutes=15) == timedelta() and timedelta() < apart <= timedelta(hours=14)
    if is_of_zone:
        return Way("another zone", f"{_hours(moment - before)} away, as if of another time zone ({_sample(actual)})")
    return None


def _is_rounded(before: datetime, moment: datetime, unit: timedelta) -> bool:
    """Whether the moment is a whole number of units, and the last before or the next after the one expected."""
    since = timedelta(seconds=before.second, microseconds=before.microsecond)
    down = before - since % unit
    return moment in {down, down + unit}


def _moment(text: str) -> tuple[datetime, bool] | None:
    """The moment in UTC, and whether it had an offset."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        read = datetime.fromisoformat(text.strip().upper().replace(" ", "T", 1).replace("UTC", "Z"))
    except ValueError:
        return None
    naive = read.replace(tzinfo=None) - (read.utcoffset() or timedelta())
    return naive, read.tzinfo is not None


def _unit(text: str) -> str:
    found = _TIME.fullmatch(text)
    digits = len((found["fraction"] or ".")[1:]) if found else 0
    return {0: "seconds", 3: "milliseconds"}.get(digits, f"{digits} digits of a second")


def _hours(apart: timedelta) -> str:
    minutes = round(apart.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _number(text: str) -> float | None:
    try:
        read = json.loads(text.strip())
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, int | float) and not isinstance(read, bool) else None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _sample(value: object) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= _LONGEST_SAMPLE else f"{told[:_LONGEST_SAMPLE]}…"
