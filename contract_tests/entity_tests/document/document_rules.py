"""What a linter cannot see in openapi.yaml, as rules: a contract in, a sentence for each breach out.

Charter: pure. A document comes here when it is valid and keeps the house rules (`entity_contract.house_rules`), which
server and runner ask of any document; these are asked of openapi.yaml alone. Each rule is proven by a fault planted in
document_faults.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from entity_contract import Contract, Operation
from entity_contract.references import (
    Json,
    Object,
    at,
    mapping,
    pointer,
    references,
    sequence,
    strings,
    target,
)

from entity_tests.document.document_examples import Example, examples, fault, known_formats, shown

Rule = Callable[[Contract], Iterator[str]]

BARE_METHODS = ("GET", "DELETE", "OPTIONS")
LIMITS = frozenset({"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"})
PAGING = frozenset({"X-Total-Count", "X-Page", "X-Per-Page"})
MAYBE_ANONYMOUS = ("401", "405", "500", "503")
"""Answers that may go to a caller who could not be told apart, and then carry no limits."""
OF_THEIR_STATUS = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}
SCOPES = {"list": "read", "read": "read", "create": "write", "update": "write", "delete": "delete", "metadata": None}
GENERATED = frozenset({"id", "createdAt", "updatedAt"})
KEYWORDS_OF: Final = {
    "minLength": "string", "maxLength": "string", "pattern": "string",
    "minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
    "multipleOf": "number", "items": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
    "properties": "object", "required": "object", "additionalProperties": "object", "minProperties": "object",
}  # fmt: skip


def facts(contract: Contract, operation: Operation) -> Object:
    """The operation as it is written."""
    return mapping(contract.at(operation.pointer))


def answers(contract: Contract, operation: Operation) -> dict[str, Object]:
    """The operation's responses by status, references followed."""
    return {
        status: target(contract.document, f"{operation.pointer}/responses/{status}")[1]
        for status in mapping(facts(contract, operation)["responses"])
    }


def required_headers(contract: Contract, answer: Object) -> frozenset[str]:
    """The headers that every such answer carries."""
    headers = mapping(answer.get("headers")).items()
    return frozenset(name for name, header in headers if _resolved(contract, mapping(header)).get("required") is True)


def _resolved(contract: Contract, node: Object) -> Object:
    reference = node.get("$ref")
    return contract.target(reference) if isinstance(reference, str) else node


def nodes(node: Json) -> Iterator[Object]:
    """Every object below a node, examples left out: they hold anything."""
    if isinstance(node, Mapping):
        yield node
        for key, child in node.items():
            yield from nodes(child) if key not in ("example", "examples") else ()
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for child in node:
            yield from nodes(child)


def examples_are_valid(contract: Contract) -> Iterator[str]:
    """An example or default satisfies its schema, formats included."""
    yield from (problem for example in examples(contract) if (problem := fault(contract, example)) is not None)


def examples_stand_in_one_place(contract: Contract) -> Iterator[str]:
    """`example` or `examples`, never both: tools show one of them, and not the same one."""
    for holder in nodes(contract.document):
        if {"schema", "example", "examples"} <= holder.keys():
            yield f"example and examples beside the schema {holder['schema']}"


def formats_are_known(contract: Contract) -> Iterator[str]:
    """A format is one that the examples' test asserts; a misspelt one would assert nothing."""
    used = {node["format"] for node in nodes(contract.document) if isinstance(node.get("format"), str)}
    yield from (f"nobody knows the format {name}" for name in sorted(map(str, used)) if name not in known_formats())


def keywords_fit_their_type(contract: Contract) -> Iterator[str]:
    """A keyword of another type (`maxLength` of an integer) constrains nothing, though it reads as if it did."""
    for node in nodes(mapping(contract.document["components"])):
        declared = node.get("type")
        named = (declared,) if isinstance(declared, str) else strings(declared)
        types = {"number" if name == "integer" else name for name in named}
        for keyword in KEYWORDS_OF.keys() & node.keys() if types <= _TYPES else ():
            if types and KEYWORDS_OF[keyword] not in types:
                yield f"{keyword} says nothing of a schema whose type is {declared}"


_TYPES = frozenset({"string", "number", "array", "object", "boolean", "null"})


