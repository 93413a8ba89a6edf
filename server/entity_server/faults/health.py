"""Faults of the health check."""

from dataclasses import replace

from entity_contract import Credential

from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import AnyAnswer
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Services

chapter = AnyAnswer()

HEALTH = frozenset({"getHealth"})


@chapter.on_answer("health.up", breaks="health.healthy", to=HEALTH)
def up(answer: Answer) -> Answer:
    """The status is `up`."""
    return with_body(answer, status="up")


@chapter.on_answer("health.no-version", breaks="health.version", to=HEALTH)
def no_version(answer: Answer) -> Answer:
    """The version is empty."""
    return with_body(answer, version="")


@chapter.on_answer("health.stale", breaks="health.timestamp", to=HEALTH)
def stale(answer: Answer) -> Answer:
    """The time is that of an old answer."""
    return with_body(answer, timestamp="2025-01-15T10:30:00.000Z")


@chapter.anew("health.time-of-the-first", breaks="health.timestamp")
def time_of_the_first() -> Acts:
    """Every answer has the time of the first."""
    first: list[object] = []

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        if call is None or call.operation.id not in HEALTH:
            return answer
        first.append((answer.body or {}).get("timestamp"))
        return with_body(answer, timestamp=first[0])

    return Acts(outgoing=outgoing)


@chapter.on_answer("health.no-request-id", breaks="health.request-id", to=HEALTH)
def no_request_id(answer: Answer) -> Answer:
    """The answer has no X-Request-ID."""
    return with_headers(answer, X_Request_ID=None)


@chapter.in_services("health.wants-a-key", breaks="health.is-public")
def wants_a_key(services: Services) -> Services:
    """The health check needs an API key."""
    credentials: frozenset[Credential] = frozenset({"key"})
    operations = tuple(
        replace(one, credentials=credentials) if one.id == "getHealth" else one for one in services.contract.operations
    )
    return replace(services, contract=replace(services.contract, operations=operations))
