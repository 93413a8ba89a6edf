"""An answer whose envelope is another than the contract's: `items` for `data`, a record without any. Pure.

That is one fault, and the requirement of the operation says so. What the answer holds is judged all the same: it is
read as it is meant. Nothing is touched where the contract's own member is there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from entity_conformance.deployment.named_fields import named_fields
from entity_conformance.deployment.reply import Reply

SUCCESS, DATA, PAGINATION = "success", "data", "pagination"

_LISTS = frozenset({("GET", 1)})
_RECORDS = frozenset({("POST", 1), ("GET", 2), ("PATCH", 2)})
_METADATA = frozenset({("OPTIONS", 1)})
"""Operations, by method and by the segments of the path."""

_PAGING: Mapping[str, frozenset[str]] = {
    "page": frozenset({"page", "currentpage", "pagenumber", "number", "pageindex"}),
    "limit": frozenset({"limit", "perpage", "pagesize", "size", "itemsperpage", "resultsperpage", "recordsperpage"}),
    "total": frozenset({"total", "totalcount", "totalitems", "totalrecords", "totalelements", "totaldocs"})
    | {"totalresults", "totalrows", "totalhits", "count"},
    "totalPages": frozenset({"totalpages", "pages", "pagecount", "lastpage"}),
    "hasNext": frozenset({"hasnext", "hasnextpage", "hasmore"}),
    "hasPrev": frozenset({"hasprev", "hasprevious", "hasprevpage", "haspreviouspage"}),
}
"""The members of `pagination`, and what others call them; without regard to case, hyphens and underscores."""
_OTHERS: Mapping[str, frozenset[str]] = {
    "hasNext": frozenset({"nextpage", "next"}),
    "hasPrev": frozenset({"prevpage", "previouspage", "prev", "previous"}),
}
"""What some tell in the place of these: the other page, or null."""
_ENDS: Mapping[str, str] = {"hasNext": "last", "hasPrev": "first"}
"""What some tell in the place of these, the other way round."""
_DIGITS = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_ENOUGH = 2
"""Members by which an object is known as `pagination`."""

_REFUSED = 400
"""The status of a refusal whose code tells none."""

NO_RECORDS = f"null in place of [] in {DATA}"
"""What some languages write for a list that holds nothing."""

_OF_A_LIST = frozenset({"items", "results", "records", "rows", "docs", "content", "entries", "list", "result"})
_OF_A_RECORD = frozenset({"record", "item", "result", "entity", "object"})
_Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer's body in the contract's words, and which of them it has others for."""

    body: _Object
    said: tuple[str, ...] = ()


def unwrapped(reply: Reply, path: Sequence[str]) -> Reply:
    """The answer to a request at `path` (below `/api/v1`) with the contract's envelope; as it is where it has that.

    `wrapped` of the answer tells what is in whose place.
    """
    shape = (reply.method, len(path))
    if not reply.is_granted or shape not in _LISTS | _RECORDS | _METADATA:
        return reply
    came = reply.json
    read = (
        _metadata(came) if shape in _METADATA else _list(came, path[0]) if shape in _LISTS else _record(came, path[0])
    )
    if read is None or not read.said:
        return reply
    return _as(reply, read.body, read.said)


def _as(reply: Reply, meant: Mapping[str, object], said: Sequence[str]) -> Reply:
    """The answer with another body; as it came where that is too deep or too long to be written."""
    try:
        return replace(reply, meant=json.dumps(meant).encode(), wrapped=tuple(said))
    except (ValueError, RecursionError):
        return reply


def error_of(reply: Reply) -> Reply:
    """A refusal with the contract's envelope, where its `error` holds the code; any other answer as it is.

    One without any code has as `details` what it says of fields, wherever it says that.
    """
    came = reply.json
    is_refusal = reply.status >= 400 or reply.says_no
    if not is_refusal or not isinstance(came, dict) or isinstance(came.get("code"), str):
        return reply
    inner = came.get("error")
    held: _Object = inner if isinstance(inner, dict) else {}
    code = "code" if isinstance(held.get("code"), str) else "status"  # which some have beside the number of the status
    if not isinstance(held.get(code), str):
        return _with_details(reply, came)
    moved = {name: own for name, own in (("code", code), ("details", "details")) if own in held and name not in came}
    text = held.get("message", held.get("error"))
    meant = {**came, "error": text, **{name: held[own] for name, own in moved.items()}}
    if "details" in moved and not isinstance(held["details"], dict):
        meant["details"] = named_fields(came) or held["details"]
    said = [f"error.{'message' if 'message' in held else 'error'} in place of error"]
    said += [f"error.{own} in place of {name}" for name, own in moved.items()]
    return _as(reply, meant, said)


