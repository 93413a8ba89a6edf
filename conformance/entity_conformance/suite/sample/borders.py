"""Seven bodies of one entity whose values are borders: what lists, filters, orders and searches go wrong with.

A field's values stand in a column; each field turns its column to another place, so that what is equal in one field
differs in the next. The first body holds something in every field. Texts keep the words by which samples are told
apart, and every title begins with a small letter of its own, so that all collations order titles alike.
"""

from collections.abc import Iterable, Mapping
from zlib import crc32

from entity_contract import Entity, Field, Scalar

from entity_conformance.deployment.mark import mark
from entity_conformance.suite.sample.bodies import Body
from entity_conformance.suite.sample.fields import optional, title_field, writable
from entity_conformance.suite.sample.scalars import LITERALS, cut, filling, form, own_word, value, word

RECORDS = 7
HALF = (0, 2, 3, 5)
"""The places of the records whose titles have one more word in common."""

LATER = (1, 3, 6)
"""The places of the records of a group that are created later than those before them, beyond doubt."""

SHORT = 80
"""Characters of a text that a query can carry beside others."""

_LONGEST = 5000
_BETWEEN = " y\u00e9\U0001f642 "
_ABOVE_FLOAT = 2**24
_INT32, _INT64 = 2**31 - 1, 2**53 - 1
_ENDINGS = (
    "plainly",
    'He said "it\'s" a\\b',
    "0042 ",
    "{sixth} plainly e\u0301 \u00e9 \U0001d4b3",
    LITERALS,
    "CAPITALS 50%x(off 50xx_(off",
    "two  blanks",
)
_SIXTH = 5
"""The place of the record whose own word stands in another title too."""

_TEXTS: tuple[str | None, ...] = (
    "{mark} {own} {shared}",
    None,
    '"i\'s" 50%_(off* a\\+b {word}',
    "",
    "{long}",
    "  {word} 50%x(off* 50xx_(off*  ",
    "one\r\n{word} <b>&amp;</b> -\te\u0301\u00a0\u00e9 \U0001d4b3\u200d\U0001f642",
)
_REQUIRED = {1: "0042 {word}", 3: "CAPITALS {word}"}
"""What stands in a text that must not be empty in place of the null and of the empty text."""

_DATES = ("2021-07-09", "1969-12-31", "2020-02-29", "2019-12-31", None, "2020-02-29", "2099-01-01")
_DATETIMES = (
    "2021-07-09T08:30:00Z",
    "1969-12-31T23:59:59Z",
    "2020-02-29T12:15:30.25Z",
    "2019-12-31T23:30:00-05:00",
    None,
    "2020-02-29T14:15:30.250+02:00",
    "2023-02-03T00:00:00+05:30",
)
_BOOLEANS = (True, False, False, True, None, False, True)
_INTEGERS = (120, 0, _ABOVE_FLOAT, 9, None, _ABOVE_FLOAT + 1, 9)
_NUMBERS = (9.25, 0, 4096.5, 0.1, None, 4096.5001, 0.1)


def bordering(entity: Entity, run: str, *, group: str, index: int, keys: Mapping[str, Scalar]) -> Body:
    """The body at that place of seven, or one that a record had before (`earlier`); `keys` are its foreign keys.

    A field that it does not name holds its default, or nothing.
    """
    title = title_field(entity)
    body: Body = {}
    for place, field in enumerate(writable(entity)):
        if field == title:
            body[field.name] = _title(field, run, group, index)
            continue
        column = _column(field, run, group, index)
        found = column[1 + (index - 1 + place) % (RECORDS - 1) if index else 0]
        if found is None and not _may_be_null(field):
            found = value(field, run, group=group, index=index)
        is_left_out = index % 2 == 0 and (found is None or (index > 0 and _is_default(field, found)))
        if not is_left_out:  # every second null is sent, and every second default
            body[field.name] = found
    return body | dict(keys)


def amended(entity: Entity) -> int:
    """The place of the record that may have held other values before: one that holds nothing in an optional text."""
    field = optional(entity)
    bodies = [bordering(entity, "run", group="", index=place, keys={}) for place in range(RECORDS)]
    return next((place for place, body in enumerate(bodies) if place and field and body.get(field) is None), 1)


def earlier(place: int) -> int:
    """The index of the body that the record at a place may have had before: another one in every field.

    Its title has the word of half of them where the later one lacks it, and lacks it where that has it.
    """
    return place + RECORDS + 1


def marking(run: str, group: str) -> str:
    """The invented word in the texts of a group that are no titles."""
    return word(run, f"{group} mark")


