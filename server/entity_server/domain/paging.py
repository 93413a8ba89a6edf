"""Pages: which slice of a selection is asked for, and what an answer says about the rest (L1-L6).

Counts only; knows no record, no database, and no bounds: those are the contract's.
"""

from functools import lru_cache
from typing import TypedDict
from urllib.parse import quote

from entity_server.domain.arguments import Arguments
from entity_server.domain.per_request import per_request

_LARGEST_OFFSET = 2**63 - 1  # what a database counts with
_SENT = "/%"  # a path comes as it was sent, percent-encoded already


class Pagination(TypedDict):
    """What a list answers beside its records."""

    page: int
    limit: int
    total: int
    totalPages: int
    hasNext: bool
    hasPrev: bool


@per_request(frozen=True, slots=True)
class Page:
    """A page by its number, counted from 1, and the most records that it carries."""

    number: int
    limit: int

    @property
    def offset(self) -> int:
        """How many records lie before this page, as far as a database can count."""
        return min((self.number - 1) * self.limit, _LARGEST_OFFSET)


def pagination(page: Page, total: int) -> Pagination:
    """The envelope's account of a page in a selection of `total` records (L3, L4)."""
    pages = -(-total // page.limit)
    return {
        "page": page.number,
        "limit": page.limit,
        "total": total,
        "totalPages": pages,
        "hasNext": page.number < pages,
        "hasPrev": page.number > 1,
    }


def page_links(path: str, arguments: Arguments, page: Pagination) -> str | None:
    """The Link header's text for a list at `path`, or None when there is neither a next nor a previous page.

    "keeps every other query parameter and changes only `page`" (L6), parameters that the API does not know included.
    """
    links = []
    if page["hasNext"]:
        links.append(f'<{_target(path, arguments, page["page"] + 1)}>; rel="next"')
    if page["hasPrev"]:
        links.append(f'<{_target(path, arguments, page["page"] - 1)}>; rel="prev"')
    return ", ".join(links) or None


def _target(path: str, arguments: Arguments, number: int) -> str:
    replaced = {**arguments, "page": (str(number),)}
    pairs = [f"{_quoted(name)}={_quoted(value)}" for name, values in replaced.items() for value in values]
    return f"{_path(path)}?{'&'.join(pairs)}"


@lru_cache(maxsize=64)  # lists are few, and asked for again and again
def _path(path: str) -> str:
    return quote(path, safe=_SENT)


def _quoted(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
