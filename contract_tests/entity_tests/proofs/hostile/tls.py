"""Failures of TLS: nothing is sent to a deployment whose certificate does not hold, or that agrees on none."""

from entity_tests.proofs.hostile.catalogue import UNREACHABLE, behaviour
from entity_tests.proofs.hostile.proxy import Answer, Exchange


async def _served(exchange: Exchange) -> Answer:
    return exchange.answer


behaviour("certificate-of-nobody", "TLS", UNREACHABLE, tls="self-signed")(_served)
behaviour("certificate-for-another-host", "TLS", UNREACHABLE, tls="other-host")(_served)
behaviour("certificate-that-expired", "TLS", UNREACHABLE, tls="expired")(_served)
behaviour("certificate-of-another-time", "not yet valid", UNREACHABLE, tls="not-yet-valid")(_served)
behaviour("certificate-of-the-client", "certificate of the client", UNREACHABLE, tls="client-certificate")(_served)
behaviour("tls-of-old", r"speaks TLS 1\.1 alone", UNREACHABLE, tls="old-version")(_served)
behaviour("tls-cut-off", "TLS failed", UNREACHABLE, tls="cut")(_served)
