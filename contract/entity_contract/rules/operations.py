"""What an operation says of itself: its name, its credentials, its body."""

from collections.abc import Iterator, Mapping

from entity_contract.entities import Action, Scope
from entity_contract.references import Object, mapping, sequence, strings
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import Written, action, component, follow, listed, operations

SCOPE_OF: Mapping[Action, Scope | None] = {
    "list": "read", "read": "read", "create": "write", "update": "write", "delete": "delete", "metadata": None,
}  # fmt: skip
SCOPES = ("read", "write", "delete")
BARE_METHODS = ("get", "delete", "options")
WRITING_METHODS = ("post", "put", "patch")


def operations_have_names(document: Object) -> Iterator[Problem]:
    """An operationId each; that none stands twice is checked with OpenAPI itself."""
    for operation in operations(document):
        if not operation.facts.get("operationId"):
            yield Problem(operation.place, f"{operation.name} lacks an operationId")


def operations_name_their_credentials(document: Object) -> Iterator[Problem]:
    """`security` with the two schemes; the scope of a key is the one that the action needs."""
    for operation in operations(document):
        if "security" not in operation.facts:
            yield Problem(operation.place, f"{operation.name} lacks security ([] where it needs no credentials)")
        needed = _needed(document, operation)
        for index, alternative in enumerate(sequence(operation.facts.get("security"))):
            place = f"{operation.place}/security/{index}"
            for scheme, roles in mapping(alternative).items():
                yield from _credential(operation, place, scheme, strings(roles), needed)


def _needed(document: Object, operation: Written) -> tuple[str, ...] | None:
    """The scopes that a key needs for one of the six operations; None for any other operation."""
    kind = action(document, operation)[1]
    if kind is None:
        return None
    scope = SCOPE_OF[kind]
    return () if scope is None else (scope,)


def _credential(
    operation: Written, place: str, scheme: str, roles: tuple[str, ...], needed: tuple[str, ...] | None
) -> Iterator[Problem]:
    if scheme not in ("apiKey", "session"):
        yield Problem(place, f"{operation.name} asks for {scheme}; there are apiKey and session")
    elif scheme == "session" and roles:
        yield Problem(place, f"{operation.name} asks for the scope {listed(roles)} of a session, which has no scopes")
    elif scheme == "apiKey" and needed is not None and roles != needed:
        asks = f"asks for the scope {listed(roles)}" if roles else "asks for no scope"
        wanted = f"needs {listed(needed)}" if needed else "needs none"
        yield Problem(place, f"{operation.name} {asks} of a key, and {wanted}")
    elif scheme == "apiKey" and (len(roles) > 1 or not set(roles) <= {*SCOPES}):
        yield Problem(place, f"{operation.name} asks for {listed(roles)}; one of {listed(SCOPES)} at most")


def schemes_are_those_of_the_reference(document: Object) -> Iterator[Problem]:
    """A key is a bearer token, a session a cookie."""
    used = {
        scheme
        for operation in operations(document)
        for alternative in sequence(operation.facts.get("security"))
        for scheme in mapping(alternative)
    }
    for name, expected, sent in (
        ("apiKey", {"type": "http", "scheme": "bearer"}, "as a bearer token"),
        ("session", {"type": "apiKey", "in": "cookie"}, "in a cookie"),
    ):
        place, scheme = follow(document, f"#/components/securitySchemes/{name}")
        if name in used and name not in component(document, "securitySchemes"):
            yield Problem("#/components/securitySchemes", f"securitySchemes lacks {name}, which operations ask for")
        for key, value in expected.items() if scheme else ():
            if scheme.get(key) != value:
                yield Problem(place, f"{name} is sent {sent}: its {key} must be {value}, and is {scheme.get(key)}")


def writing_takes_a_body(document: Object) -> Iterator[Problem]:
    """What writes requires a body; what reads, deletes or describes takes none."""
    for operation in operations(document):
        has = "requestBody" in operation.facts
        place, body = follow(document, f"{operation.place}/requestBody")
        if operation.method in BARE_METHODS and has:
            yield Problem(place, f"{operation.name} has a requestBody, and {operation.method.upper()} takes none")
        elif operation.method in WRITING_METHODS and not has:
            yield Problem(operation.place, f"{operation.name} lacks a requestBody")
        elif operation.method in WRITING_METHODS and body and body.get("required") is not True:
            yield Problem(place, f"the requestBody of {operation.name} lacks required: true")


RULES = (
    operations_have_names,
    operations_name_their_credentials,
    schemes_are_those_of_the_reference,
    writing_takes_a_body,
)
