"""What changed between two contracts: operations, parameters, bodies, answers, security, schemas.

Pure: two documents in, sorted changes out. What a schema's change means is in shapes.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from entity_contract.changes.change import Change, addition, breaking
from entity_contract.changes.shapes import Shapes
from entity_contract.operations import METHODS
from entity_contract.operators import FIELD_TYPES
from entity_contract.references import Json, Object, mapping, sequence, strings, target

JSON = "application/json"
Operation = tuple[str, Object]
"""An operation as the document writes its path, and its facts."""


def changes(old: Object, new: Object) -> tuple[Change, ...]:
    """Every change from the old document to the new one, sorted, each told once."""
    shapes = Shapes(old, new)
    before, after = _operations(old), _operations(new)
    found = {*_servers(old, new), *_schemes(old, new), *_named_schemas(old, new)}
    found |= {breaking(before[key][0], "the operation is gone") for key in before.keys() - after.keys()}
    found |= {addition(after[key][0], "a new operation") for key in after.keys() - before.keys()}
    for key in before.keys() & after.keys():
        found |= set(_operation(shapes, before[key], after[key]))
    return tuple(sorted(found))


def _operations(document: Object) -> Mapping[tuple[str, str], Operation]:
    """The operations by what a request sees of them: the method, and the path whatever its parameters are called."""
    return {
        (re.sub(r"\{[^}]*\}", "{}", path), method): (
            f"{method.upper()} {path}",
            {
                "security": document.get("security"),
                **mapping(operation),
                "parameters": _parameters(document, mapping(item), mapping(operation)),
            },
        )
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


def _servers(old: Object, new: Object) -> Iterator[Change]:
    before, after = (
        [mapping(server).get("url") for server in sequence(document.get("servers"))] for document in (old, new)
    )
    yield from (breaking("servers", f"{url} is gone") for url in before if url not in after)
    if before and before[0] in after[1:]:
        yield breaking("servers", f"clients use {after[0]} unless told otherwise, used {before[0]}")


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


def _operation(shapes: Shapes, before: Operation, after: Operation) -> Iterator[Change]:
    (where, old), (_, new) = before, after
    if old.get("operationId") != new.get("operationId"):
        yield breaking(where, f"generated as {new.get('operationId')}, was {old.get('operationId')}")
    if strings(old.get("tags"))[:1] != strings(new.get("tags"))[:1]:
        now, was = strings(new.get("tags")), strings(old.get("tags"))
        yield breaking(where, f"generated under {', '.join(now)}, was under {', '.join(was)}")
    yield from _security(where, old, new)
    yield from _all_parameters(shapes, before, after)
    yield from _body(shapes, where, old, new)
    yield from _answers(shapes, where, old, new)


def _security(where: str, old: Object, new: Object) -> Iterator[Change]:
    """Who could call it can call it still: for each way in there is one that asks for nothing more."""
    before, after = _ways_in(old), _ways_in(new)
    for was in before:
        asked = [now for now in after if was.keys() >= now.keys()]
        if not was and not asked:
            yield breaking(where, f"needs {' or '.join(map(_credentials, after))}, was public")
        elif not asked:
            beside = [now for now in after if was.keys() < now.keys()]
            needed = f"takes {_credentials(was)} only together with {_credentials(beside[0], was)}" if beside else ""
            yield breaking(where, needed or f"no longer takes {_credentials(was)}")
        elif not any(all(set(now[name]) <= set(was[name]) for name in now) for now in asked):
            more = {(name, scope) for now in asked for name in now for scope in now[name] if scope not in was[name]}
            yield from (breaking(where, f"needs the scope {scope} of {name}") for name, scope in more)


def _ways_in(operation: Object) -> Sequence[Mapping[str, tuple[str, ...]]]:
    """The alternatives of `security`, each with its schemes and their scopes; none at all is one that asks nothing."""
    ways = [
        {name: strings(scopes) for name, scopes in mapping(one).items()} for one in sequence(operation.get("security"))
    ]
    return ways or [{}]


def _credentials(way: Mapping[str, object], known: Mapping[str, object] | None = None) -> str:
    return " with ".join(name for name in way if name not in (known or {}))


def _all_parameters(shapes: Shapes, old: Operation, new: Operation) -> Iterator[Change]:
    (where, _), (moved, _) = old, new
    renamed = {("path", was): ("path", now) for was, now in zip(_in_path(where), _in_path(moved), strict=True)}
    for (_, was), (_, now) in renamed.items():
        if was != now:
            yield breaking(f"{where} ?{was}", f"is {now} in generated clients; the path is the same")
    before = {renamed.get(key, key): parameter for key, parameter in _by_place(old[1]).items()}
    after = _by_place(new[1])
    for place, name in before.keys() - after.keys():
        yield breaking(f"{where} ?{name}", f"the {place} parameter is gone")
    for place, name in after.keys() - before.keys():
        if after[place, name].get("required"):
            yield breaking(f"{where} ?{name}", f"a new {place} parameter that must be sent")
        else:
            yield addition(f"{where} ?{name}", f"a new {place} parameter")
    kept = [key for key in before if key in after]
    for place, name in kept:
        yield from _parameter(shapes, f"{where} ?{name}", before[place, name], after[place, name])
    if [key for key in after if key in before] != kept or list(after)[: len(kept)] != kept:
        yield breaking(where, "its parameters come in another order: generated methods take them by position")


def _by_place(operation: Object) -> dict[tuple[str, str], Object]:
    """An operation's parameters by place and name, those that must be sent first, as generated methods take them."""
    listed = sorted(map(mapping, sequence(operation["parameters"])), key=lambda one: not one.get("required"))
    return {(str(one.get("in")), str(one.get("name"))): one for one in listed}


