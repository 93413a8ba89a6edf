"""Failures of TLS: nothing is sent to a deployment whose certificate does not hold."""

from entity_tests.proofs.hostile.catalogue import UNREACHABLE, behaviour
from entity_tests.proofs.hostile.proxy import Answer, Exchange


async def _served(exchange: Exchange) -> Answer:
    return exchange.answer


behaviour("certificate-of-nobody", "TLS", UNREACHABLE, tls="self-signed")(_served)
behaviour("certificate-for-another-host", "TLS", UNREACHABLE, tls="other-host")(_served)
behaviour("certificate-that-expired", "TLS", UNREACHABLE, tls="expired")(_served)
