"""Values of one field: words that nobody else uses, valid values that vary, and wrong ones.

The values of one field over several samples are chosen so that every legitimate collation sorts them alike, that
numbers sort otherwise as text, and that creation order is none of these orders.
"""

import hashlib
import random
import re
from functools import lru_cache

from entity_contract import Field, Scalar

from entity_conformance.deployment.mark import mark
from entity_conformance.suite.sample.patterns import fitting

VARIANTS = 5
PLAIN = {None, r"\S"}
"""Patterns that any text with a letter in it fits."""

LITERALS = "50%_(off*"
_INITIALS = "mctgvrf"  # pairwise different, in none of the orders that a list may have by itself
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_TURNED = str.maketrans(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "1234567890bcdefaijklmnopqrstuvwxyzghBCDEFAIJKLMNOPQRSTUVWXYZGH",
)  # hexadecimal digits stay such
_LAST_RUN = re.compile(r"(.*?)([0-9A-Za-z]+)([^0-9A-Za-z]*)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+$")
_MOST = 100_000  # characters: no body holds more of them than a request may have bytes
_INTEGERS = (33, 9, 120, 10, 2)
_NUMBERS = (33.5, 9.25, 120.75, 10.125, 2.5)
_DATES = ("2021-07-09", "2019-12-31", "2023-02-03", "2020-02-29", "2022-10-21")
_DATETIMES = (
    "2021-07-09T08:30:00Z",
    "2019-12-31T23:59:59Z",
    "2023-02-03T00:00:00Z",
    "2020-02-29T12:15:30Z",
    "2022-10-21T17:45:10Z",
)


@lru_cache(maxsize=1024)
def word(run: str, name: str, initial: str | None = None) -> str:
    """An invented word of nine letters; another name or run gives another word."""
    chance = random.Random(hashlib.sha256(f"{run}/{name}".encode()).digest())  # noqa: S311  # a sample, not a secret
    letters = [chance.choice(_VOWELS if place % 2 else _CONSONANTS) for place in range(9)]
    return (initial or letters[0]) + "".join(letters[1:])


@lru_cache
def filling(size: int) -> str:
    """So many characters of invented words, no two alike, by which a text gets longer and nothing else.

    The same for every run: they stand in many texts, and nobody asks for them.
    """
    return " ".join(word("filling", str(number)) for number in range(size // 10 + 1))[:size]


def own_word(run: str, group: str, index: int) -> str:
    """The invented word that begins the title of one sample and stands in no other."""
    return word(run, f"{group}/{index}", _INITIALS[index % len(_INITIALS)])


def value(field: Field, run: str, *, group: str, index: int) -> Scalar:
    """A valid value for a field; the first five indexes give different values wherever the type has as many."""
    variant = index % VARIANTS
    if field.samples:
        return field.samples[index % len(field.samples)]
    match field.type:
        case "string" | "text":
            return _text(field, run, group=group, index=index)
        case "enum":
            return field.values[(index + 1) % len(field.values)] if field.values else None
        case "integer":
            return int(_within(field, _INTEGERS[variant], variant))
        case "number":
            return _within(field, _NUMBERS[variant], variant)
        case "boolean" | "date" | "datetime":
            dated: dict[str, Scalar] = {"date": _DATES[variant], "datetime": _DATETIMES[variant]}
            return dated.get(field.type, variant % 2 == 0)


def other_value(field: Field, run: str, current: object) -> Scalar:
    """A valid value that differs from the current one."""
    found = (value(field, run, group=f"other-{field.name}", index=index) for index in range(VARIANTS))
    return next((candidate for candidate in found if candidate != current), None)


def form(field: Field) -> str | None:
    """The format of a text; where none is stated, the one that its name promises; `given` where samples are."""
    if field.samples:
        return "given"
    if field.pattern not in PLAIN:
        return "pattern"
    promised = next((name for name in ("email", "url") if field.name.lower().endswith(name)), None)
    return field.format or promised


def _text(field: Field, run: str, *, group: str, index: int) -> str:
    """Text in the field's format, with a word of its own."""
    own = word(run, f"{group}/{field.name}/{index}", _INITIALS[index % VARIANTS])
    match form(field):
        case "pattern":
            return _described(field, own) or ""
        case "email":
            return f"{own}.{run}@example.com".lower()
        case "uri" | "url":
            return f"https://example.com/{own}"
        case "uuid":
            return str(_uuid(own))
        case "phone" | "digits" as form_:
            return ("+1415555" if form_ == "phone" else "") + f"{int(_digest(own), 16) % 10_000:04d}"
        case _:
            return cut(field, f"{own} {mark(run)}")


def is_described(field: Field) -> bool:
    """Whether a text can be made that the field's pattern describes."""
    return _described(field, "") is not None


def _described(field: Field, own: str) -> str | None:
    chance = random.Random(own)  # noqa: S311  # a sample, not a secret
    return fitting(field.pattern or "", chance, longest=field.max_length, shortest=field.min_length or 0)


def _digest(own: str) -> str:
    return hashlib.sha256(own.encode()).hexdigest()


def _uuid(own: str) -> str:
    digest = _digest(own)
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def cut(field: Field, text: str) -> str:
    """The text within the field's bounds."""
    longest_text = text if field.max_length is None else text[: field.max_length].strip()
    return longest_text.ljust(min(field.min_length or 0, _MOST), "x")


def _within(field: Field, wanted: float, variant: int) -> float:
    """The wanted number where the bounds allow it, else one of five steps between them."""
    most = wanted if field.maximum is None else field.maximum
    low = field.minimum if field.minimum is not None else min(wanted, most - VARIANTS)
    high = field.maximum if field.maximum is not None else max(wanted, low + VARIANTS)
    if low <= min(_NUMBERS) and max(_NUMBERS) <= high:
        return wanted
    step = (high - low) / (VARIANTS - 1)
    return float(low + int(step * variant)) if step >= 1 else float(low + step * variant)


def too_long(field: Field) -> str:
    """Text with one character more than the field holds."""
    return "x" * ((field.max_length or 0) + 1)


def longest(field: Field) -> str:
    """Text with exactly as many code points as the field holds: more UTF-16 units, and more bytes still.

    No word of it is longer than names are, and no blank is its last character.
    """
    size = field.max_length or 1
    return ("y\u00e9\U0001f642y\u00e9\U0001f642 " * size)[: size - 1] + "y"


def another_id(known: str) -> str:
    """An id in the form of a known one that belongs to nobody, however short or consecutive ids are.

    Its last eight letters and digits are turned, each within its kind. Where it ends in fewer, or in a number, the next
    ones are records of others: the number becomes a very large one, and letters become more.
    """
    found = _LAST_RUN.fullmatch(known)
    head, last, rest = found.groups() if found else (known, "", "")
    if len(last) >= (10 if last.isdigit() else 8):
        last = last[:-8] + last[-8:].translate(_TURNED)
    elif last.isalpha():
        last = (last.translate(_TURNED) * 9)[:9]
    else:
        last = _NUMBER.sub("", last) + str(2**31 - 1)
    return head + last + rest
