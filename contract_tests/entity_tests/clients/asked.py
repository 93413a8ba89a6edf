"""The deployment that a program on top of a generated client asks, as docs/sdks.md names what it must know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from entity_tests.clients.relay import Relay
from entity_tests.deployments.serving import Served


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a program needs to know, under the names that docs/sdks.md gives; its secrets stay out of reports."""

    environment: Mapping[str, str] = field(repr=False)
    calls: Callable[[], frozenset[str]] = frozenset

    @classmethod
    def of(cls, served: Served, limited: Served, roots: tuple[str, str] | None = None) -> "Deployment":
        """One server for most steps, and one whose keys may send three requests; `roots` are relays to the two."""
        root, limited_root = roots or (served.root, limited.root)
        return cls(
            {
                "V1_URL": root,
                "V1_API_KEY": served.credentials["apiKey"],
                "V1_READ_KEY": served.credentials["readKey"],
                "V1_SESSION": served.credentials["sessionToken"],
                "V1_LIMITED_URL": limited_root,
                "V1_LIMITED_KEY": limited.credentials["apiKey"],
            }
        )

    def through(self, first: Relay, limited: Relay) -> "Deployment":
        """The same deployment, with what the relays noted as its calls.

        Of the limited server only what is over the limit: how much it lets through depends on who asked before.
        """

        def calls() -> frozenset[str]:
            return frozenset(first.calls) | {call for call in limited.calls if call.endswith(": 429")}

        return replace(self, calls=calls)
