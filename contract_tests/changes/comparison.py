"""What changed between two contracts: operations, parameters, bodies, answers, security, schemas.

Charter: pure; two documents in, sorted changes out. What a schema's change means is in shapes.py.
"""

from collections.abc import Iterator, Mapping

from contract.operations import METHODS
from contract.references import Json, Object, mapping, sequence, strings, target
from contract_tests.changes.change import Change, addition, breaking
from contract_tests.changes.shapes import Shapes

JSON = "application/json"
Operations = Mapping[tuple[str, str], Object]


def changes(old: Object, new: Object) -> tuple[Change, ...]:
    """Every change from the old document to the new one, sorted, each told once."""
    shapes = Shapes(old, new)
    before, after = _operations(old), _operations(new)
    found = {*_servers(old, new), *_schemes(old, new), *_named_schemas(old, new)}
    found |= {breaking(_title(key), "the operation is gone") for key in before.keys() - after.keys()}
    found |= {addition(_title(key), "a new operation") for key in after.keys() - before.keys()}
    for key in before.keys() & after.keys():
        found |= set(_operation(shapes, key, before[key], after[key]))
    return tuple(sorted(found))


def _operations(document: Object) -> Operations:
    return {
        (path, method): {**mapping(operation), "parameters": _parameters(document, mapping(item), mapping(operation))}
        for path, item in mapping(document.get("paths")).items()
        for method, operation in mapping(item).items()
        if method in METHODS
    }


def _parameters(document: Object, item: Object, operation: Object) -> tuple[Json, ...]:
    """An operation's parameters with those of its path, references followed."""
    listed = (*sequence(item.get("parameters")), *sequence(operation.get("parameters")))
    return tuple(_resolved(document, mapping(parameter)) for parameter in listed)


def _resolved(document: Object, node: Object) -> Object:
    reference = node.get("$ref")
    return target(document, reference)[1] if isinstance(reference, str) else node


def _title(key: tuple[str, str]) -> str:
    path, method = key
    return f"{method.upper()} {path}"


def _servers(old: Object, new: Object) -> Iterator[Change]:
    before, after = (
        [mapping(server).get("url") for server in sequence(document.get("servers"))] for document in (old, new)
    )
    yield from (breaking("servers", f"{url} is gone") for url in before if url not in after)


def _schemes(old: Object, new: Object) -> Iterator[Change]:
    before, after = (mapping(mapping(document.get("components")).get("securitySchemes")) for document in (old, new))
    for name, scheme in before.items():
        if name not in after:
            yield breaking(f"security {name}", "the scheme is gone")
            continue
        was, now = mapping(scheme), mapping(after[name])
        for key in ("type", "scheme", "in", "name"):
            if was.get(key) != now.get(key):
                yield breaking(f"security {name}", f"{key} is {now.get(key)}, was {was.get(key)}")


def _named_schemas(old: Object, new: Object) -> Iterator[Change]:
    before, after = (mapping(mapping(document.get("components")).get("schemas")) for document in (old, new))
    for name in before.keys() - after.keys():
        yield breaking(name, "the schema is gone or has another name: generated clients lose the type")


def _operation(shapes: Shapes, key: tuple[str, str], old: Object, new: Object) -> Iterator[Change]:
    where = _title(key)
    if old.get("operationId") != new.get("operationId"):
        yield breaking(where, f"generated as {new.get('operationId')}, was {old.get('operationId')}")
    if strings(old.get("tags"))[:1] != strings(new.get("tags"))[:1]:
        now, was = strings(new.get("tags")), strings(old.get("tags"))
        yield breaking(where, f"generated under {', '.join(now)}, was under {', '.join(was)}")
    yield from _security(where, old, new)
    yield from _all_parameters(shapes, where, old, new)
    yield from _body(shapes, where, old, new)
    yield from _answers(shapes, where, old, new)


