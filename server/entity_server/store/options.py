"""The options in a PostgreSQL's URL, behind its question mark.

Tortoise hands on what it does not know, and the driver fails over it in the middle of the start. Here each is known, or
refused by its name; what it is set to may be a password, and is in no message.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from entity_server.store.failures import StoreUnavailable

_TEXTS = ("host", "user", "password", "schema", "application_name")
_LEAST: Mapping[str, int] = MappingProxyType(
    {
        "port": 1,
        "minsize": 0,
        "maxsize": 1,
        "timeout": 1,
        "command_timeout": 1,
        "max_queries": 1,
        "max_inactive_connection_lifetime": 0,
        "statement_cache_size": 0,
        "max_cached_statement_lifetime": 0,
        "max_cacheable_statement_size": 0,
    }
)
_SECONDS = frozenset({"timeout", "command_timeout", "max_inactive_connection_lifetime"})
_SSL = ("sslmode", "ssl")
_MODES: Mapping[str, str | bool] = MappingProxyType(
    {mode: mode for mode in ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")}
    | {"true": True, "false": "disable"}
)


def options(query: str, *, most: int) -> dict[str, Any]:
    """What they are set to, in the driver's words; `most` connections there are without `maxsize`.

    Raises StoreUnavailable.
    """
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _SSL:
            if value not in _MODES:
                raise _refused(name, f"write one of {', '.join(_MODES)}")
            found["ssl"] = _MODES[value]
        elif name in _LEAST:
            found[name] = _number(name, value)
        elif name in _TEXTS:
            found[name] = value
        else:
            known = ", ".join(sorted((*_TEXTS, *_LEAST, *_SSL)))
            raise StoreUnavailable("the database URL has an option that is not known", hint=f"there are {known}")
    if found.get("minsize", 0) > found.get("maxsize", most):
        raise _refused("minsize", f"it is more than maxsize, which is {found.get('maxsize', most)}")
    return found


def _number(name: str, value: str) -> float:
    least = _LEAST[name]
    try:
        number = float(value) if name in _SECONDS else int(value)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= least):
        raise _refused(name, f"write a number from {least} on")
    return number


def _refused(name: str, hint: str) -> StoreUnavailable:
    return StoreUnavailable(f"the database URL has a {name} that cannot be used", hint=hint)
