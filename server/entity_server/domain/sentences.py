"""Every sentence that the server says of a field or parameter that it refuses, in one table.

Words only. A sentence names the rule, and what the contract says of it, never the value that was sent: values
may be secrets. Each can be seen by a client; a test asks for every one of them over HTTP.
"""

import re
from enum import StrEnum

from entity_server.domain.text import printable


class Reason(str):
    """A sentence of the table with its blanks filled in. `sentence` tells which one, so that nobody compares words."""

    __slots__ = ("sentence",)
    sentence: "Sentence"

    @classmethod
    def of(cls, sentence: "Sentence", text: str) -> "Reason":
        """The sentence, worded as `text`."""
        reason = cls(printable(text))
        reason.sentence = sentence
        return reason


class Sentence(StrEnum):
    """The sentences. A name in braces is a blank, to be filled in when the sentence is called."""

    # whole bodies, and the JSON of a filter
    MALFORMED = "Must be well-formed JSON"
    NO_SUCH_NUMBER = "Must be JSON, which has no {name}"
    NAMED_TWICE = "Must not name anything twice"
    NESTED = "Must not be nested deeper than {levels} levels"
    OBJECT = "Must be a JSON object"
    MEDIA_TYPE = "Must be application/json"
    FEWEST_FIELDS = "Must name at least {fields}"
    MOST_FIELDS = "Must name at most {fields}"

    # values
    REQUIRED = "{label} is required"
    NOT_WRITABLE = "{label} is not a field that can be written"
    TYPE = "Must be {type}"
    ONE_OF = "Must be one of: {values}"
    CONSTANT = "Must be {value}"
    BLANK = "Must not be blank"
    EMPTY = "Must not be empty"
    SHORTEST = "Must be at least {characters}"
    LONGEST = "Must be at most {characters}"
    PATTERN = "Must match the pattern {pattern}"
    NUL = "Must not contain the character U+0000"
    UNICODE = "Must be valid Unicode, without lone surrogates"
    LEAST = "Must be at least {limit}"
    MOST = "Must be at most {limit}"
    ABOVE = "Must be greater than {limit}"
    BELOW = "Must be less than {limit}"
    MULTIPLE = "Must be a multiple of {step}"
    BITS = "Must be {type} of at most 64 bits"
    DATE = "Must be a date (YYYY-MM-DD)"
    INSTANT = "Must be an RFC 3339 date-time"
    EMAIL = "Must be an email address"
    FORMAT = "Must have the format {format}"
    FEWEST_ITEMS = "Must have at least {items}"
    MOST_ITEMS = "Must have at most {items}"
    REPEATED_ITEM = "Must not repeat an item"
    OTHERWISE = "Is not valid"
    FUTURE = "Must be in the future"
    NO_RECORD = "{label} names no record"

    # query parameters
    ONCE = "Must be given once"
    BORDER = "Must be a date (YYYY-MM-DD) or an RFC 3339 date-time"
    REVERSED = "Must not be after endDate"
    MOST_WORDS = "Must have at most {most} words"
    LONGEST_WORD = "Must have words of at most {most} characters"

    # the filter parameter
    OPERATOR_OUTSIDE = "Operators belong inside a field: {name}"
    UNKNOWN_FIELD = "Unknown field: {name}"
    BARE_NULL = '{field}: use {{"$null": true}} to find nulls'
    NO_OPERATOR = "{field}: must name an operator"
    UNKNOWN_OPERATOR = "{field}: unknown operator {operator}; there are {operators}"
    OPERATOR_TYPES = "{field}: {operator} needs a field of type {types}"
    LONGEST_OPERAND = "{field}: {operator} takes at most {most} characters"
    NULL_OPERAND = "{field}: {operator} takes no null; use $null"
    BOOLEAN_OPERAND = "{field}: {operator} must be true or false"
    LIST_OPERAND = "{field}: {operator} must be a non-empty array"
    MOST_VALUES = "{field}: {operator} must have at most {most} values"

    def __call__(self, **blanks: object) -> Reason:
        """The sentence with its blanks filled in."""
        return Reason.of(self, self.value.format(**blanks))


def about(name: str, reason: Reason) -> Reason:
    """The reason, said of a part that its field or parameter does not name: `priceCents: must be an integer`."""
    return Reason.of(reason.sentence, f"{name}: {reason[:1].lower()}{reason[1:]}")


class Refused(Exception):  # noqa: N818 - what happened to a value
    """A value is refused; `reason` is for the client. The caller knows of which field or parameter the value is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def label(name: str) -> str:
    """A field's name as the start of a sentence: `customerId` becomes "Customer id"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    return words[:1].upper() + words[1:]
