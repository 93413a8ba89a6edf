"""Checks `pagination`, the headers and the links of a page, and the headers of every answer.

Pure. Which records a page holds is not known here.
"""

import json
import re
from urllib.parse import parse_qsl, urlsplit

from entity_tests.model.answers import Page
from entity_tests.model.messages import Answer, same_origin
from entity_tests.model.question import Question

WHOLE = re.compile(r"\d+", re.ASCII)
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def every_answer(answer: Answer) -> list[str]:
    """What is wrong with the headers that every authenticated answer has (E4, E7)."""
    wrong = [f"{name} must be a whole number" for name in LIMITS if not WHOLE.fullmatch(answer.headers.get(name, ""))]
    return wrong + ([] if answer.headers.get("X-Request-ID") else ["X-Request-ID must be there"])


def total(answer: Answer) -> int:
    """The total that the page itself states; 0 where it states none."""
    stated = (answer.body or {}).get("pagination")
    found = stated.get("total") if isinstance(stated, dict) else None
    is_whole = isinstance(found, int) or (isinstance(found, float) and found.is_integer())  # 12.0 is 12 (E18)
    return int(found) if found is not None and is_whole and found >= 0 else 0


def differences(page: Page, answer: Answer, question: Question) -> list[str]:
    """How `pagination`, the headers and the links differ from those of this page."""
    return _pagination(page, answer) + _links(page, answer, question)


def _pagination(page: Page, answer: Answer) -> list[str]:
    """How `pagination` and the headers differ (L4, L5)."""
    stated = (answer.body or {}).get("pagination")
    expected = page.as_json()
    if not isinstance(stated, dict):
        return [f"`pagination` must be {json.dumps(expected)}"]
    wrong = [
        f"pagination.{name} must be {json.dumps(value)}, and is {json.dumps(stated.get(name))}"
        for name, value in expected.items()
        if stated.get(name) != value or isinstance(stated.get(name), bool) is not isinstance(value, bool)
    ]
    headers = {"X-Total-Count": page.total, "X-Page": page.page, "X-Per-Page": page.limit}
    return wrong + [
        f"{name} must be {value}, and is {answer.headers.get(name, 'absent')}"
        for name, value in headers.items()
        if answer.headers.get(name) != str(value)
    ]


def _links(page: Page, answer: Answer, question: Question) -> list[str]:
    """How `Link` differs: it leads to the next page iff there is one, and keeps every parameter but `page` (L6)."""
    if answer.links is None:
        return ["Link must be a list of links (RFC 8288)"]
    wrong = []
    for relation, there, number in (
        ("next", page.page < page.pages, page.page + 1),
        ("prev", page.page > 1, page.page - 1),
    ):
        target = answer.linked(relation)
        if (target is not None) is not there:
            wrong.append(f"Link must {'name' if there else 'not name'} a {relation} page")
        elif target is not None and not _leads_to(target, number, answer, question):
            wrong.append(f"Link's {relation} page must be the same question with page={number}, and is {target}")
    return wrong


def _leads_to(target: str, page: int, answer: Answer, question: Question) -> bool:
    """Whether a link leads to that page of the same question. Behind a gateway its origin and path may differ."""
    linked, sent = urlsplit(target), question.parameters()
    query = parse_qsl(linked.query, keep_blank_values=True)
    return (
        (linked.path == urlsplit(answer.url).path or not same_origin(target, answer.url))
        and sorted(pair for pair in query if pair[0] != "page") == sorted(pair for pair in sent if pair[0] != "page")
        and [value for name, value in query if name == "page"] == [str(page)]
    )