def _security(where: str, old: Object, new: Object) -> Iterator[Change]:
    before, after = (
        {name: strings(scopes) for one in sequence(operation.get("security")) for name, scopes in mapping(one).items()}
        for operation in (old, new)
    )
    if after and not before:
        yield breaking(where, f"needs {' or '.join(after)}, was public")
        return
    for name, scopes in before.items():
        if name not in after:
            if after:
                yield breaking(where, f"no longer takes {name}")
            continue
        yield from (
            breaking(where, f"needs the scope {scope} of {name}") for scope in after[name] if scope not in scopes
        )


def _all_parameters(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    before, after = (
        {(str(one.get("in")), str(one.get("name"))): one for one in map(mapping, sequence(operation["parameters"]))}
        for operation in (old, new)
    )
    for place, name in before.keys() - after.keys():
        yield breaking(f"{where} ?{name}", f"the {place} parameter is gone")
    for place, name in after.keys() - before.keys():
        if after[place, name].get("required"):
            yield breaking(f"{where} ?{name}", f"a new {place} parameter that must be sent")
        else:
            yield addition(f"{where} ?{name}", f"a new {place} parameter")
    for key in before.keys() & after.keys():
        yield from _parameter(shapes, f"{where} ?{key[1]}", before[key], after[key])


def _parameter(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    if new.get("required") and not old.get("required"):
        yield breaking(where, "must be sent now, was optional")
    for key in ("style", "explode"):
        if old.get(key) != new.get(key):
            yield breaking(where, f"{key} is {new.get(key)}, was {old.get(key)}")
    if old.get("x-error-code") != new.get("x-error-code"):
        now, was = (one.get("x-error-code", "VALIDATION_FAILED") for one in (new, old))
        yield breaking(where, f"its failure is {now}, was {was}")
    yield from shapes.changes(where, mapping(old.get("schema")), mapping(new.get("schema")), "request")


def _body(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    before = _resolved(shapes.old, mapping(old.get("requestBody")))
    after = _resolved(shapes.new, mapping(new.get("requestBody")))
    if before and not after:
        yield breaking(where, "takes no body any more")
        return
    if after.get("required") and not before.get("required"):
        yield breaking(where, "needs a body now")
    contents, now = mapping(before.get("content")), mapping(after.get("content"))
    yield from (breaking(where, f"takes no {media} any more") for media in contents.keys() - now.keys())
    if JSON in contents and JSON in now:
        was_schema, schema = (mapping(mapping(one[JSON]).get("schema")) for one in (contents, now))
        yield from shapes.changes(f"{where} body", was_schema, schema, "request")


def _answers(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    before, after = mapping(old.get("responses")), mapping(new.get("responses"))
    for status in before.keys() - after.keys():
        if status.startswith("2"):
            yield breaking(where, f"does not answer {status} any more")
    for status in after.keys() - before.keys():
        tell = breaking if status.startswith("2") else addition
        yield tell(where, f"may answer {status}")
    for status in before.keys() & after.keys():
        was, now = _resolved(shapes.old, mapping(before[status])), _resolved(shapes.new, mapping(after[status]))
        yield from _answer(shapes, f"{where} {status}", was, now)


def _answer(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    headers, now = mapping(old.get("headers")), mapping(new.get("headers"))
    for name, header in headers.items():
        if name not in now:
            yield breaking(where, f"the header {name} is gone")
        elif _always(shapes.old, header) and not _always(shapes.new, now[name]):
            yield breaking(where, f"the header {name} may be absent now")
    before, after = mapping(old.get("content")), mapping(new.get("content"))
    yield from (breaking(where, f"is no {media} any more") for media in before.keys() - after.keys())
    if JSON in before and JSON in after:
        was_schema, schema = (mapping(mapping(one[JSON]).get("schema")) for one in (before, after))
        yield from shapes.changes(f"{where} body", was_schema, schema, "response")


def _always(document: Object, header: Json) -> bool:
    return bool(_resolved(document, mapping(header)).get("required"))
