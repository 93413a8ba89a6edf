"""How variants show: credentials, scopes, ownership, API keys (A1-A15)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.settings import Settings

from entity_tests.proofs.variants.claims import Allowed, answers, choice, freedom, header_values, should

COOKIE = "better-auth.session_token"


ORDER = "errors.order-of-refusal"


def _displays(run: Sequence[Exchange]) -> list[str]:
    listed = [one for one in run if one.method == "GET" and one.url.endswith("/keys")]
    return [key["key"] for body in answers(listed, 200) for key in body["data"]]


_FORM = freedom("A13.form", takes="another form", shows=lambda run: "key-..." in _displays(run))


_SECURE = freedom(
    "A14.secure-name",
    takes="the __Secure- name",
    shows=lambda run: any(f"__Secure-{COOKIE}=" in str(one.request_headers) for one in run),
)


def _sets_cookies(run: Sequence[Exchange]) -> bool:
    """Whether a session's answer sets a cookie; which one is redacted."""
    return any(header_values([one], "Set-Cookie") for one in run if one.credential == "session")


def _takes_expired_keys(run: Sequence[Exchange]) -> bool:
    """Whether a key that had expired was taken, as far as the run knew."""
    return any(one.credential == "expired_key" and one.status == 200 for one in run)


def over_https(settings: Settings) -> Settings:
    """The runner is given a URL with https."""
    return replace(settings, url=settings.url.replace("http://", "https://"))


CLAIMS: Mapping[str, Allowed] = {
    "bodies-before-credentials": should(ORDER),
    "records-before-credentials": should(ORDER),
    "entities-before-credentials": should(ORDER),
    "routes-before-credentials": should(ORDER),
    "challenges-in-full": freedom(
        "A2.challenge", shows=lambda run: any("realm=" in one for one in header_values(run, "WWW-Authenticate"))
    ),
    "missing-scope-is-forbidden": choice(auth__missing_scope_code="FORBIDDEN"),
    "session-decides": choice(auth__key_beside_cookie="session-decides"),
    "bad-key-spoils-a-session": choice(keys__key_beside_cookie="refused"),
    "records-are-shared": choice(auth__records_of_others="shared"),
    "records-are-shared-to-read": choice(auth__records_of_others="shared"),
    "keys-are-masked-otherwise": freedom(
        "A9.masked", shows=lambda run: any(one.startswith("sk_...") and len(one) == 10 for one in _displays(run))
    ),
    "keys-expire-late": freedom("E8.timestamp", shows=_takes_expired_keys),
    "use-is-noted-late": choice(keys__last_use="later"),
    "keys-of-another-form": _FORM,
    "secure-cookies": _SECURE,
    "sessions-are-refreshed": freedom("A14.answers-set-cookies", takes="some", shows=_sets_cookies),
}

ASKED_WITH: Mapping[str, Callable[[Settings], Settings]] = {
    "secure-cookies": over_https,
}
"""What a run has to be told of a variant."""
