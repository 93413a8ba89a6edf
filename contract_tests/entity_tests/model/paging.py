"""What a page says of itself, in its envelope, its headers and its links; and what every answer says in its headers.

Charter: pure. Which records a page holds is not known here.
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
    """What the page itself says that there are; 0 where it says nothing of the kind."""
    told = (reply.body or {}).get("pagination")
    found = told.get("total") if isinstance(told, dict) else None
    return found if isinstance(found, int) and found >= 0 else 0


def unlike(page: Page, reply: Reply, question: Question) -> list[str]:
    """How the envelope, the headers and the links of a page tell of another one."""
    return _account(page, reply) + _links(page, reply, question)


def _account(page: Page, reply: Reply) -> list[str]:
    """How the envelope and the headers tell of another page (L4, L5)."""
    told = (reply.body or {}).get("pagination")
    expected = page.told()
    if not isinstance(told, dict):
        return [f"`pagination` must be {json.dumps(expected)}"]
    wrong = [
        f"pagination.{name} must be {json.dumps(value)}, and is {json.dumps(told.get(name))}"
        for name, value in expected.items()
        if told.get(name) != value or isinstance(told.get(name), bool) is not isinstance(value, bool)
    ]
    headers = {"X-Total-Count": page.total, "X-Page": page.page, "X-Per-Page": page.limit}
    return wrong + [
        f"{name} must be {value}, and is {reply.headers.get(name, 'absent')}"
        for name, value in headers.items()
        if reply.headers.get(name) != str(value)
    ]


def _links(page: Page, reply: Reply, question: Question) -> list[str]:
    """How `Link` leads elsewhere: to the next page iff there is one, with every parameter but `page` kept (L6)."""
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
