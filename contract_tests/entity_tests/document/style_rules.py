"""How openapi.yaml itself is written, beyond what any contract must be: a contract in, a sentence for each breach out.

Pure. What server and runner ask of a contract is in `entity_contract.rules`; what a linter can see is left to the
linters. Each rule is proven by a fault planted in planted_faults.py.
"""

from collections.abc import Callable, Iterator
from typing import Final

from entity_contract import Contract, Operation
from entity_contract.references import Json, Object, at, mapping, pointer, references, sequence, strings, target
from entity_contract.rules.answers import refusals
from entity_contract.rules.examples import FORMATS
from entity_contract.rules.view import nodes, operations

Rule = Callable[[Contract], Iterator[str]]

KEYWORDS_OF: Final = {
    "minLength": "string", "maxLength": "string", "pattern": "string",
    "minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
    "multipleOf": "number", "items": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
    "properties": "object", "required": "object", "additionalProperties": "object", "minProperties": "object",
}  # fmt: skip
_TYPES = frozenset({"string", "number", "array", "object", "boolean", "null"})


def facts(contract: Contract, operation: Operation) -> Object:
    """The operation as it is written."""
    return mapping(contract.at(operation.pointer))


def answers(contract: Contract, operation: Operation) -> dict[str, Object]:
    """The operation's responses by status, references followed."""
    return {
        status: target(contract.document, f"{operation.pointer}/responses/{status}")[1]
        for status in mapping(facts(contract, operation)["responses"])
    }


def _resolved(contract: Contract, node: Object) -> Object:
    reference = node.get("$ref")
    return contract.target(reference) if isinstance(reference, str) else node


def examples_stand_in_one_place(contract: Contract) -> Iterator[str]:
    """`example` or `examples`, never both: tools show one of them, and not the same one."""
    for _, holder in nodes(contract.document):
        if {"schema", "example", "examples"} <= holder.keys():
            yield f"example and examples beside the schema {holder['schema']}"


def formats_are_known(contract: Contract) -> Iterator[str]:
    """A format is one that the examples' test asserts; a misspelt one would assert nothing."""
    used = {node["format"] for _, node in nodes(contract.document) if isinstance(node.get("format"), str)}
    yield from (f"nobody knows the format {name}" for name in sorted(map(str, used)) if name not in FORMATS.checkers)


def keywords_fit_their_type(contract: Contract) -> Iterator[str]:
    """A keyword of another type (`maxLength` of an integer) constrains nothing, though it reads as if it did."""
    for _, node in nodes(mapping(contract.document["components"])):
        declared = node.get("type")
        named = (declared,) if isinstance(declared, str) else strings(declared)
        types = {"number" if name == "integer" else name for name in named}
        for keyword in KEYWORDS_OF.keys() & node.keys() if types <= _TYPES else ():
            if types and KEYWORDS_OF[keyword] not in types:
                yield f"{keyword} says nothing of a schema whose type is {declared}"


def links_take_what_the_answer_shows(contract: Contract) -> Iterator[str]:
    """Where a link takes a value from the answer, the answer's example has one."""
    for operation in contract.operations:
        for status, answer in answers(contract, operation).items():
            for name, link in mapping(answer.get("links")).items():
                for value in mapping(_resolved(contract, mapping(link)).get("parameters")).values():
                    if isinstance(value, str) and not _in(contract, answer, value):
                        yield f"{operation.id} {status}, link {name}: the answer's example holds nothing at {value}"


def _in(contract: Contract, answer: Object, expression: str) -> bool:
    place = expression.removeprefix("$response.body")
    if place == expression:
        return True
    try:
        return all(at(mapping(value), place) is not None for value in _shown(contract, answer))
    except KeyError:
        return False


def _shown(contract: Contract, answer: Object) -> Iterator[Json]:
    return _examples(contract, mapping(mapping(answer.get("content")).get("application/json")))


