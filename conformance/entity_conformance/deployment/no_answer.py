"""That no whole answer came, and why: whatever httpx, TLS and the network raise, in one word and for people."""

import contextlib
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Literal

import httpx

from entity_conformance.deployment.connections import SECURING
from entity_conformance.deployment.problems import Violation

Failure = Literal["dns", "certificate", "tls", "handshake", "connect", "timeout", "closed", "too-large", "malformed"]

_NO_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG"}
"""OpenSSL's reasons where the other end speaks another protocol."""

Detail = Literal["other-name", "other-time", "no-tls"]
"""What of a certificate or of TLS is wrong, where something else helps than usually."""

_DETAILS: Mapping[int, Detail] = {9: "other-time", 10: "other-time", 62: "other-name", 64: "other-name"}
"""By OpenSSL's numbers (X509_V_ERR): not yet valid, expired, a mismatch of the host name or of the address."""


class NoAnswer(Violation):
    """No whole answer came. `failure` says in one word why, `detail` more of it; `message` says it for people."""

    def __init__(self, failure: Failure, message: str, detail: Detail | None = None) -> None:
        super().__init__(message, expected="an answer", actual=message)
        self.failure, self.detail = failure, detail


@contextlib.contextmanager
def translated(timeout: float) -> Iterator[None]:
    """Every way in which an answer can fail to come, as NoAnswer; `timeout` is the deadline in seconds."""
    try:
        yield
    except (TimeoutError, httpx.TimeoutException) as error:
        if any(SECURING in getattr(cause, "__notes__", ()) for cause in _causes(error)):
            raise NoAnswer("handshake", f"TLS did not come about within {timeout:g} s") from None
        raise NoAnswer("timeout", f"no whole answer within {timeout:g} s") from None
    except httpx.ConnectError as error:
        raise _not_connected(error) from None
    except httpx.LocalProtocolError as error:  # what the user gives is looked at before: this came from the deployment
        raise NoAnswer("malformed", f"no request can be made of what the deployment gave: {_said(error)}") from None
    except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
        if isinstance(error, httpx.RemoteProtocolError) and not re.search("disconnected|closed", str(error)):
            raise NoAnswer("malformed", f"what came is no HTTP: {_said(error)}") from None
        raise NoAnswer("closed", "the connection was closed before the whole answer came") from None
    except httpx.ProxyError as error:
        raise NoAnswer("connect", f"the proxy did not let it through: {_said(error)}") from None
    except (httpx.DecodingError, httpx.UnsupportedProtocol) as error:
        raise NoAnswer("malformed", f"the answer cannot be read: {_said(error)}") from None


def _not_connected(error: BaseException) -> NoAnswer:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                said = cause.verify_message or _said(cause)
                return NoAnswer("certificate", f"TLS failed: {said.rstrip('.')}", _DETAILS.get(cause.verify_code))
            case ssl.SSLError():
                reason = getattr(cause, "reason", None)  # only OpenSSL's own have one
                if reason in _NO_TLS:
                    return NoAnswer("tls", "TLS failed: what came is no TLS", "no-tls")
                return NoAnswer("tls", f"TLS failed: {reason or _said(cause)}")
            case socket.gaierror():
                return NoAnswer("dns", "the host name cannot be resolved")
            case ConnectionRefusedError():
                return NoAnswer("connect", "the connection was refused")
            case _:
                pass
    return NoAnswer("connect", f"no connection: {_said(error)}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and everything that led to it, each once: these can run in circles, and come in groups."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            several = cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
            waiting += [*several, cause.__context__, cause.__cause__]


def _said(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
