"""Headers, ids, codes and bodies that are wrong on some answers only."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.seldom.when import every
from entity_server.faults.spoiling import AnyAnswer, header
from entity_server.http.exchange import Received
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call

chapter = AnyAnswer()

REQUEST_ID = "X-Request-ID"


def _is(*statuses: int) -> Callable[[int], bool]:
    return lambda status: status in statuses


def _without_id(answer: Answer) -> Answer:
    return with_headers(answer, X_Request_ID=None)


@chapter.on_any_answer("errors.no-id-on-405", breaks="errors.request-id-of-a-refusal", statuses=_is(405))
def no_id_on_405(answer: Answer) -> Answer:
    """405 has no X-Request-ID."""
    return _without_id(answer)


@chapter.on_any_answer("errors.no-id-on-401", breaks="errors.request-id-of-a-refusal", statuses=_is(401))
def no_id_on_401(answer: Answer) -> Answer:
    """401 has no X-Request-ID."""
    return _without_id(answer)


@chapter.on_any_answer("errors.no-id-on-403", breaks="errors.request-id-of-a-refusal", statuses=_is(403))
def no_id_on_403(answer: Answer) -> Answer:
    """403 has no X-Request-ID."""
    return _without_id(answer)


@chapter.on_any_answer("errors.no-id-on-400", breaks="errors.request-id-of-a-refusal", statuses=_is(400))
def no_id_on_400(answer: Answer) -> Answer:
    """400 has no X-Request-ID."""
    return _without_id(answer)


@chapter.on_answer("errors.no-id-on-deletions", breaks="errors.request-id", to={"delete"})
def no_id_on_deletions(answer: Answer) -> Answer:
    """The answer to a DELETE has no X-Request-ID."""
    return _without_id(answer)


@chapter.on_answer("errors.no-id-on-creations", breaks="errors.request-id", to={"create"})
def no_id_on_creations(answer: Answer) -> Answer:
    """The answer to a CREATE has no X-Request-ID."""
    return _without_id(answer)


@chapter.anew("errors.one-id-in-twenty-again", breaks="errors.request-id-differs")
def one_id_in_twenty_again() -> Acts:
    """One X-Request-ID in twenty is that of the answer before."""
    now, last = every(20), [""]

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        before, last[0] = last[0], answer.headers.get(REQUEST_ID, "")
        return with_headers(answer, X_Request_ID=before) if now() and before else answer

    return Acts(outgoing=outgoing)


@chapter.anew("errors.one-in-twenty-without-id", breaks="errors.request-id")
def one_in_twenty_without_id() -> Acts:
    """One good answer in twenty has no X-Request-ID."""
    now = every(20)

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        return _without_id(answer) if answer.status < 300 and now() else answer

    return Acts(outgoing=outgoing)


@chapter.anew("errors.ids-swapped-at-once", breaks="errors.request-id-echoes-uuid")
def ids_swapped_at_once() -> Acts:
    """Of two requests with ids of their own that are answered at once, one gets the other's id."""
    waiting: list[str] = []

    def incoming(received: Received) -> None:
        sent = header(received, REQUEST_ID)
        if sent:
            waiting.append(sent)

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        own = answer.headers.get(REQUEST_ID, "")
        if own in waiting:
            waiting.remove(own)
            return with_headers(answer, X_Request_ID=waiting[-1]) if waiting else answer
        return answer

    return Acts(incoming=incoming, outgoing=outgoing)


@chapter.on_any_answer("errors.long-ids-cut", breaks="errors.request-id-echoes-text", statuses=lambda _: True)
def long_ids_cut(answer: Answer) -> Answer:
    """An X-Request-ID is cut at 36 characters."""
    return with_headers(answer, X_Request_ID=answer.headers.get(REQUEST_ID, "")[:36] or None)


@chapter.on_any_answer("errors.ids-in-capitals", breaks="errors.request-id-echoes-uuid", statuses=lambda _: True)
def ids_in_capitals(answer: Answer) -> Answer:
    """An X-Request-ID that is a UUID is echoed in capital letters."""
    sent = answer.headers.get(REQUEST_ID, "")
    return with_headers(answer, X_Request_ID=sent.upper()) if len(sent) == 36 and sent.count("-") == 4 else answer


@chapter.on_any_answer("errors.ids-in-small-letters", breaks="errors.request-id-echoes-uuid", statuses=lambda _: True)
def ids_in_small_letters(answer: Answer) -> Answer:
    """An X-Request-ID that is a UUID is echoed in small letters."""
    sent = answer.headers.get(REQUEST_ID, "")
    return with_headers(answer, X_Request_ID=sent.lower()) if len(sent) == 36 and sent.count("-") == 4 else answer


