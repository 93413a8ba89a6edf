"""What every answer must be, whoever asked: whole, JSON in the envelope, with codes that fit, and discreet."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite import expect
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Judgement, Watch, each, over, sentence_of

JSON, WHOLE = "errors.answers-are-json", "errors.whole-answers"
LEAST_CUT = 2
"""One answer that was cut may be the network's."""

_SHORTEST_CREDENTIAL = 12
_CREDENTIAL = re.compile(r"\$CONFORMANCE_[A-Z_]+|\[session\]|\[redacted\]")
"""How the evidence shows a secret. `[redacted]` may also be a text of somebody's that only looks like one."""


def is_granted(seen: Seen) -> bool:
    """Whether the API granted what was asked for."""
    return seen.is_below_v1 and seen.is_success


def is_refused(seen: Seen) -> bool:
    """Whether the API refused the request."""
    return seen.is_below_v1 and 400 <= seen.status < 500


def _has_body(seen: Seen) -> bool:
    """Whether there is a body, or none where one must be: of a description that has none, OPTIONS' own is told."""
    is_cors = seen.method == "OPTIONS" and not seen.reply.content and is_granted(seen)  # as gateways answer it
    return (is_granted(seen) or is_refused(seen)) and seen.status != 204 and seen.method != "HEAD" and not is_cors


def _is_object(seen: Seen) -> bool:
    return is_granted(seen) and seen.reply.content[:1] == b"{"


def _denies_itself(seen: Seen) -> bool:
    """Whether a success holds data and says that it is none: nobody who believes it reads the data."""
    return seen.body is not None and seen.body.get("success") is False and "data" in seen.body


def _is_enveloped(seen: Seen) -> bool:
    return is_refused(seen) and seen.body is not None and isinstance(seen.body.get("code"), str)


def _is_unreadable(seen: Seen) -> bool:
    """Whether the body is no JSON; one that is is read as it is meant, whatever its media type."""
    return seen.reply.flaw is not None


@each(JSON, _has_body, aspect="envelope", is_of_form=_is_unreadable)
def answers_are_json(seen: Seen) -> None:
    """Every answer is JSON by its media type and by its body, errors included."""
    expect.json_media_type(seen.reply)
    if (flaw := seen.reply.flaw) is not None:
        raise Violation(
            "the body of the answer is not JSON"
            if seen.body is None
            else "the body is JSON that parsers read differently",
            expected="JSON that everybody reads alike",
            actual=f"{seen.reply.came} ({flaw})" if flaw else seen.reply.came,
            exchange=seen.exchange,
        )


@each("errors.envelope", is_refused)
def envelope(seen: Seen) -> None:
    """Every error says `success: false`, a text for people and a code for programs."""
    expect.own_envelope(seen.reply)
    expect.envelope(seen.reply)


@each("errors.success-envelope", _is_object, is_of_form=_denies_itself)
def success_envelope(seen: Seen) -> None:
    """Every success says `success: true`, and those of reading hold `data`."""
    expect.success(seen.reply)
    if seen.method == "GET":
        expect.contains(seen.reply.body, "data", at="the answer")


@each("errors.details-are-texts", _is_enveloped)
def details_are_texts(seen: Seen) -> None:
    """`details` tells a text for each bad field."""
    for name, text in seen.reply.details.items():
        expect.text(text, at=f"details.{name}")


