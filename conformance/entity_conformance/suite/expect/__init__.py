"""What must hold: the verbs of every check, over an answer or a plain value.

Pure: nothing is sent here and no clock is read. A verb returns quietly (or returns what it read) or raises Violation
with the expectation and what was found. These judgements are the suite's own reading of the reference; no code is
shared with the server's. A missing verb is added here, never spelled out in a check.
"""

from entity_conformance.suite.expect.answers import (
    by_status,
    details,
    each,
    envelope,
    error,
    has_code,
    in_envelope,
    is_enveloped,
    listed,
    named,
    no_server_error,
    none_of,
    not_granted,
    not_status,
    not_taken_over,
    own_envelope,
    refused,
    refused_as,
    refused_or_another,
    status,
    succeeded,
    success,
    whole,
)
from entity_conformance.suite.expect.choices import alike, choice
from entity_conformance.suite.expect.headers import (
    ROUTED,
    Link,
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
from entity_conformance.suite.expect.leaks import leaks
from entity_conformance.suite.expect.records import (
    by_id,
    exactly,
    excludes,
    fields,
    has,
    holds,
    holds_one_of,
    ids,
    in_order,
    includes,
    is_held,
    names,
    no_duplicates,
    not_written,
    nulls,
)
from entity_conformance.suite.expect.schema import schema
from entity_conformance.suite.expect.times import after, near, not_before, resolution, same_instant, timestamp
from entity_conformance.suite.expect.values import (
    array,
    ascending,
    at_least,
    at_most,
    boolean,
    contains,
    descending,
    different,
    equal,
    integer,
    is_null,
    key,
    lacks,
    length,
    mapping,
    members,
    number,
    one_of,
    text,
    window,
)
