"""Which text can be kept and compared, and how it is folded.

The one place that knows about characters. Nothing here knows a field, a parameter or a problem.
"""

LONGEST_NEEDLE = 5000
"""The most characters to look for in a text: databases limit the patterns that they match with."""


def storable(text: str) -> bool:
    """Whether a database keeps this text (R16).

    JSON can spell two things that UTF-8 columns cannot hold: U+0000, which PostgreSQL refuses, and half of a surrogate
    pair, which has no encoding.
    """
    return "\0" not in text and encodable(text)


def encodable(text: str) -> bool:
    """Whether the text is valid Unicode: without half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(text: str) -> str:
    """The text as an answer can carry it: a lone surrogate becomes U+FFFD."""
    return text if encodable(text) else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def folded(text: str) -> str:
    """The text without case, by Unicode's full folding: texts that differ in case alone fold alike (L16, L18)."""
    return text.casefold()
