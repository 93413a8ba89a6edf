"""Checks `pagination`, the headers and the links of a page, and the headers of every answer.

Pure. Which records a page holds is not known here.
"""

import json
import re

import httpx

from entity_tests.model.answers import Page
from entity_tests.model.deployment import Reply
from entity_tests.model.question import Question

WHOLE = re.compile(r"\d+", re.ASCII)


def limits(reply: Reply) -> list[str]:
    """The headers of every authenticated answer (E4, E7)."""
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    wrong = [f"{name} must be a whole number" for name in names if not WHOLE.fullmatch(reply.headers.get(name, ""))]
    return wrong + ([] if reply.headers.get("X-Request-ID") else ["X-Request-ID must be there"])


def total(reply: Reply) -> int:
    """The total that the page itself states; 0 where it states none."""
    stated = (reply.body or {}).get("pagination")
    found = stated.get("total") if isinstance(stated, dict) else None
    return found if isinstance(found, int) and found >= 0 else 0


def differences(page: Page, reply: Reply, question: Question) -> list[str]:
    """How the envelope, the headers and the links differ from those of this page."""
    return _pagination(page, reply) + _links(page, reply, question)


def _pagination(page: Page, reply: Reply) -> list[str]:
    """How the envelope and the headers differ (L4, L5)."""
    stated = (reply.body or {}).get("pagination")
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
        f"{name} must be {value}, and is {reply.headers.get(name, 'absent')}"
        for name, value in headers.items()
        if reply.headers.get(name) != str(value)
    ]


def _links(page: Page, reply: Reply, question: Question) -> list[str]:
    """How `Link` differs: it leads to the next page iff there is one, and keeps every parameter but `page` (L6)."""
    wrong = []
    for name, there, number in (
        ("next", page.page < page.pages, page.page + 1),
        ("prev", page.page > 1, page.page - 1),
    ):
        target = reply.links.get(name)
        if target is None or not there:
            if there or target is not None:
                wrong.append(f"Link must {'name' if there else 'not name'} a {name} page")
            continue
        url = reply.sent.join(target)
        kept = sorted(pair for pair in httpx.QueryParams(url.query).multi_items() if pair[0] != "page")
        sent = sorted(pair for pair in question.parameters() if pair[0] != "page")
        pages = url.params.get_list("page")
        if url.path != reply.sent.path or kept != sent or pages != [str(number)]:
            wrong.append(f"Link's {name} page must be the same question with page={number}, and is {target}")
    return wrong