def _in_path(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)


def _parameter(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    if new.get("required") and not old.get("required"):
        yield breaking(where, "must be sent now, was optional")
    for key, was, now in zip(("style", "explode"), _wire(old), _wire(new), strict=True):
        if was != now:
            yield breaking(where, f"{key} is {now}, was {was}")
    if old.get("x-error-code") != new.get("x-error-code"):
        now, was = (one.get("x-error-code", "VALIDATION_FAILED") for one in (new, old))
        yield breaking(where, f"its failure is {now}, was {was}")
    yield from _operators(where, mapping(old.get("x-operators")), mapping(new.get("x-operators")))
    yield from shapes.changes(where, mapping(old.get("schema")), mapping(new.get("schema")), "request")


def _operators(where: str, old: Object, new: Object) -> Iterator[Change]:
    """What a filter can ask; nothing can be told where the older document does not state it."""
    for name, stated in old.items():
        was, now = mapping(stated), mapping(new.get(name))
        if name not in new:
            yield breaking(where, f"the operator {name} is gone")
            continue
        if was.get("operand") != now.get("operand"):
            yield breaking(where, f"{name} takes a {now.get('operand')}, took a {was.get('operand')}")
        types, kept = strings(was.get("types")) or FIELD_TYPES, strings(now.get("types")) or FIELD_TYPES
        lost = [type_ for type_ in types if type_ not in kept]
        if lost:
            yield breaking(where, f"{name} is no longer for fields of the type {', '.join(lost)}")
    yield from (addition(where, f"a new operator {name}") for name in new if old and name not in old)


def _wire(parameter: Object) -> tuple[Json, Json]:
    """Style and explode, as they are when nothing is said of them."""
    style = parameter.get("style", "form" if parameter.get("in") in ("query", "cookie") else "simple")
    return style, parameter.get("explode", style == "form")


def _body(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    before = _resolved(shapes.old, mapping(old.get("requestBody")))
    after = _resolved(shapes.new, mapping(new.get("requestBody")))
    if before and not after:
        yield breaking(where, "takes no body any more")
        return
    if after.get("required") and not before.get("required"):
        yield breaking(where, "needs a body now")
    elif after and not before:
        yield addition(where, "takes a body")
    contents, now = mapping(before.get("content")), mapping(after.get("content"))
    yield from (breaking(where, f"takes no {media} any more") for media in contents.keys() - now.keys())
    if JSON in contents and JSON in now:
        was_schema, schema = (mapping(mapping(one[JSON]).get("schema")) for one in (contents, now))
        yield from shapes.changes(f"{where} body", was_schema, schema, "request")


def _answers(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    before, after = mapping(old.get("responses")), mapping(new.get("responses"))
    gone, fresh = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    refusals_gone, refusals = ([one for one in listed if not one.startswith("2")] for listed in (gone, fresh))
    if refusals_gone and refusals:
        yield breaking(where, f"may answer {', '.join(refusals)}, and {', '.join(refusals_gone)} no more")
    else:
        yield from (addition(where, f"does not answer {status} any more") for status in refusals_gone)
        yield from (addition(where, f"may answer {status}") for status in refusals)
    yield from (breaking(where, f"does not answer {status} any more") for status in gone if status.startswith("2"))
    yield from (breaking(where, f"may answer {status}") for status in fresh if status.startswith("2"))
    for status in before.keys() & after.keys():
        was, now = _resolved(shapes.old, mapping(before[status])), _resolved(shapes.new, mapping(after[status]))
        yield from _answer(shapes, f"{where} {status}", was, now)


def _answer(shapes: Shapes, where: str, old: Object, new: Object) -> Iterator[Change]:
    headers, headers_now = mapping(old.get("headers")), mapping(new.get("headers"))
    for name in headers:
        if name not in headers_now:
            yield breaking(where, f"the header {name} is gone")
            continue
        was = _resolved(shapes.old, mapping(headers[name]))
        now = _resolved(shapes.new, mapping(headers_now[name]))
        if was.get("required") and not now.get("required"):
            yield breaking(where, f"the header {name} may be absent now")
        yield from shapes.changes(f"header {name}", mapping(was.get("schema")), mapping(now.get("schema")), "response")
    before, after = mapping(old.get("content")), mapping(new.get("content"))
    yield from (breaking(where, f"is no {media} any more") for media in before.keys() - after.keys())
    if JSON in before and JSON in after:
        was_schema, schema = (mapping(mapping(one[JSON]).get("schema")) for one in (before, after))
        yield from shapes.changes(f"{where} body", was_schema, schema, "response")