def links_lead_somewhere(contract: Contract) -> Iterator[str]:
    """A link names an operation that exists, parameters that it has, and places in the answer that there are."""
    known = {operation.id: operation for operation in contract.operations}
    for operation in contract.operations:
        for status, answer in answers(contract, operation).items():
            for name, link in mapping(answer.get("links")).items():
                where, described = f"{operation.id} {status}, link {name}", _resolved(contract, mapping(link))
                called = known.get(str(described.get("operationId")))
                if called is None:
                    yield f"{where}: there is no operation {described.get('operationId')}"
                    continue
                takes = {parameter.name for parameter in called.parameters}
                for parameter, value in mapping(described.get("parameters")).items():
                    if parameter not in takes:
                        yield f"{where}: {called.id} has no parameter {parameter}"
                    if (
                        isinstance(value, str)
                        and value.startswith("$response.body#")
                        and not _in(contract, answer, value)
                    ):
                        yield f"{where}: the answer's example holds nothing at {value}"


def _in(contract: Contract, answer: Object, expression: str) -> bool:
    place = expression.removeprefix("$response.body")
    try:
        return all(at(mapping(value), place) is not None for value in _shown(contract, answer))
    except KeyError:
        return False


def _shown(contract: Contract, answer: Object) -> Iterator[Json]:
    return shown(contract, mapping(mapping(answer.get("content")).get("application/json")))


def components_are_used(contract: Contract) -> Iterator[str]:
    """A component that nobody uses is a mistake or a leftover."""
    named = mapping(contract.document["components"])
    used = {reference for _, reference in references(contract.document)}
    used |= {pointer("components", "securitySchemes", name) for name in _roles(contract)}
    all_of_them = {pointer("components", kind, name) for kind, listed in named.items() for name in mapping(listed)}
    yield from (f"{place} is not used" for place in sorted(all_of_them - used))


def _roles(contract: Contract) -> dict[str, set[str]]:
    roles: dict[str, set[str]] = {}
    for operation in contract.operations:
        for requirement in sequence(facts(contract, operation)["security"]):
            for scheme, asked in mapping(requirement).items():
                roles.setdefault(scheme, set()).update(strings(asked))
    return roles


def credentials_are_those_of_the_reference(contract: Contract) -> Iterator[str]:
    """Keys have three scopes, sessions none; a key is a bearer token, a session a cookie."""
    if _roles(contract) != {"apiKey": {"read", "write", "delete"}, "session": set()}:
        yield f"operations ask for {_roles(contract)}"
    schemes = mapping(mapping(contract.document["components"])["securitySchemes"])
    key, session = mapping(schemes.get("apiKey")), mapping(schemes.get("session"))
    if (key.get("type"), key.get("scheme")) != ("http", "bearer"):
        yield "an API key is sent as a bearer token (http, bearer)"
    if (session.get("type"), session.get("in")) != ("apiKey", "cookie"):
        yield "a session is sent as a cookie (apiKey in cookie)"


def tags_are_used(contract: Contract) -> Iterator[str]:
    """Every tag has an operation, and every operation a tag of the list."""
    declared = {mapping(tag)["name"] for tag in sequence(contract.document["tags"])}
    used = {tag for operation in contract.operations for tag in strings(facts(contract, operation).get("tags"))}
    yield from (f"the tag {tag} is declared and used, or neither" for tag in sorted(map(str, declared ^ used)))


def operations_are_described(contract: Contract) -> Iterator[str]:
    """Summary, description, operationId and one tag."""
    for operation in contract.operations:
        described = facts(contract, operation)
        for key in ("summary", "description", "operationId"):
            if not str(described.get(key, "")).strip():
                yield f"{operation.id} has no {key}"
        if len(strings(described.get("tags"))) != 1:
            yield f"{operation.id} has one tag"


def bodies_are_where_they_belong(contract: Contract) -> Iterator[str]:
    """What writes requires a body; what reads, deletes or describes takes none."""
    for operation in contract.operations:
        if operation.method in BARE_METHODS and "requestBody" in facts(contract, operation):
            yield f"{operation.id}: {operation.method} has no body"
        if operation.method not in BARE_METHODS and not operation.body_required:
            yield f"{operation.id}: {operation.method} requires a body"