def _with_details(reply: Reply, came: _Object) -> Reply:
    """The refusal with what it says of fields as its `details`: that its envelope is another is told as a whole."""
    told = named_fields(came)
    return _as(reply, {**came, "details": told}, ()) if told else reply


def refused(reply: Reply, statuses: Mapping[str, int]) -> Reply:
    """A refusal that came by a status of success, with the status of its code, or 400; any other answer as it is.

    That is one mistake, which the requirement about codes and statuses judges. `statuses` has the status of each code.
    """
    if not 200 <= reply.status < 300 or not reply.says_no:
        return reply
    told = reply.json
    code = told.get("code") if isinstance(told, dict) else None
    meant = statuses.get(code, _REFUSED) if isinstance(code, str) else _REFUSED
    return replace(reply, status=meant, came_by=reply.status) if 400 <= meant < 500 else reply


def _list(came: object, collection: str) -> _Read | None:
    if isinstance(came, list):
        bare = (f"an array in place of {DATA} and {PAGINATION}",)
        return _Read({SUCCESS: True, DATA: came}, bare) if _are_records(came) else None
    if not isinstance(came, dict):
        return None
    body, said = dict(came), tuple[str, ...]()
    found = _records_in(came, collection)
    if found is not None:
        place, records, beside = found
        body |= {name: value for name, value in beside.items() if name not in body} | {DATA: records}
        said += (f"{place} in place of {DATA}",)
    elif DATA in came and came[DATA] is None:
        body, said = body | {DATA: []}, (NO_RECORDS,)
    elif not isinstance(came.get(DATA), list):
        return None
    paging, told = _paging(body)
    if said == (NO_RECORDS,) and not (told or isinstance(body.get(PAGINATION), dict)):
        return None  # nothing says that it is a list
    return _Read(body | ({} if paging is None else {PAGINATION: paging}), (*said, *told))


def _records_in(came: _Object, collection: str) -> tuple[str, list[Any], _Object] | None:
    """Where a list has its records, these, and what stands beside them; None where they are not elsewhere."""
    if isinstance(came.get(DATA), list):
        return None
    inner = came.get(DATA)
    held, before = (inner, f"{DATA}.") if isinstance(inner, dict) else (came, "")
    if inner is not None and held is came:
        return None
    names = [
        name
        for name, value in held.items()
        if isinstance(value, list) and _are_records(value) and (value or _is_of_a_list(name, collection))
    ]
    if len(names) != 1:
        return None
    beside = {name: value for name, value in held.items() if name != names[0]} if before else {}
    return f"{before}{names[0]}", held[names[0]], beside


def _are_records(values: Sequence[object]) -> bool:
    return all(isinstance(one, dict) and _has_an_id(one) for one in values)


def _has_an_id(held: Mapping[str, object]) -> bool:
    """Whether it has an id, in whatever spelling: `_id`, `Id`."""
    return any(_folded(name) == "id" for name in held)


def _is_of_a_list(name: str, collection: str) -> bool:
    return _folded(name) in _OF_A_LIST | {_folded(collection)}


