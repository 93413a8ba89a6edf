"""That a deployment could not be reached, and what a person can do about it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from entity_conformance.deployment.no_answer import Detail, NoAnswer
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.settings import Settings
from entity_conformance.deployment.wire import Wire

_PROXYS_OWN = 407
LONGEST_LOOK = 5.0
"""Seconds that a port may take to show that it speaks TLS."""
_CERTIFICATES: Mapping[Detail | None, str] = {
    None: "name the authority that signed it (--ca)",
    "other-name": "give a name that the certificate is for",
    "other-time": "have it renewed, correct the clock of this machine",
}
"""What helps with a certificate that is not believed, but believing any."""


async def unreachable(base: str, problem: NoAnswer, wire: Wire, settings: Settings) -> str:
    """In one line, with a hint where something is known that may help."""
    if wire.proxy is not None and problem.failure in {"dns", "connect"}:
        advice: str | None = f"it may be the proxy's fault: {_instead(wire)}"
    else:
        advice = await _advice(base, problem, wire, settings)
    way = "" if wire.proxy is None else f" through the proxy of {wire.proxy}"
    return f"cannot reach {base}{way}: {problem.message}{'' if advice is None else f'; {advice}'}"


def stopped_by_proxy(base: str, reply: Reply, wire: Wire) -> str | None:
    """That a proxy answered in the deployment's place, as only a proxy does; None where none did.

    It may be one that nobody named, in front of the deployment.
    """
    if reply.status != _PROXYS_OWN:
        return None
    if wire.proxy is None:
        return f"cannot reach {base}: a proxy in front of it asks for credentials of its own: {_PROXYS_OWN}"
    told = f"the proxy did not let it through: {_PROXYS_OWN}"
    return f"cannot reach {base} through the proxy of {wire.proxy}: {told}; {_instead(wire)}"


def _instead(wire: Wire) -> str:
    return f"correct {wire.proxy}, or name the host in NO_PROXY"


async def tls_instead(base: str, wire: Wire, settings: Settings) -> str | None:
    """What to give in place of an http URL whose port speaks TLS; None where it is no such port.

    TLS is only agreed on: no request is sent, and no credential.
    """
    parts = urlsplit(base)
    if parts.scheme != "http":
        return None
    within = min(settings.timeout, LONGEST_LOOK)
    spoken = await wire.tls_spoken(parts.hostname or "", parts.port or 80, within=within)
    return f"that port speaks TLS: give https://{parts.netloc}" if spoken else None


async def _old_tls(base: str, wire: Wire, settings: Settings) -> str | None:
    """That the port speaks a version of TLS which is no longer safe, and which; None where it does not."""
    parts = urlsplit(base)
    within = min(settings.timeout, LONGEST_LOOK)
    spoken = await wire.tls_spoken(parts.hostname or "", parts.port or 443, within=within, is_old=True)
    if spoken is None:
        return None
    version = {"TLSv1": "1.0"}.get(spoken, spoken.removeprefix("TLSv"))
    return f"that port speaks TLS {version} alone: have it speak TLS 1.2 or a later one"


async def _advice(base: str, problem: NoAnswer, wire: Wire, settings: Settings) -> str | None:
    is_tls, netloc = base.startswith("https://"), urlsplit(base).netloc
    plain = f"if that port speaks plain HTTP, give http://{netloc}"
    match problem.failure:
        case "certificate":
            return f"{_CERTIFICATES[problem.detail]}, or believe any (--insecure)"
        case "tls" if problem.detail != "no-tls":
            return await _old_tls(base, wire, settings) or f"{_of_the_client(settings)}; {plain}"
        case "tls" | "handshake" | "closed" if is_tls:
            return _of_the_client(settings) if problem.failure == "closed" else plain
        case "closed" | "malformed" | "timeout" if secure := await tls_instead(base, wire, settings):
            return secure
        case "connect" | "timeout" | "closed" if not settings.wait:
            return "give it time to start (--wait)"
        case _:
            return None


def _of_the_client(settings: Settings) -> str:
    """What one end of TLS hangs up for without a word, beside a version that it does not speak."""
    if settings.tls.client_cert is None:
        return "it may ask for a certificate of the client (--client-cert, --client-key)"
    return "it may refuse the certificate that the client shows (--client-cert)"