@over("errors.code-fits-status")
def code_fits_status(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """A code of the reference comes with the status that the reference gives it, whenever one is seen."""
    statuses = history.contract.errors.codes
    for seen in filter(_is_enveloped, history.seen):
        code, came_by = seen.reply.code, seen.reply.came_by
        wanted = statuses.get(code, seen.status)
        is_wrong = came_by is not None or seen.status != wanted
        yield seen, _different(seen, f"the status of {code}", str(wanted)) if is_wrong else None


def _different(seen: Seen, what: str, expected: str) -> Violation:
    return Violation(f"{what} differs", expected=expected, actual=seen.reply.came, exchange=seen.exchange)


@over("errors.nothing-leaks")
def nothing_leaks(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """No answer tells of the server's insides: no stack trace, no SQL, no path of a file."""
    fields = {one.name for entity in (*history.contract.entities, *history.entities) for one in entity.fields}
    for seen in history.seen:
        if seen.is_below_v1:
            texts = _told(seen)
            if any(expect.leaks("\n".join(texts))):
                if seen.is_success and seen.body is not None:
                    texts = (*_texts(seen.body, fields), *_own_headers(seen).values())
                found = next((leak for text in texts for leak in expect.leaks(text, known=_said(seen))), None)
                yield seen, None if found is None else _leaking(seen, *found)
            else:
                yield seen, None


def _leaking(seen: Seen, what: str, told: str) -> Violation:
    return Violation(
        f"the answer leaks {what}", expected="a text for people", actual=shown(told), exchange=seen.exchange
    )


def _told(seen: Seen) -> tuple[str, ...]:
    return (seen.reply.text, *_own_headers(seen).values())


def _own_headers(seen: Seen) -> Mapping[str, str]:
    """The headers of an answer, without those that name a place of the API itself."""
    return {name: value for name, value in seen.reply.headers.items() if name not in {"link", "location", "set-cookie"}}


def _said(seen: Seen) -> str:
    """What the request said itself, and an answer may quote."""
    request = seen.asked.request
    return f"{unquote(request.url)} {(request.content or b'').decode('utf-8', 'replace')}"


def _texts(value: object, fields: Iterable[str]) -> Iterator[str]:
    """The texts of an answer, but for the values of fields: a record may hold whatever its owner wrote."""
    match value:
        case str():
            yield value
        case Mapping():
            for name, held in value.items():
                if not (isinstance(held, str) and name in fields):
                    yield from _texts(held, fields)
        case list():
            for held in value:
                yield from _texts(held, fields)
        case _:
            pass


@over("auth.credentials-are-not-told")
def credentials_are_not_told(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """No answer tells a credential, but the one to the creation of a key."""
    for seen in history.seen:
        if seen.is_below_v1 and not (seen.path[:1] == ("keys",) and seen.is_success):
            place = _place_of_a_credential(history, seen)
            yield seen, None if place is None else _credential_in(place, seen)


def _credential_in(place: str, seen: Seen) -> Violation:
    """The value itself stands in no report."""
    return Violation(
        f"{place} of an answer tells a credential",
        expected="no credential",
        actual=f"one in {place}",
        exchange=seen.exchange,
    )


def _place_of_a_credential(history: History, seen: Seen) -> str | None:
    """Where an answer tells a credential of the run, or the one that its request was sent with; None where nowhere."""
    evidence = history.told.get(seen.exchange)
    headers = () if evidence is None else evidence.response_headers
    key, cookie = (seen.sent_headers.get(name, "") for name in ("authorization", "cookie"))
    sent = (key.rpartition(" ")[2], cookie.partition("=")[2])
    secrets = [value for value in sent if len(value) >= _SHORTEST_CREDENTIAL]
    for name, value in _own_headers(seen).items():
        told = next((text for other, text in headers if other.lower() == name), value)
        if any(secret in value for secret in secrets) or _marks(told) > _marks(value):
            return f"the header {name}"
    said, text = (evidence and evidence.response_body) or "", seen.reply.text
    known = _marks(said) - (said.count("[redacted]") if seen.is_success else 0)
    is_told = any(secret in text for secret in secrets)
    is_quoted = evidence is not None and _marks(evidence.url) > 0  # who puts it in the URL is told the URL
    return "the body" if is_told or (known > _marks(text) and not is_quoted) else None


def _marks(text: str) -> int:
    return len(_CREDENTIAL.findall(text)) if "[" in text or "$C" in text else 0


def _cut(history: History) -> Iterator[Judgement]:
    """The body of every answer is as long as its headers say."""
    for exchange in (one for one in history.cut if len(history.cut) >= LEAST_CUT):
        came = history.told[exchange]
        yield Judgement(
            WHOLE,
            None,
            exchange,
            Violation(
                f"an answer ended before its body was whole ({len(history.cut)} of this run did)",
                expected="as many bytes as the answer's headers announce",
                actual=f"{came.came}: {came.error}",
                exchange=exchange,
            ),
            "form",
        )
    yield from (Judgement(WHOLE, None, seen.exchange) for seen in history.seen)


whole_answers = Watch(_cut, {WHOLE: sentence_of(_cut)})

WATCHES: tuple[Watch, ...] = (
    whole_answers,
    answers_are_json,
    envelope,
    success_envelope,
    details_are_texts,
    code_fits_status,
    nothing_leaks,
    credentials_are_not_told,
)