def refusals_are_documented(contract: Contract) -> Iterator[str]:
    """An operation documents the errors that it can answer, and no others."""
    for operation in contract.operations:
        expected = {"405", "500", "503"}
        expected |= {"401", "404", "429"} if operation.credentials else set()
        expected |= {"403"} if operation.scope else set()
        queried = any(parameter.location == "query" for parameter in operation.parameters)
        expected |= {"400"} if operation.body or queried else set()
        expected |= {"413", "422"} if operation.body else set()
        expected |= {"402"} if operation.id == "generateText" else set()
        documented = {status for status in answers(contract, operation) if status >= "400"}
        yield from (f"{operation.id} documents {status}, or should" for status in sorted(documented ^ expected))


def answers_have_examples(contract: Contract) -> Iterator[str]:
    """Every answer shows an example; an error shows each code of its status, and none of another."""
    for operation in contract.operations:
        for status, answer in answers(contract, operation).items():
            values = list(_shown(contract, answer))
            if not values:
                yield f"{operation.id} {status} has no example"
            codes = {str(mapping(value)["code"]) for value in values if "code" in mapping(value)}
            expected = set(contract.errors.codes_for(int(status)))
            if "error" in mapping(values[0] if values else None) and codes != expected:
                yield f"{operation.id} {status} shows {sorted(codes)}, and may answer {sorted(expected)}"


def bodies_have_examples(contract: Contract) -> Iterator[str]:
    """Every body that an operation takes shows an example."""
    for operation in contract.operations:
        if operation.body and not list(
            shown(contract, mapping(contract.at(_media(contract, operation, "requestBody"))))
        ):
            yield f"{operation.id} takes a body that has no example"


def made_examples_are_valid(contract: Contract) -> Iterator[str]:
    """What the parts' examples make in an envelope satisfies the whole."""
    for operation in contract.operations:
        for status in answers(contract, operation):
            media = _media(contract, operation, f"responses/{status}")
            for value in shown(contract, mapping(contract.at(media))):
                problem = fault(contract, Example(media, f"{media}/schema", value))
                yield from (problem,) if problem else ()


def _media(contract: Contract, operation: Operation, part: str) -> str:
    return f"{target(contract.document, f'{operation.pointer}/{part}')[0]}/content/application~1json"


def limits_are_told(contract: Contract) -> Iterator[str]:
    """An operation that is limited says so in every answer's headers, always where the caller is known."""
    for operation in (operation for operation in contract.operations if operation.credentials):
        for status, answer in answers(contract, operation).items():
            documented, certain = set(mapping(answer.get("headers"))), required_headers(contract, answer)
            yield from (f"{operation.id} {status} has no {name}" for name in sorted(LIMITS - documented))
            if (certain >= LIMITS) != (status not in MAYBE_ANONYMOUS):
                yield f"{operation.id} {status}: the rate limit's headers are required, or should be"


def headers_that_count_are_integers(contract: Contract) -> Iterator[str]:
    """Clients compute with the rate limit's and the page's numbers."""
    headers = {header for operation in contract.operations for one in operation.responses for header in one.headers}
    for header in headers:
        if header.name in LIMITS | PAGING and contract.target(header.schema).get("type") != "integer":
            yield f"{header.name} is an integer"


def answers_have_the_headers_of_their_status(contract: Contract) -> Iterator[str]:
    """X-Request-ID everywhere; what a client needs to go on after a 401, 405 or 429."""
    for operation in contract.operations:
        for status, answer in answers(contract, operation).items():
            wanted = {"X-Request-ID", OF_THEIR_STATUS.get(status, "X-Request-ID")}
            missing = sorted(wanted - required_headers(contract, answer))
            yield from (f"{operation.id} {status} does not require the header {name}" for name in missing)


def pages_have_paging_headers(contract: Contract) -> Iterator[str]:
    """A page requires the paging headers and may carry links."""
    for operation in (operation for operation in contract.operations if operation.action == "list"):
        page = answers(contract, operation).get("200", {})
        certain = required_headers(contract, page)
        yield from (f"{operation.id} does not require the header {name}" for name in sorted(PAGING - certain))
        if "Link" in certain or "Link" not in mapping(page.get("headers")):
            yield f"{operation.id} may carry the header Link"


