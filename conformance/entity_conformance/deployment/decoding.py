"""A body without its Content-Encoding, within a bound: a megabyte of gzip can hold a gigabyte. Pure.

No compression is asked for; some gateways compress all the same. httpx decodes whatever comes as a whole, so that its
memory is the deployment's to choose.
"""

import zlib
from typing import Protocol

from entity_conformance.deployment.no_answer import NoAnswer

_GZIP, _DEFLATE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS


class Decoder(Protocol):
    """Takes the octets of one body as they come, and gives what they hold."""

    def decoded(self, octets: bytes, most: int) -> bytes:
        """What these octets hold; at most `most` octets and one, which tells that it is more. Raises NoAnswer."""

    def end(self) -> None:
        """The body has ended. Raises NoAnswer when it should have gone on."""


def decoder(coding: str) -> Decoder:
    """A decoder for the value of a Content-Encoding header. Raises NoAnswer for what was not asked for."""
    match [word.strip().lower() for word in coding.split(",") if word.strip()]:
        case [] | ["identity"]:
            return _Identity()
        case ["gzip" | "x-gzip"]:
            return _Inflated(_GZIP)
        case ["deflate"]:
            return _Inflated(_DEFLATE)
        case _:
            raise NoAnswer("malformed", f"the answer is encoded as {coding[:80]!r}, which was not asked for")


class _Identity:
    def decoded(self, octets: bytes, most: int) -> bytes:
        return octets[: most + 1]

    def end(self) -> None:
        """Nothing is kept back."""


class _Inflated:
    """gzip, of one member or several, and deflate."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflating = zlib.decompressobj(window)
        self._has_begun = False

    def decoded(self, octets: bytes, most: int) -> bytes:
        found = b""
        try:
            while octets and len(found) <= most:
                if self._inflating.eof:
                    self._inflating = zlib.decompressobj(self._window)
                self._has_begun = True
                found += self._inflating.decompress(octets, most + 1 - len(found))
                octets = self._inflating.unconsumed_tail or self._inflating.unused_data
        except zlib.error as error:
            raise NoAnswer("malformed", f"the compressed answer cannot be read: {error}") from None
        return found

    def end(self) -> None:
        if self._has_begun and not self._inflating.eof:
            raise NoAnswer("malformed", "the compressed answer ends before it is whole")
