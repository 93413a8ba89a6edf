"""Text that others wrote (a deployment's answers, above all), made fit to be read in a report.

Pure. Nothing here knows a report's format; escaping for XML, JSON or a shell belongs to whoever writes it.
"""

import re

_SPACE = re.compile(r"[ \t\r\n]+")

OBEYED = re.compile(r"(?<=#)#(?=[\w-]{0,40}\[)|(?<=:):(?=[A-Za-z][\w-]{0,40}(?: |::))")
"""The character without which a line is no command to a CI system any more: `##vso[`, `##teamcity[`, `::error::`.

Azure and TeamCity look for theirs anywhere in a line, and a long line may be folded so that one of GitHub's begins it.
"""

IN_JSON = "\\u{:04x}"
"""How a character of a JSON document is spelled that stays itself."""


def visible(text: str) -> str:
    r"""`text` on one line, with everything that does not print as its escape (`\n`, `\x1b`, `\u202e`).

    What comes out cannot move a cursor, colour a terminal, turn the direction of writing, be illegal in XML, or be a
    command to a CI system (`#\x23vso[`).
    """
    text = inert(text)
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def inert(text: str, spelling: str = r"\x{:02x}") -> str:
    """`text` in which a CI system finds no command, of lines as they are; a format may know a `spelling` of its own."""
    if "##" not in text and "::" not in text:
        return text
    return OBEYED.sub(lambda found: spelling.format(ord(found.group())), text)


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


_FEW_HOURS, _MANY_HOURS = 2, 48
"""From the one on hours are told, from the other days: a clock may be years behind."""


def duration(seconds: float) -> str:
    """A time as a person says it: `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 20 min`, `41 days`."""
    if round(seconds * 1000) < 1000:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours = minutes // 60
    if hours < _FEW_HOURS:
        return f"{minutes} min {rest} s"
    return f"{hours} h {minutes % 60} min" if hours < _MANY_HOURS else f"{hours // 24:,} days"