def operations_need_the_scope_of_their_action(contract: Contract) -> Iterator[str]:
    """Reading needs read, writing write, deleting delete; metadata none."""
    for operation in contract.operations:
        if operation.action is not None and operation.scope != SCOPES[operation.action]:
            yield f"{operation.id} needs the scope {operation.scope}, and should need {SCOPES[operation.action]}"


def entities_have_their_own_bodies_and_answers(contract: Contract) -> Iterator[str]:
    """An operation takes and answers the schemas of its own entity: a copied block of paths forgets that easily."""
    for operation in contract.operations:
        entity = contract.entity(operation.entity or "")
        if entity is None:
            continue
        answer = {
            "delete": "MessageResponse",
            "metadata": "EntityMetadataResponse",
            "list": f"{entity.title}ListResponse",
        }
        body = {"create": f"{entity.title}Create", "update": f"{entity.title}Update"}.get(str(operation.action))
        expected = answer.get(str(operation.action), f"{entity.title}Response")
        found = [response.schema.rpartition("/")[2] for response in operation.responses if response.status < 300]
        if found != [expected]:
            yield f"{operation.id} answers {', '.join(found)}, and should answer {expected}"
        if body is not None and (operation.body or "").rpartition("/")[2] != body:
            yield f"{operation.id} takes {operation.body}, and should take {body}"


def errors_are_error_responses(contract: Contract) -> Iterator[str]:
    """Every refusal under /v1 has the one envelope of errors."""
    for operation in contract.operations:
        for response in operation.responses:
            envelope = response.schema.endswith("/ErrorResponse")
            if response.status >= 400 and not envelope and operation.path.startswith("/v1/"):
                yield f"{operation.id} {response.status} answers an ErrorResponse"


def bodies_hold_the_fields_of_their_entity(contract: Contract) -> Iterator[str]:
    """A field that is written can be read; Create and Update say the same of it; sorting is by a field."""
    schemas = mapping(mapping(contract.document["components"])["schemas"])
    for entity in contract.entities:
        fields = {field.name for field in entity.fields}
        create, update = (
            mapping(mapping(schemas.get(f"{entity.title}{body}")).get("properties")) for body in ("Create", "Update")
        )
        for name in sorted({*create, *update} - (fields - GENERATED)):
            yield f"{entity.title} has no field {name} that a client could write"
        for name in sorted(create.keys() | update.keys() if create and update else ()):
            if _constraints(create.get(name)) != _constraints(update.get(name)):
                yield f"{entity.title}Create and {entity.title}Update say different things of {name}"
        sorts = strings(mapping(schemas.get(f"{entity.title}SortField")).get("enum"))
        yield from (f"{entity.title}SortField: {name} is no field" for name in sorts if name not in fields)
        if "required" in mapping(schemas.get(f"{entity.title}Update")):
            yield f"{entity.title}Update requires nothing"


def _constraints(schema: Json) -> dict[str, Json]:
    return {key: value for key, value in mapping(schema).items() if key not in ("default", "description", "examples")}


def pages_add_up(contract: Contract) -> Iterator[str]:
    """The example of a page is one that could be: its numbers agree with each other."""
    for operation in (operation for operation in contract.operations if operation.action == "list"):
        for value in _shown(contract, answers(contract, operation).get("200", {})):
            told = mapping(mapping(value).get("pagination"))
            page, limit, total, pages = (int(str(told[key])) for key in ("page", "limit", "total", "totalPages"))
            if (pages, told["hasNext"], told["hasPrev"]) != (-(-total // limit), page < pages, page > 1):
                yield f"{operation.id}: the example's pagination contradicts itself"


RULES: tuple[Rule, ...] = (
    examples_are_valid,
    examples_stand_in_one_place,
    formats_are_known,
    keywords_fit_their_type,
    links_lead_somewhere,
    components_are_used,
    credentials_are_those_of_the_reference,
    tags_are_used,
    operations_are_described,
    bodies_are_where_they_belong,
    refusals_are_documented,
    answers_have_examples,
    bodies_have_examples,
    made_examples_are_valid,
    limits_are_told,
    headers_that_count_are_integers,
    answers_have_the_headers_of_their_status,
    pages_have_paging_headers,
    operations_need_the_scope_of_their_action,
    entities_have_their_own_bodies_and_answers,
    errors_are_error_responses,
    bodies_hold_the_fields_of_their_entity,
    pages_add_up,
)
