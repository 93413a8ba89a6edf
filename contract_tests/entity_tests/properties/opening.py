"""Whether there is a v1 entity API at that URL, whose the credentials are, and which entities it has.

Errors: `CannotTest` says that nothing can be tested: unreachable, another API, or credentials turned away.

Charter: asks once, before anything is generated, and changes nothing.
"""

from collections.abc import Mapping

import requests
from entity_conformance.deployment.credentials import SECURE_SESSION_COOKIE
from entity_contract import Contract, Entity, Field

from entity_tests.hooks import json_object
from entity_tests.properties.gate import Gate, Kind
from entity_tests.properties.ledger import KEYS
from entity_tests.properties.share import Spent

NO_SUCH_API = "no v1 entity API at"


class CannotTest(Exception):  # noqa: N818  # the deployment's answer, not an error of the run
    """The deployment cannot be tested. `reason` is one line for the person who started the run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def admitted(gate: Gate, contract: Contract) -> dict[str, str]:
    """Why entities of the contract cannot be tested here, by name. Raises CannotTest."""
    first = contract.entities[0].name
    reply = _first(gate, f"/{first}?limit=1")
    base = gate.settings.base
    if 300 <= reply.status_code < 400:
        place = gate.redactor.text(reply.headers.get("location", "elsewhere"))[:200]
        raise CannotTest(f"{NO_SUCH_API} {base}: it redirects to {place}")
    if not isinstance(json_object(reply.content).get("success"), bool):
        raise CannotTest(f"{NO_SUCH_API} {base}: GET {first} answered {_summary(reply)}")
    if reply.status_code in (401, 403):
        raise CannotTest(f"the {_name(gate.main)} was refused by {base}: {_summary(reply)}")
    if gate.settings.session and gate.main != "session":
        answer = _by_session(gate, f"/{KEYS}")
        if answer.status_code == 401:
            raise CannotTest(f"the {_name('session')} was refused by {base}: {_summary(answer)}")
    absent = {first: "the deployment does not have it"} if reply.status_code == 404 else {}
    for entity in contract.entities[1:]:
        reason = _why_not(gate.ask("OPTIONS", f"/{entity.name}"), entity)
        if reason is not None:
            absent[entity.name] = reason
    return absent


def _first(gate: Gate, path: str) -> requests.Response:
    try:
        if gate.main == "session":
            return _by_session(gate, path)
        return gate.ask("GET", path)
    except requests.RequestException as error:
        raise CannotTest(f"cannot reach {gate.settings.base}: {_said(error)}") from None
    except Spent as error:
        raise CannotTest(f"{gate.settings.base} does not let the run begin: {error}") from None


def _by_session(gate: Gate, path: str) -> requests.Response:
    """The session's first answer; over https its cookie may have the other name (A14)."""
    answer = gate.ask("GET", path, kind="session")
    if answer.status_code == 401 and gate.settings.session_cookie is None and gate.settings.base.startswith("https:"):
        usual, gate.session_cookie = gate.session_cookie, SECURE_SESSION_COOKIE
        answer = gate.ask("GET", path, kind="session")
        if answer.status_code == 401:
            gate.session_cookie = usual
    return answer


def _why_not(answer: requests.Response, entity: Entity) -> str | None:
    """Why an entity cannot be tested by the contract's schemas, by its own metadata (O7)."""
    if answer.status_code == 404:
        return "the deployment does not have it"
    data = json_object(answer.content).get("data")
    stated = data.get("schema") if isinstance(data, Mapping) else None
    if answer.status_code != 200 or not isinstance(stated, Mapping):
        return None  # the run will find it out
    names = {field.name for field in entity.fields}
    for name in [*sorted(names - stated.keys()), *sorted(stated.keys() - names)]:
        return f"its own OPTIONS describes other fields than the contract: {name}"
    for field in entity.fields:
        if _differs(field, stated[field.name]):
            return f"its own OPTIONS describes the field {field.name} otherwise than the contract"
    return None


def _differs(field: Field, stated: object) -> bool:
    facts = stated if isinstance(stated, Mapping) else {}
    return (
        facts.get("type") != field.type
        or bool(facts.get("required")) != field.required
        or (field.type == "enum" and list(facts.get("values") or ()) != list(field.values))
        or (facts.get("maxLength") is not None and facts.get("maxLength") != field.max_length)
    )


def _name(kind: Kind) -> str:
    names = {"key": "API key (CONTRACT_TESTS_API_KEY)", "session": "session (CONTRACT_TESTS_SESSION)"}
    return names.get(kind, "request")


def _summary(reply: requests.Response) -> str:
    """Status, and the code or the media type of an answer."""
    code = json_object(reply.content).get("code")
    return f"{reply.status_code} {code or reply.headers.get('content-type', 'without a content type')}"[:100]


def _said(error: requests.RequestException) -> str:
    text = str(error).lower()
    known = {
        "name or service not known": "the host name cannot be resolved",
        "failed to resolve": "the host name cannot be resolved",
        "refused": "the connection was refused",
        "certificate": "TLS failed: the certificate is not trusted",
        "ssl": "TLS failed",
    }
    return next((words for sign, words in known.items() if sign in text), str(error).partition("\n")[0][:200])
