"""Text that others wrote (a deployment's answers, above all), made fit to be read in a report.

Pure. Nothing here knows a report's format; escaping for XML, JSON or a shell belongs to whoever writes it.
"""

import re

_SPACE = re.compile(r"[ \t\r\n]+")


def visible(text: str) -> str:
    r"""`text` on one line, with everything that does not print as its escape (`\n`, `\x1b`, `\u202e`).

    What comes out cannot move a cursor, colour a terminal, turn the direction of writing, or be illegal in XML.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def excerpt(text: str, *, limit: int) -> str:
    """The beginning of `text` for a person to glance at: white space folded, the rest visible, cut at `limit`."""
    looked_at = text[: 4 * limit]
    folded = _SPACE.sub(" ", looked_at).strip()
    if len(looked_at) == len(text) and len(folded) <= limit:
        return visible(folded)
    return f"{visible(folded[:limit])}… (cut)"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 record`, `2 records`, `1,200 records`; a noun with another plural says so."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """A time as a person says it: `12 ms`, `3.4 s`, `2 min 5 s`."""
    if round(seconds * 1000) < 1000:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
