"""What must hold: the verbs of every check, over an answer or a plain value.

Pure: nothing is sent here and no clock is read. A verb returns quietly (or returns what it read) or raises Violation
with the expectation and what was found. These judgements are the suite's own reading of the reference; no code is
shared with the server's. A missing verb is added here, never spelled out in a check.
"""

from conformance.expect.answers import (
    by_status,
    envelope,
    error,
    no_server_error,
    refused,
    status,
    success,
)
from conformance.expect.choices import choice, same
from conformance.expect.headers import (
    RateLimit,
    allowed_methods,
    header,
    integer_header,
    json_media_type,
    link,
    no_header,
    no_link,
    no_rate_limit,
    rate_limit,
)
from conformance.expect.leaks import no_leak
from conformance.expect.records import exactly, excludes, has, holds, ids, in_order, includes, names, no_duplicates
from conformance.expect.schema import schema
from conformance.expect.times import after, near, not_before, resolution, same_instant, timestamp
from conformance.expect.values import (
    array,
    ascending,
    at_least,
    at_most,
    contains,
    descending,
    different,
    equal,
    integer,
    is_null,
    lacks,
    length,
    mapping,
    number,
    one_of,
    text,
)

__all__ = [
    "RateLimit",
    "after",
    "allowed_methods",
    "array",
    "ascending",
    "at_least",
    "at_most",
    "by_status",
    "choice",
    "contains",
    "descending",
    "different",
    "envelope",
    "equal",
    "error",
    "exactly",
    "excludes",
    "has",
    "header",
    "holds",
    "ids",
    "in_order",
    "includes",
    "integer",
    "integer_header",
    "is_null",
    "json_media_type",
    "lacks",
    "length",
    "link",
    "mapping",
    "names",
    "near",
    "no_duplicates",
    "no_header",
    "no_leak",
    "no_link",
    "no_rate_limit",
    "no_server_error",
    "not_before",
    "number",
    "one_of",
    "rate_limit",
    "refused",
    "resolution",
    "same",
    "same_instant",
    "schema",
    "status",
    "success",
    "text",
    "timestamp",
]
