"""What no answer may tell: stack traces, SQL, paths of files.

A text may be long and hold no blank, as a picture within it does: no pattern looks again at what it has looked at.
"""

import re
from collections.abc import Iterator

_LEAKS = {
    "a stack trace": re.compile(
        r"Traceback \(most recent|File \"[^\"]+\", line \d+|\bat [\w.$<>]+ ?\([^)]{1,500}:\d+(:\d+)?\)|goroutine \d+ \["
        r"|\bat (?:\w+\.){2,15}[\w<>`.]{1,300}\([^)\n]{0,500}\)(?: in \S+:line \d+)?"  # .NET
        r"|\b(?:[A-Za-z]\w*\.){2,15}\w*(?:Exception|Error)\b|\bpanicked at \S+:\d+"  # .NET and Java, Rust
        r"|(?<!\S)\S+(?:\.(?:rb|exs?):\d+:in |\.php(?: on line |:|\()\d+|\.go:\d+\b)"  # Ruby, Elixir, PHP, Go
    ),
    "SQL": re.compile(
        r"\b(SELECT\b.{1,1000}\bFROM|INSERT INTO|UPDATE\b.{1,1000}\bSET|DELETE FROM|CREATE TABLE)\b"
        r"|SQLSTATE|sqlite3?\.|psycopg|asyncpg",
    ),
    "a path of a file": re.compile(
        r"(/(usr|home|var|opt|srv|app|root|tmp|Users)/|[A-Z]:\\\\)[\w.\\/-]+|node_modules|site-packages"
    ),
}


LONGEST = 200_000
"""Characters of a text that are looked through: of megabytes, the beginning."""

_WORDS = (
    *("Traceback", '", line ', "at ", "goroutine", "node_modules", "site-packages", ":\\\\"),
    *("Exception", "panicked", ".rb:", ".ex", ".php", ".go:"),
    *("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "SQLSTATE", "sqlite", "psycopg", "asyncpg"),
    *("/usr/", "/home/", "/var/", "/opt/", "/srv/", "/app/", "/root/", "/tmp/", "/Users/"),  # noqa: S108  # looked for
)
"""One of these is in every leak: to look for them takes a hundredth of the time."""


def leaks(text: str, *, known: str = "") -> Iterator[tuple[str, str]]:
    """What a text tells of the server's insides, and the words that do; what is `known` may be quoted."""
    if not any(word in text for word in _WORDS):
        return
    plain = text[:LONGEST].replace('\\"', '"')
    for what, pattern in _LEAKS.items():
        yield from ((what, found[0]) for found in pattern.finditer(plain) if found[0] not in known)
