"""What an operation answers: statuses, schemas and headers."""

from collections.abc import Iterator, Mapping

from entity_contract.references import Object, escaped, mapping, sequence
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import (
    ERROR_RESPONSE,
    Written,
    action,
    answers,
    follow,
    json_schema,
    operations,
    parameters,
    who,
)

LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
PAGING = ("X-Total-Count", "X-Page", "X-Per-Page")
MAYBE_ANONYMOUS = ("401", "405", "500", "503")
"""Answers that may go to a caller who could not be told apart, and then carry no limits."""
OF_THEIR_STATUS: Mapping[str, str] = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}


def refusals_are_documented(document: Object) -> Iterator[Problem]:
    """Every status that the operation may answer; a document may have more of its own."""
    for operation in operations(document):
        stated = mapping(operation.facts.get("responses"))
        for status in sorted(refusals(document, operation) - stated.keys()):
            yield Problem(operation.place, f"{operation.name} lacks the answer {status}")


def refusals(document: Object, operation: Written) -> set[str]:
    """The refusals that an operation may answer (E15); of one outside of /v1 that is no health nothing is known."""
    if not operation.under_v1:
        return {"405", "500", "503"} if operation.name == "getHealth" else set()
    credentials = [mapping(one) for one in sequence(operation.facts.get("security"))]
    scoped = any(sequence(roles) for one in credentials for roles in one.values())
    queried = any(parameter.get("in") == "query" for _, parameter in parameters(document, operation))
    body = "requestBody" in operation.facts
    return {
        *("404", "405", "500", "503"),
        *(() if operation.is_public else ("401", "429")),
        *(("403",) if scoped else ()),
        *(("400",) if body or queried else ()),
        *(("413", "422") if body else ()),
        *(("402",) if operation.name == "generateText" else ()),
    }


def statuses_are_listed_one_by_one(document: Object) -> Iterator[Problem]:
    """Neither `default` nor `4XX`: a reading has to know each of them. An `x-` key is no status."""
    for operation in operations(document):
        for status in mapping(operation.facts.get("responses")):
            if not (status.isascii() and status.isdigit()) and not status.startswith("x-"):
                place = f"{operation.place}/responses/{escaped(status)}"
                yield Problem(place, f"{operation.name} answers {status}: list each status by itself")


def answers_are_named_schemas(document: Object) -> Iterator[Problem]:
    """A `$ref` to a schema as application/json; a refusal under /v1 is an ErrorResponse."""
    for operation in operations(document):
        for status, place, answer in answers(document, operation):
            reference = json_schema(answer).get("$ref")
            called = who(operation, status, place)
            if answer and not isinstance(reference, str):
                yield Problem(place, f"{called} lacks a $ref to its schema as application/json")
            elif answer and operation.under_v1 and status >= "400" and reference != ERROR_RESPONSE:
                yield Problem(place, f"{called} answers {reference}; every refusal answers an ErrorResponse")


def answers_have_their_headers(document: Object) -> Iterator[Problem]:
    """X-Request-ID everywhere; what a client needs to go on after a 401, 405 or 429; the numbers of a page."""
    for operation in operations(document):
        is_list = action(document, operation)[1] == "list"
        for status, place, answer in answers(document, operation):
            wanted = ["X-Request-ID"] if answer else []
            if answer and operation.under_v1 and status in OF_THEIR_STATUS:
                wanted.append(OF_THEIR_STATUS[status])
            called, is_page = who(operation, status, place), is_list and status == "200" and bool(answer)
            for name in (*wanted, *(PAGING if is_page else ())):
                yield from _header(document, called, place, name, is_certain=True)
            if is_page:
                yield from _header(document, called, place, "Link", is_certain=False)


def limits_are_told(document: Object) -> Iterator[Problem]:
    """Every answer has the headers of the rate limit, required where the caller is known."""
    for operation in operations(document):
        if not operation.under_v1 or operation.is_public:
            continue
        for status, place, answer in answers(document, operation):
            for name in LIMITS if answer else ():
                certain = status not in MAYBE_ANONYMOUS
                yield from _header(document, who(operation, status, place), place, name, is_certain=certain)


def _header(document: Object, answer: str, place: str, name: str, *, is_certain: bool) -> Iterator[Problem]:
    if name not in mapping(follow(document, place)[1].get("headers")):
        yield Problem(place, f"{answer} lacks the header {name}")
        return
    where, header = follow(document, f"{place}/headers/{name}")
    if is_certain and header.get("required") is not True:
        yield Problem(where, f"the header {name} lacks required: true; every answer that uses this has it")
    elif not is_certain and header.get("required") is True:
        yield Problem(where, f"the header {name} cannot be required here; some answers that use this have none")


def headers_that_count_are_integers(document: Object) -> Iterator[Problem]:
    """Clients compute with the numbers of the rate limit and of the page."""
    for operation in operations(document):
        for _, place, answer in answers(document, operation):
            for name in mapping(answer.get("headers")):
                where, header = follow(document, f"{place}/headers/{escaped(name)}")
                if name in (*LIMITS, *PAGING) and follow(document, f"{where}/schema")[1].get("type") != "integer":
                    yield Problem(f"{where}/schema" if "schema" in header else where, f"{name} is no integer")


RULES = (
    refusals_are_documented,
    statuses_are_listed_one_by_one,
    answers_are_named_schemas,
    answers_have_their_headers,
    limits_are_told,
    headers_that_count_are_integers,
)
