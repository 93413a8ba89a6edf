"""HTTPS: with a certificate of one's own, or with one that an authority made for this start issues (trustme)."""

import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from entity_server.credentials import kept_file, names_a_file
from entity_server.settings import Settings, UnusableSetting

if TYPE_CHECKING:
    import trustme

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - no names that a certificate can have
_INSTALL = "--tls needs trustme; run: pip install 'v1-entity-contract[tls]', or give --tls-cert and --tls-key"


@dataclass(frozen=True, slots=True)
class Tls:
    """How to serve HTTPS. `ca` is the file of the authority that clients are to trust, None for a certificate given."""

    context: ssl.SSLContext
    ca: Path | None = None


def context_of(tls: Tls | None) -> ssl.SSLContext | None:
    """What a socket needs."""
    return tls.context if tls else None


@contextmanager
def tls(settings: Settings) -> Iterator[Tls | None]:
    """HTTPS as the settings ask for it, None where they ask for HTTP. Raises UnusableSetting."""
    if settings.tls_cert is not None:
        yield Tls(_given(settings.tls_cert, settings.tls_key))
    elif settings.tls:
        with _issued(settings) as issued:
            yield issued
    else:
        yield None


def _given(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        files = f"{certificate}{f' and {key}' if key else ''}"
        hint = "give a PEM certificate with --tls-cert and its key with --tls-key"
        raise UnusableSetting(f"cannot serve TLS with {files}: {reason}; {hint}") from error
    return context


def _no_password() -> str:
    raise ValueError("the key is encrypted, and nobody is there to be asked for a password")


@contextmanager
def _issued(settings: Settings) -> Iterator[Tls]:
    """A certificate for this machine's names; the authority's own stands beside the credentials while it is served."""
    try:
        import trustme  # noqa: PLC0415 - an extra
    except ImportError:
        raise UnusableSetting(_INSTALL) from None
    authority = trustme.CA(organization_name="v1-entity-contract reference server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*_LOOPBACK, *_own_names(authority, settings.host)).configure_cert(context)
    with _place(settings) as file, kept_file(file) as write:
        write(authority.cert_pem.bytes().decode())
        yield Tls(context, file.absolute())


def _own_names(authority: "trustme.CA", host: str) -> Iterator[str]:
    """The names of this machine besides, as far as a certificate can have them: none has an underscore, for one."""
    for name in dict.fromkeys((host, socket.gethostname())):
        if name not in (*_ANYWHERE, *_LOOPBACK):
            with suppress(ValueError):
                authority.issue_cert(name)
                yield name


@contextmanager
def _place(settings: Settings) -> Iterator[Path]:
    """The authority's file: beside the credentials, or in a directory of its own where those are no file."""
    beside = settings.credentials_file
    if beside is not None and names_a_file(beside):
        yield beside.with_suffix(".ca.pem")
        return
    with tempfile.TemporaryDirectory(prefix="reference-server-") as directory:
        yield Path(directory) / "ca.pem"
