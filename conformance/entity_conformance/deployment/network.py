"""How a deployment is reached: through which proxy, and whose certificates are trusted.

The only place that reads the network's variables: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` (in capitals
too), `SSL_CERT_FILE` and `SSL_CERT_DIR`. What they say is followed, or refused as Misuse that names the variable.
"""

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import certifi
import httpx

from entity_conformance.deployment.place import Origin, is_loopback, origin
from entity_conformance.deployment.settings import Misuse


@dataclass(frozen=True, slots=True)
class Network:
    """What a client is made with: a proxy, None for none, and the certificates that it trusts."""

    proxy: httpx.Proxy | None = None
    trust: ssl.SSLContext | bool = True


def network(url: str, environ: Mapping[str, str]) -> Network:
    """The way to the deployment at `url`. Nothing goes through a proxy to this machine. Raises Misuse."""
    return Network(None if is_loopback(url) else _proxy(origin(url), environ), _trust(environ))


def _proxy(place: Origin, environ: Mapping[str, str]) -> httpx.Proxy | None:
    found = _variable(environ, f"{place.scheme}_proxy", "all_proxy")
    if found is None:
        stated = getproxies().get(place.scheme) if environ is os.environ else None  # the system's own settings
        found = None if stated is None else ("the system's proxy settings", stated)
    excluded = _variable(environ, "no_proxy")
    if found is None or (excluded is not None and any(_is_meant(place, each) for each in excluded[1].split(","))):
        return None
    variable, text = found
    url = text if "://" in text else f"http://{text}"
    try:
        parts, proxy = urlsplit(url), httpx.Proxy(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        is_whole = False
    if not is_whole:
        raise Misuse(f"{variable} names no proxy that can be used", hint="give it as http://host:port")
    if proxy.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise Misuse(f"{variable} names a SOCKS proxy, which needs socksio", hint="run: pip install 'httpx[socks]'")
    return proxy


def _variable(environ: Mapping[str, str], *names: str) -> tuple[str, str] | None:
    """The first of these variables that is set, in small letters or in capitals, with what it says.

    `HTTP_PROXY` is not read where a web server may have set it from a header of a request.
    """
    for name in names:
        for spelled in (name, name.upper()):
            if spelled == "HTTP_PROXY" and "REQUEST_METHOD" in environ:
                continue
            if text := environ.get(spelled, "").strip():
                return spelled, text
    return None


def _is_meant(place: Origin, text: str) -> bool:
    """Whether an entry of `no_proxy` means this place.

    An entry is `*`, an address, a network (`fd00::/8`), or a name, which means what is below it too; a port may follow.
    """
    entry = text.strip().lower()
    if entry in {"", "*"}:
        return entry == "*"
    try:
        return ipaddress.ip_address(place.host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass  # a name, or something with a port
    try:
        parts = urlsplit(entry if "://" in entry else f"//{entry}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    host = host.strip(".").removeprefix("*.")
    if not host or (port is not None and port != place.port):
        return False
    return place.host == host or place.host.endswith(f".{host}")


def _trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The certificates of the two variables, else those that come with Python. Raises Misuse for what is not there."""
    file, folder = environ.get("SSL_CERT_FILE") or None, environ.get("SSL_CERT_DIR") or None
    if folder is not None and not _can_be_listed(Path(folder)):
        raise Misuse("SSL_CERT_DIR names no folder that can be read", hint="correct it, or unset it")
    try:
        return ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    except OSError as error:  # an ssl.SSLError is one: a file that holds no certificate
        reason = "holds no certificate" if isinstance(error, ssl.SSLError) else f"cannot be read: {error.strerror}"
        raise Misuse(f"the file of SSL_CERT_FILE {reason}", hint="correct it, or unset it") from None


def _can_be_listed(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except OSError:
        return False
    return True
