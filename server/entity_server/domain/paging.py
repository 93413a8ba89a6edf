"""Pages: which slice of a selection is asked for, and what an answer says about the rest (L1-L6).

Charter: counts only; knows no record and no database. The bounds are the contract's.
"""

import re
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import quote

from entity_contract import Contract, Object, Operation

from entity_server.domain.arguments import Arguments, single
from entity_server.domain.problems import ValidationFailed

_INTEGER = re.compile(r"-?[0-9]+")
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


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its number, counted from 1, and the most records that it carries."""

    number: int
    limit: int

    @property
    def offset(self) -> int:
        """How many records lie before this page."""
        return (self.number - 1) * self.limit


@dataclass(frozen=True, slots=True)
class PageBounds:
    """What the contract says about `page` and `limit`: their defaults and largest values."""

    default_limit: int
    largest_limit: int
    largest_page: int

    @classmethod
    def of(cls, contract: Contract, operation: Operation) -> "PageBounds":
        """The bounds that a list operation's parameters state. Raises KeyError when it lacks one of them."""
        schemas = {parameter.name: contract.target(parameter.schema) for parameter in operation.parameters}
        largest_limit = _stated(schemas["limit"], "maximum")
        return cls(
            default_limit=_stated(schemas["limit"], "default"),
            largest_limit=largest_limit,
            largest_page=min(_stated(schemas["page"], "maximum"), _LARGEST_OFFSET // largest_limit),
        )


def parse_page(arguments: Arguments, bounds: PageBounds) -> Page:
    """The page that `page` and `limit` ask for. Raises one ValidationFailed that names the wrong one, or both."""
    details: dict[str, str] = {}
    number = _integer(arguments, "page", default=1, largest=bounds.largest_page, details=details)
    limit = _integer(arguments, "limit", default=bounds.default_limit, largest=bounds.largest_limit, details=details)
    if details:
        raise ValidationFailed(details=details)
    return Page(number, limit)


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
    pairs = (f"{_quoted(name)}={_quoted(value)}" for name, values in replaced.items() for value in values)
    return f"{quote(path, safe=_SENT)}?{'&'.join(pairs)}"


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _integer(arguments: Arguments, name: str, *, default: int, largest: int, details: dict[str, str]) -> int:
    try:
        text = single(arguments, name)
    except ValidationFailed as problem:
        details.update(problem.details)
        return default
    if text is None:
        return default
    if not _INTEGER.fullmatch(text):
        details[name] = "Must be an integer"
        return default
    # Twenty digits are more than any bound has; longer ones need not become a number to be too large.
    value = int(text) if len(text) <= 20 else (0 if text.startswith("-") else largest + 1)
    if value < 1:
        details[name] = "Must be at least 1"
    elif value > largest:
        details[name] = f"Must be at most {largest}"
    return value


def _stated(schema: Object, key: str) -> int:
    value = schema[key]
    if not isinstance(value, int):
        raise KeyError(key)
    return value