def _examples(contract: Contract, media: Object) -> Iterator[Json]:
    """The values that a media type shows."""
    if "example" in media:
        yield media["example"]
    for example in mapping(media.get("examples")).values():
        yield _resolved(contract, mapping(example))["value"]


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


def tags_are_used(contract: Contract) -> Iterator[str]:
    """Every tag has an operation, and every operation a tag of the list."""
    declared = {mapping(tag)["name"] for tag in sequence(contract.document["tags"])}
    used = {tag for operation in contract.operations for tag in strings(facts(contract, operation).get("tags"))}
    yield from (f"the tag {tag} is declared and used, or neither" for tag in sorted(map(str, declared ^ used)))


def operations_are_described(contract: Contract) -> Iterator[str]:
    """Summary, description and one tag."""
    for operation in contract.operations:
        described = facts(contract, operation)
        for key in ("summary", "description"):
            if not str(described.get(key, "")).strip():
                yield f"{operation.id} has no {key}"
        if len(strings(described.get("tags"))) != 1:
            yield f"{operation.id} has one tag"


def refusals_are_those_that_come(contract: Contract) -> Iterator[str]:
    """An operation documents no error that it never answers."""
    for written in operations(contract.document):
        expected = refusals(contract.document, written)
        documented = {status for status in mapping(written.facts.get("responses")) if status >= "400"}
        yield from (f"{written.name} never answers {status}" for status in sorted(documented - expected))


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
        if operation.body and not list(_shown(contract, _body(contract, operation))):
            yield f"{operation.id} takes a body that has no example"


def _body(contract: Contract, operation: Operation) -> Object:
    return target(contract.document, f"{operation.pointer}/requestBody")[1]


def examples_of_ids_are_those_of_records(contract: Contract) -> Iterator[str]:
    """The id in a path's example is that of the record that its READ shows."""
    for operation in (operation for operation in contract.operations if operation.action == "read"):
        named = {parameter.name: parameter for parameter in operation.parameters}["id"]
        example = target(contract.document, named.pointer)[1].get("example")
        for value in _shown(contract, answers(contract, operation).get("200", {})):
            if example != mapping(mapping(value)["data"]).get("id"):
                yield f"{operation.id}: the path's example names {example}, and the answer shows another record"


def names_stand_in_the_order_of_the_record(contract: Contract) -> Iterator[str]:
    """What lists fields or relations lists them as the record does."""
    for entity in contract.entities:
        fields = [field.name for field in entity.fields]
        for suffix, order in (
            ("Field", fields),
            ("SortField", [name for name in fields if name in entity.sortable]),
            ("Relation", [relation.name for relation in entity.relations]),
        ):
            if [*strings(contract.target(f"{entity.record_schema}{suffix}").get("enum"))] != order:
                yield f"{entity.title}{suffix} has another order than {entity.title}: {', '.join(order)}"


def pages_add_up(contract: Contract) -> Iterator[str]:
    """The example of a page is one that could be: its numbers agree with each other."""
    for operation in (operation for operation in contract.operations if operation.action == "list"):
        for value in _shown(contract, answers(contract, operation).get("200", {})):
            told = mapping(mapping(value).get("pagination"))
            page, limit, total, pages = (int(str(told[key])) for key in ("page", "limit", "total", "totalPages"))
            if (pages, told["hasNext"], told["hasPrev"]) != (-(-total // limit), page < pages, page > 1):
                yield f"{operation.id}: the example's pagination contradicts itself"


RULES: tuple[Rule, ...] = (
    examples_stand_in_one_place,
    formats_are_known,
    keywords_fit_their_type,
    links_take_what_the_answer_shows,
    components_are_used,
    tags_are_used,
    operations_are_described,
    refusals_are_those_that_come,
    answers_have_examples,
    bodies_have_examples,
    examples_of_ids_are_those_of_records,
    names_stand_in_the_order_of_the_record,
    pages_add_up,
)
