"""Verbs over what an error must not tell: stack traces, SQL, paths of files."""

import re

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite.expect.values import shown

_LEAKS = {
    "a stack trace": re.compile(
        r"Traceback \(most recent|File \"[^\"]+\", line \d+|\bat [\w.$<>]+ ?\([^)]+:\d+(:\d+)?\)|goroutine \d+ \["
    ),
    "SQL": re.compile(
        r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM|CREATE TABLE)\b"
        r"|SQLSTATE|sqlite3?\.|psycopg|asyncpg",
    ),
    "a path of a file": re.compile(
        r"(/(usr|home|var|opt|srv|app|root|tmp|Users)/|[A-Z]:\\\\)[\w.\\/-]+|node_modules|site-packages"
    ),
}


def no_leak(reply: Reply) -> None:
    """The answer tells nothing of the server's insides."""
    plain = reply.text.replace('\\"', '"')
    for what, pattern in _LEAKS.items():
        found = pattern.search(plain)
        if found is not None:
            raise Violation(
                f"the answer leaks {what}",
                expected="a text for people",
                actual=shown(found[0]),
                exchange=reply.exchange,
            )
