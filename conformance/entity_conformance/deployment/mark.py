"""The text by which what a run made can be told from everything else. Pure."""

import html
import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")


def mark(run: str) -> str:
    """The text by which a run's records can be told from all others."""
    return f"conformance-{run}"


@lru_cache(maxsize=1024)
def words(text: str) -> str:
    """The words of a text, by which it is known where a deployment keeps it otherwise than it was written.

    It may escape its characters for HTML, drop blanks, change the case, or write letters in another form of Unicode.
    """
    return " ".join(_WORD.findall(unicodedata.normalize("NFKD", html.unescape(text)).casefold()))