def halving(run: str, group: str) -> str:
    """The invented word that some titles of a group have."""
    return word(run, f"{group} half")


def _title(field: Field, run: str, group: str, index: int) -> str:
    is_half = index in HALF if index < RECORDS else index - RECORDS - 1 not in HALF
    half = f"{halving(run, group)} " if is_half else ""
    ending = _ENDINGS[index % RECORDS].format(sixth=own_word(run, group, _SIXTH))
    own, shared = own_word(run, group, index), word(run, group)
    text = f"{own} {shared} {half}{ending}"
    if index == RECORDS - 1 and field.max_length:  # by its last word it is found with the others
        longest = min(field.max_length, _LONGEST)
        if len(f"{own} {ending} {shared}") <= longest:
            return f"{own} {ending} {filling(longest)}"[: longest - len(shared) - 1] + f" {shared}"
        text = f"{text} {filling(longest)}"[: longest - 1] + "g"
    fits = (field.min_length or 0) <= len(text) <= (field.max_length or len(text))
    return text if fits else cut(field, text)  # which loses the blank at its end


def _is_default(field: Field, value: Scalar) -> bool:
    return not field.required and field.default is not None and value == field.default


def _may_be_null(field: Field) -> bool:
    return field.nullable and not field.required and field.default is None


def _column(field: Field, run: str, group: str, index: int) -> tuple[Scalar | None, ...]:
    """What seven records hold in a field, however it is turned. An odd form has the values of any other sample."""
    plain = value(field, run, group=group, index=index)
    column: tuple[Scalar | None, ...] = (plain,) * RECORDS
    match field.type:
        case _ if field.samples:
            pass
        case "boolean":
            column = _BOOLEANS
        case "date":
            column = _DATES
        case "datetime":
            column = _DATETIMES
        case "integer":
            column = tuple(None if one is None else int(one) for one in _numbers(field, _INTEGERS))
        case "number":
            column = _numbers(field, _NUMBERS)
        case "enum":
            others = [one for one in field.values if one != field.default] or list(field.values)
            several = (*others, *others, *field.values) * RECORDS
            column = tuple(field.default if place == 4 else several[place] for place in range(RECORDS))
        case "string" | "text" if form(field) is None:
            column = tuple(_text(field, place, run, group, index) for place in range(RECORDS))
        case "string" | "text" if form(field) == "email":
            within = f"re{value(field, run, group=group, index=0)}"  # whose beginning is not where that of another is
            column = (*column[:3], str(plain).capitalize(), *column[4:-1], within)
    return column


def _text(field: Field, place: int, run: str, group: str, index: int) -> str | None:
    optional = _may_be_null(field)
    template = _TEXTS[place] if optional else _REQUIRED.get(place, _TEXTS[place])
    if template is None or (template == "" and not field.min_length):
        return template
    of_its_own, shared = own_word(run, f"{group} {field.name}", index), marking(run, group)
    own = f"{of_its_own} {shared}"
    longest = min(field.max_length or _LONGEST, _LONGEST)
    if template == "{long}":
        several = filling(longest).replace(" ", _BETWEEN)
        return f"{f'{mark(run)} {several}'[: max(longest - len(own) - 1, 0)]} {own}"[-longest:]
    text = template.format(word=own, own=of_its_own, mark=shared, shared=word(run, group))
    if template == _TEXTS[-1] and len(f"{text} {mark(run)}") <= longest:  # the longest text is like this one
        return f"{text} {mark(run)}"
    if len(text) <= longest:
        return text
    return cut(field, _digits(own) if template == _TEXTS[-1] else own)


def _digits(own: str) -> str:
    """Digits of a sample's own that some take for a number, so that their zeros are lost."""
    return f"00{crc32(own.encode()):010}"


def _numbers(field: Field, wanted: Iterable[float | None]) -> tuple[float | None, ...]:
    """The wanted numbers; in place of those that the bounds exclude, others near the bounds.

    A whole number without bounds is one of 32 bits, unless its format promises more.
    """
    told = _INT64 if field.format == "int64" else _INT32
    low = field.minimum if field.minimum is not None else -told
    high = field.maximum if field.maximum is not None else told
    others = iter([one for one in (high, high - 1, low, low + 1, (low + high) // 2) if low <= one <= high] * 2)
    found = [one if one is None or low <= one <= high else next(others, low) for one in wanted]
    if field.type == "integer" and high >= _ABOVE_FLOAT:
        found[0] = min(high, _INT64)
    if low <= -1:
        found[3] = max(low, -33.5 if field.type == "number" else -33)
    return tuple(found)
