"""When a fault shows that does not show always: by who asks, by what is asked, by how often."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from struct import pack, unpack
from typing import Any, cast

from entity_contract import Action, Entity

from entity_server.domain.filtering import Condition
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.spoiling import conditions
from entity_server.http.fault import Compose
from entity_server.http.services import Answer, Call, Caller, Handler


def every(number: int) -> Callable[[], bool]:
    """True once in so many times that it is asked: the third time, and then after each `number`."""
    asked = count(number - 2)
    return lambda: next(asked) % number == 0


def single(number: int) -> int:
    """The integer as a number of 32 bits has it."""
    return int(unpack("f", pack("f", number))[0])


def of(call: Call | None, *actions: Action) -> bool:
    """Whether it is a call of one of these actions."""
    return call is not None and call.operation.action in actions


def by_session(call: Call | None) -> bool:
    """Whether a session asks."""
    return call is not None and isinstance(call.caller, Caller) and call.caller.credential == "session"


def by_reader(call: Call | None) -> bool:
    """Whether a key asks that can read and nothing else."""
    return call is not None and isinstance(call.caller, Caller) and call.caller.scopes == {"read"}


def argument(call: Call, name: str) -> str:
    """The first value of a query parameter; nothing where it is not given."""
    return next(iter(call.arguments.get(name, ())), "")


def page_of(answer: Answer) -> dict[str, Any]:
    """The pagination of a list."""
    return cast("dict[str, Any]", (answer.body or {})["pagination"])


def rows_of(answer: Answer) -> list[Record]:
    """The records of a list."""
    return cast("list[Record]", (answer.body or {})["data"])


def with_given(call: Call, name: str, value: str) -> Call:
    """The call with one value of a query parameter."""
    return replace(call, arguments={**call.arguments, name: (value,)})


async def asked(call: Call, handler: Handler, **arguments: str | None) -> Answer:
    """What the handler answers with other arguments; None leaves one out."""
    kept = {name: values for name, values in call.arguments.items() if name not in arguments}
    given = {name: (value,) for name, value in arguments.items() if value is not None}
    return await handler(replace(call, arguments=kept | given))


def dropping(lost: Callable[[Condition], bool]) -> Compose:
    """A store that passes over the conditions of which that is so."""
    return conditions(lambda one: None if lost(one) else one)


def changed_values(change: Callable[[Condition], object]) -> Compose:
    """A store for which the value of a condition is another one."""
    return conditions(lambda one: replace(one, value=cast("Any", change(one))))


def selecting(query: Query, change: Callable[[tuple[Condition, ...]], tuple[Condition, ...]]) -> Query:
    """The query with other conditions."""
    return replace(query, selection=replace(query.selection, conditions=change(query.selection.conditions)))


def free_texts(entity: Entity) -> frozenset[str]:
    """The names of the fields that hold text of any kind; foreign keys hold none."""
    keys = {relation.foreign_key for relation in entity.relations} | {"id"}
    return frozenset(field.name for field in entity.fields if field.type in ("string", "text")) - keys