def _paging(body: _Object) -> tuple[_Object | None, tuple[str, ...]]:
    """The paging of a list in the contract's words, None where it tells none; and what it has other words for."""
    own = body.get(PAGINATION)
    if isinstance(own, dict):
        place, held = PAGINATION, own
    else:
        outer = [(name, value) for name, value in body.items() if isinstance(value, dict) and name != DATA]
        inner = [(f"{name}.{own}", one) for name, held in outer for own, one in held.items() if isinstance(one, dict)]
        objects = [*outer, *inner]
        alike = [(name, value) for name, value in objects if len(_named(value)) >= _ENOUGH]
        if len(alike) == 1:
            ((place, held),) = alike
        elif len(_named(body)) >= _ENOUGH:
            place, held = "", body
        else:
            return None, ()
    named, before = _named(held), f"{place}." if place else ""
    told = [] if place == PAGINATION else [f"{place or ', '.join(named.values())} in place of {PAGINATION}"]
    told += [f"{before}{other} in place of {PAGINATION}.{name}" for name, other in named.items() if other != name]
    told += [f"a text in place of {PAGINATION}.{name}" for name, other in named.items() if _is_number(held[other])]
    found = {name: int(held[other]) if _is_number(held[other]) else held[other] for name, other in named.items()}
    ends = {name: one for name, one in (_ends(held) if place else {}).items() if name not in named}
    told += [f"{before}{other} in place of {PAGINATION}.{name}" for name, (other, _) in ends.items()]
    rest = held if place else {}
    return {**rest, **found, **{name: is_more for name, (_, is_more) in ends.items()}}, tuple(told)


def _is_number(value: object) -> bool:
    """Whether a text is a number that others write as one."""
    return isinstance(value, str) and _DIGITS.fullmatch(value) is not None


def _ends(held: Mapping[str, object]) -> Mapping[str, tuple[str, bool]]:
    """What tells whether there are pages before and behind, under which name: the end, or the other page."""
    found = {name: (end, not held[end]) for name, end in _ENDS.items() if isinstance(held.get(end), bool)}
    for name, others in _OTHERS.items():
        alike = [one for one in held if _folded(one) in others]
        if len(alike) == 1 and (held[alike[0]] is None or isinstance(held[alike[0]], int | str)):
            found[name] = (alike[0], held[alike[0]] is not None)
    return found


def _named(held: Mapping[str, object]) -> Mapping[str, str]:
    """By the contract's name of a member of `pagination`, the one that this object has for it."""
    found: dict[str, str] = {}
    for name, others in _PAGING.items():
        alike = [one for one, value in held.items() if _folded(one) in others and isinstance(value, int)]
        if name in held or len(alike) == 1:
            found[name] = name if name in held else alike[0]
    return found


def _record(came: object, collection: str) -> _Read | None:
    if not isinstance(came, dict):
        return None
    if DATA not in came:
        if _has_an_id(came):
            return _bare(came, "record")
        return _moved(came, came, "", [name for name, value in came.items() if _is_record(value)])
    data = came[DATA]
    if isinstance(data, list) and len(data) == 1 and _is_record(data[0]):
        return _Read({**came, DATA: data[0]}, (f"{DATA}[0] in place of {DATA}",))
    if not isinstance(data, dict) or len(data) != 1:
        return None
    return _moved(came, data, f"{DATA}.", [name for name in data if _is_one_of(name, collection)])


def _metadata(came: object) -> _Read | None:
    if not isinstance(came, dict):
        return None
    if DATA not in came:
        return _bare(came, "description") if isinstance(came.get("schema"), dict) else None
    data = came[DATA]
    schema = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(schema, list) or not schema:
        return None
    named = {one["name"]: one for one in schema if isinstance(one, dict) and isinstance(one.get("name"), str)}
    if len(named) != len(schema):
        return None
    return _Read({**came, DATA: {**data, "schema": named}}, (f"an array {DATA}.schema in place of {DATA}.schema",))


def _bare(came: _Object, what: str) -> _Read:
    """What came without an envelope."""
    data = {name: value for name, value in came.items() if name != SUCCESS}
    return _Read({SUCCESS: came.get(SUCCESS, True), DATA: data}, (f"the {what} in place of {DATA}",))


def _moved(came: _Object, held: _Object, before: str, names: Sequence[str]) -> _Read | None:
    if len(names) != 1 or not _is_record(held[names[0]]):
        return None
    return _Read({**came, DATA: held[names[0]]}, (f"{before}{names[0]} in place of {DATA}",))


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and _has_an_id(value)


def _is_one_of(name: str, collection: str) -> bool:
    """Whether a member may be called so for holding a record of that collection: `task`, `record`."""
    folded = _folded(name)
    return folded in _OF_A_RECORD or (len(folded) > 1 and _folded(collection).startswith(folded[:-1]))


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
