"""Checks `pagination`, the headers and the links of a page, and the headers of every answer.

Pure. Which records a page holds is not known here.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from entity_conformance.oracle.answers import Page
from entity_conformance.oracle.messages import Answer, same_origin
from entity_conformance.oracle.question import Question

_FIRST = "1"
"""The page of who names none."""
WHOLE = re.compile(r"\d+", re.ASCII)
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def every_answer(answer: Answer) -> list[str]:
    """What is wrong with the headers that every authenticated answer has (E4, E7)."""
    missing = [name for name in LIMITS if name not in answer.headers]
    wrong = [f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"] if missing else []
    wrong += [f"{name} is no whole number" for name in LIMITS if not WHOLE.fullmatch(answer.headers.get(name, "0"))]
    return wrong + ([] if answer.headers.get("X-Request-ID") else ["X-Request-ID is missing"])


def total(answer: Answer) -> int | None:
    """The total that the page itself states; None where it states none."""
    stated = (answer.body or {}).get("pagination")
    found = stated.get("total") if isinstance(stated, dict) else None
    is_whole = isinstance(found, int) or (isinstance(found, float) and found.is_integer())  # 12.0 is 12 (E18)
    return int(found) if found is not None and is_whole and found >= 0 else None


def differences(page: Page, answer: Answer, question: Question) -> tuple[list[str], ...]:
    """How `pagination`, the headers and the links differ from those of this page: a list for each of the three."""
    stated = (answer.body or {}).get("pagination")
    told = stated if isinstance(stated, dict) else None
    return (
        _pagination(page, told),
        _headers(page, answer, told),
        _links(page, answer, question, is_told=told is not None),
    )


def _pagination(page: Page, stated: Mapping[str, Any] | None) -> list[str]:
    """How `pagination` differs (L4)."""
    if stated is None:
        return ["pagination is missing"]
    return [
        f"pagination.{name} differs: must be {json.dumps(value)}, and is "
        f"{json.dumps(stated[name]) if name in stated else 'missing'}"
        for name, value in page.as_json().items()
        if stated.get(name) != value or isinstance(stated.get(name), bool) is not isinstance(value, bool)
    ]


def _headers(page: Page, answer: Answer, stated: Mapping[str, Any] | None) -> list[str]:
    """How the headers differ from the page, whose total is not known where no `pagination` tells it (L5)."""
    headers = {"X-Total-Count": page.total, "X-Page": page.page, "X-Per-Page": page.limit}
    missing = [name for name in headers if name not in answer.headers]
    wrong = [f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"] if missing else []
    return wrong + [
        f"{name} differs: must be {value}, and is {answer.headers[name]}"
        for name, value in headers.items()
        if name not in missing
        and answer.headers[name] != str(value)
        and not (stated is None and name == "X-Total-Count")
    ]


def _links(page: Page, answer: Answer, question: Question, *, is_told: bool) -> list[str]:
    """How `Link` differs: it leads to the next page iff there is one, and keeps every parameter but `page` (L6)."""
    if answer.links is None:
        return ["Link must be a list of links (RFC 8288)"]
    wrong = []
    for relation, there, number in (
        ("next", page.page < page.pages, page.page + 1),
        ("prev", page.page > 1, page.page - 1),
    ):
        target = answer.linked(relation)
        if (target is not None) is not there and is_told:
            wrong.append(f"Link must {'name' if there else 'not name'} a {relation} page")
        elif target is not None and not _leads_to(target, number, answer, question):
            wrong.append(f"Link must lead to the {relation} page of the same question, and is {target}")
    return wrong


def _leads_to(target: str, page: int, answer: Answer, question: Question) -> bool:
    """Whether a link leads to that page of the same question. Behind a gateway its origin and path may differ."""
    linked, asked, sent = urlsplit(target), urlsplit(answer.url), question.parameters()
    query = parse_qsl(linked.query, keep_blank_values=True)
    return (
        (unquote(linked.path) == unquote(asked.path) or not same_origin(target, answer.url))
        and sorted(pair for pair in query if pair[0] != "page") == sorted(pair for pair in sent if pair[0] != "page")
        and ([value for name, value in query if name == "page"] or [_FIRST]) == [str(page)]
    )
