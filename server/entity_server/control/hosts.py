"""Which `Host` a request to the control port may name.

A web page may have a name of its own lead to this machine (DNS rebinding), but it cannot choose what the browser says
of that name: so a name that is not known to be the server's is refused. An address is no name.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from entity_server.domain.problems import Problem, ValidationFailed


class ForeignHost(Problem):
    """The request was sent to a name that is not the server's."""

    code = "FORBIDDEN"
    sentence = (
        "The Host header names no address of the control port: ask for it by the URL in the credentials file, "
        "or start the server with --control-host"
    )


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names and addresses of a server that listens on `bound`, in lower case."""

    bound: str

    def judge(self, sent: Sequence[str]) -> None:
        """Raises ValidationFailed for no `Host` or several, ForeignHost for one that is not the server's."""
        if len(sent) != 1:
            raise ValidationFailed("A request names one Host")
        name = _name(sent[0])
        if name not in (self.bound.lower(), "localhost") and not self._reaches(name):
            raise ForeignHost

    def _reaches(self, name: str) -> bool:
        """Whether the name is one that no web page can have.

        On the loopback address those are its addresses; elsewhere any address, and names without a dot, by which
        containers know each other.
        """
        address = _address(name)
        if _is_loopback(self.bound):
            return address is not None and address.is_loopback
        return address is not None or (bool(name) and "." not in name and ":" not in name)


def _name(host: str) -> str:
    """The host without its port."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_loopback(bound: str) -> bool:
    address = _address(bound)
    return bound.lower() == "localhost" or (address is not None and address.is_loopback)
