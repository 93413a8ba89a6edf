"""Pages that a deployment counts from 0: what it tells of them, and what is asked of it, by the contract's numbers."""

import json
import re
from dataclasses import replace
from typing import TypeGuard

from entity_conformance.deployment.reply import Headers, Reply

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_PAGE = re.compile(rf"(?<=[?&])page=({_NUMBER.pattern})(?=[&#]|$)", re.ASCII)
_TARGET = re.compile(r"<([^>]*)>")


def told_page(reply: Reply) -> object:
    """The number of the page that a list tells."""
    try:
        body = json.loads(reply.judged)
    except (ValueError, RecursionError):
        return None
    pagination = body.get("pagination") if isinstance(body, dict) else None
    return pagination.get("page") if isinstance(pagination, dict) else None


def is_number(page: object) -> TypeGuard[int]:
    """Whether what a list tells of its page is a number."""
    return isinstance(page, int) and not isinstance(page, bool)


def paged(reply: Reply) -> Reply:
    """A list whose pages are counted from 0, with the numbers that are meant: in the body, `X-Page` and `Link`."""
    page = told_page(reply)
    pairs = [(name, _counted_on(name, value)) for name, value in reply.headers.items()]
    if not is_number(page):
        is_counted = pairs != [*reply.headers.items()]
        return replace(reply, headers=Headers(pairs)) if is_counted else reply
    body = json.loads(reply.judged)
    meant = json.dumps({**body, "pagination": {**body["pagination"], "page": page + 1}})
    return replace(reply, meant=meant.encode(), headers=Headers(pairs))


def _counted_on(name: str, value: str) -> str:
    if name == "link":
        return _TARGET.sub(lambda found: f"<{turned(found[1], 1)}>", value)
    return str(int(value) + 1) if name == "x-page" and _NUMBER.fullmatch(value) else value


def turned(url: str, by: int) -> str:
    """A URL whose `page` is so much more, where that is a number."""
    return _PAGE.sub(lambda found: f"page={int(found[1]) + by}", url)
