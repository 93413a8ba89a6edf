"""Where a deployment is. A place has many spellings, and this package compares and keeps one. Pure.

`HTTPS://Shop.Example.test.:443` and `https://shop.example.test` are one deployment: capitals, a default port, a dot at
the end, an international name or its punycode, and the ways to write an address make no other place.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna

_PORTS = {"http": 80, "https": 443}
_LAST_IS_A_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port. `host` is ASCII; an IPv6 address stands without brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" if self.port == _PORTS[self.scheme] else f"{self.scheme}://{host}:{self.port}"


def origin(url: str) -> Origin:
    """The origin of an absolute URL, in the one spelling. Raises ValueError for a URL that has none."""
    return origin_of(urlsplit(url))


def origin_of(parts: SplitResult) -> Origin:
    """As `origin`, of a URL that is taken apart already."""
    return _origin(parts.scheme, parts.netloc)


@lru_cache(maxsize=256)
def _origin(scheme: str, netloc: str) -> Origin:
    parts = SplitResult(scheme, netloc, "", "", "")
    if parts.scheme not in _PORTS or not parts.hostname:
        message = "not an absolute http or https URL"
        raise ValueError(message)
    port = parts.port
    return Origin(parts.scheme, _host(parts.hostname), _PORTS[parts.scheme] if port is None else port)


def is_same_place(url: str, other: str) -> bool:
    """Whether two URLs have one origin; one that has none is nowhere."""
    try:
        return origin(url) == origin(other)
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, whose data a run may change without asking."""
    try:
        host = origin(url).host
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_be_same_place(url: str, other: str) -> bool:
    """Whether two places can have one server though their names differ: this machine's, at one port.

    `localhost` is `127.0.0.1` or `::1`, or both, and two servers may share the port: nobody knows without asking.
    """
    return is_loopback(url) and is_loopback(other) and replace(origin(url), host="") == replace(origin(other), host="")


def _host(name: str) -> str:
    """A host's one spelling. Raises ValueError where no name can be made of it."""
    host = name.rstrip(".").lower()
    if ":" in host:
        address, percent, zone = host.partition("%")
        known = ipaddress.IPv6Address(address)
        return str(known.ipv4_mapped) if known.ipv4_mapped else known.compressed + percent + zone
    if _LAST_IS_A_NUMBER.search(host):  # 127.1 and 0x7f.1 are addresses, as every browser and resolver reads them
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            message = f"{host} is no IPv4 address"
            raise ValueError(message) from None
    name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")  # IDNAError is a ValueError
    if not all(0 < len(label) < 64 for label in name.split(".")):
        message = f"{host} is no host name"
        raise ValueError(message)
    return name