@chapter.on_any_answer("errors.allow-names-all", breaks="errors.unknown-method", statuses=_is(405))
def allow_names_all(answer: Answer) -> Answer:
    """405 names each method that some path has."""
    return with_headers(answer, Allow="DELETE, GET, HEAD, OPTIONS, PATCH, POST")


@chapter.anew("errors.ids-of-refusals-new", breaks="errors.request-id-echoes-uuid")
def ids_of_refusals_new() -> Acts:
    """A refusal has an X-Request-ID of its own, whatever the client sent."""
    numbers = cycle(range(10**6))

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        if answer.status < 400:
            return answer
        return with_headers(answer, X_Request_ID=f"00000000-0000-4000-8000-{next(numbers):012}")

    return Acts(outgoing=outgoing)


def _telling(answer: Answer, text: str) -> Answer:
    return with_body(answer, error=f"{(answer.body or {}).get('error')}{text}")


@chapter.on_any_answer("errors.sql-in-404", breaks="errors.nothing-leaks", statuses=_is(404))
def sql_in_404(answer: Answer) -> Answer:
    """404 tells the statement that found nothing."""
    return _telling(answer, ': SELECT "id", "owner_id" FROM "entity_tasks" WHERE "id" = ?')


@chapter.on_any_answer("errors.path-in-400", breaks="errors.nothing-leaks", statuses=_is(400))
def path_in_400(answer: Answer) -> Answer:
    """400 tells a file of the server."""
    return _telling(answer, " (/usr/lib/python3/dist-packages/api/validation.py:88)")


@chapter.on_any_answer("errors.trace-in-403", breaks="errors.nothing-leaks", statuses=_is(403))
def trace_in_403(answer: Answer) -> Answer:
    """403 tells where in the code it was raised."""
    return with_body(answer, stack='Traceback (most recent call last):\n  File "/srv/app/scopes.py", line 3, in check')


@chapter.anew("errors.key-in-a-header", breaks="auth.credentials-are-not-told")
def key_in_a_header() -> Acts:
    """Refusals repeat the Authorization header that came."""
    return _echoing(
        lambda answer, key: (
            replace(answer, headers={**answer.headers, "X-Debug-Authorization": f"Bearer {key}"})
            if answer.status >= 400
            else answer
        )
    )


def _echoing(change: Callable[[Answer, str], Answer]) -> Acts:
    came: list[str] = [""]

    def incoming(received: Received) -> None:
        came[0] = header(received, "Authorization").partition(" ")[2]

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        return change(answer, came[0]) if came[0] else answer

    return Acts(incoming=incoming, outgoing=outgoing)


def _plain(answer: Answer) -> Answer:
    return replace(answer, headers={**answer.headers, "Content-Type": "text/plain"})


@chapter.on_any_answer("errors.plain-405", breaks="errors.answers-are-json", statuses=_is(405))
def plain_405(answer: Answer) -> Answer:
    """405 is plain text by its media type."""
    return _plain(answer)


@chapter.on_answer("errors.plain-deletions", breaks="errors.answers-are-json", to={"delete"})
def plain_deletions(answer: Answer) -> Answer:
    """The answer to a DELETE is plain text by its media type."""
    return _plain(answer)


@chapter.on_answer("errors.plain-empty-lists", breaks="errors.answers-are-json", to={"list"})
def plain_empty_lists(answer: Answer) -> Answer:
    """A list of nothing is plain text by its media type."""
    return answer if (answer.body or {}).get("data") else _plain(answer)


@chapter.on_any_answer("errors.success-on-403", breaks="errors.envelope", statuses=_is(403))
def success_on_403(answer: Answer) -> Answer:
    """403 says that it is a success."""
    return with_body(answer, success=True)


@chapter.on_answer("errors.no-success-on-empty-lists", breaks="errors.success-envelope", to={"list"})
def no_success_on_empty_lists(answer: Answer) -> Answer:
    """A list of nothing says that it is no success."""
    return answer if (answer.body or {}).get("data") else with_body(answer, success=False)


@chapter.on_answer("delete.missing-is-gone", breaks="delete.unknown-id", to={"delete"}, statuses=(404,))
def gone_of_deletions(answer: Answer) -> Answer:
    """The deletion of a missing record answers 410."""
    return replace(answer, status=410)
