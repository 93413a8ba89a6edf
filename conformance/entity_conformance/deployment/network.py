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

from entity_conformance.deployment.named_files import content
from entity_conformance.deployment.place import Origin, is_loopback, origin
from entity_conformance.deployment.settings import Misuse, Tls


@dataclass(frozen=True, slots=True)
class Network:
    """What a client is made with: a proxy, None for none, and the certificates that it trusts.

    `named_by` is where the proxy is named: a variable.
    """

    proxy: httpx.Proxy | None = None
    trust: ssl.SSLContext | bool = True
    named_by: str | None = None


def network(url: str, environ: Mapping[str, str], tls: Tls | None = None) -> Network:
    """The way to the deployment at `url`. Nothing goes through a proxy to this machine. Raises Misuse."""
    place = origin(url)
    variable, proxy = (None, None) if is_loopback(url) else _proxy(place, environ)
    context = _trust(environ, tls or Tls(), is_used=proxy is not None or place.scheme == "https")
    return Network(proxy, context, variable)


def _proxy(place: Origin, environ: Mapping[str, str]) -> tuple[str | None, httpx.Proxy | None]:
    """The proxy, and what names it."""
    found = _variable(environ, f"{place.scheme}_proxy", "all_proxy")
    if found is None:
        stated = getproxies().get(place.scheme) if environ is os.environ else None  # the system's own settings
        found = None if stated is None else ("the system's proxy settings", stated)
    excluded = _variable(environ, "no_proxy")
    if found is None or (excluded is not None and any(_is_meant(place, each) for each in excluded[1].split(","))):
        return None, None
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
    return variable, proxy


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


_LARGEST = 16 * 1024 * 1024
"""Bytes of a file of certificates."""


def _trust(environ: Mapping[str, str], tls: Tls, *, is_used: bool) -> ssl.SSLContext:
    """Whose certificates are believed, and the client's own. Raises Misuse for a file that is no such thing.

    Those that come with Python are read where the context `is_used`: that takes longer than twenty requests.
    """
    if tls.ca is not None and tls.insecure:
        raise Misuse("--ca and --insecure exclude each other", hint="leave one of them out")
    if tls.client_key is not None and tls.client_cert is None:
        raise Misuse("--client-key was given without --client-cert", hint="give the certificate that it belongs to")
    context = _believing(tls.ca) if tls.ca is not None else _of_variables(environ, is_used=is_used)
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.client_cert is not None:
        _show(context, tls.client_cert, tls.client_key)
    return context


def _believing(file: Path) -> ssl.SSLContext:
    _readable("--ca", file)
    try:
        return ssl.create_default_context(cafile=file)
    except OSError:  # an ssl.SSLError is one
        raise Misuse(f"--ca {file} holds no certificate", hint="name a file of certificates in PEM") from None


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Have the client show its certificate to whoever asks for one."""
    _readable("--client-cert", certificate)
    if key is not None:
        _readable("--client-key", key)
    try:
        ssl.create_default_context().load_verify_locations(certificate)
    except OSError:
        hint = "name a file that holds a certificate in PEM"
        raise Misuse(f"--client-cert {certificate} holds no certificate", hint=hint) from None
    keys = f"--client-cert {certificate}" if key is None else f"--client-key {key}"
    try:
        context.load_cert_chain(certificate, key, password=_no_pass_phrase)
    except _Locked:
        raise Misuse(f"the key of {keys} has a pass phrase", hint="give one without, readable by you alone") from None
    except OSError as error:
        is_another = getattr(error, "reason", None) == "KEY_VALUES_MISMATCH"
        wrong = "is not the key of --client-cert" if is_another else "holds no private key"
        raise Misuse(f"{keys} {wrong}", hint="give --client-cert and --client-key, each in PEM") from None


class _Locked(Exception):  # noqa: N818
    """A private key cannot be read without its pass phrase."""


def _no_pass_phrase() -> str:
    raise _Locked


def _readable(option: str, file: Path) -> None:
    try:
        content(file, most=_LARGEST)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        reason = f"{reason[0].lower()}{reason[1:]}"
        raise Misuse(f"{option} {file} cannot be read: {reason}", hint="name a file that can be") from None


def _of_variables(environ: Mapping[str, str], *, is_used: bool) -> ssl.SSLContext:
    """With the certificates of the two variables, else those that come with Python. Raises Misuse."""
    file, folder = environ.get("SSL_CERT_FILE") or None, environ.get("SSL_CERT_DIR") or None
    if folder is not None and not _can_be_listed(Path(folder)):
        raise Misuse("SSL_CERT_DIR names no folder that can be read", hint="correct it, or unset it")
    if file is None and folder is None and not is_used:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if file is not None:
            content(Path(file), most=_LARGEST)  # OpenSSL would wait for a pipe for ever
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
