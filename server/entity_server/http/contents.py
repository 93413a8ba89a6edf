"""What a body holds once its content coding is undone (`Content-Encoding`), within a bound.

Pure. gzip is taken; what else there is, no body is stored as if it were plain.
"""

import zlib

from entity_server.domain.problems import PayloadTooLarge, UnprocessableEntity, ValidationFailed

_GZIP = zlib.MAX_WBITS | 16
_PLAIN = ("", "identity")
_NAMES = ("gzip", "x-gzip")  # "equivalent" (RFC 9110)


def content(raw: bytes, coding: str, *, largest: int) -> bytes:
    """The content of a body.

    Raises PayloadTooLarge, ValidationFailed for what is no whole gzip, UnprocessableEntity for another coding.
    """
    name = coding.strip().lower()
    if name in _PLAIN:
        return raw
    if name not in _NAMES:
        raise UnprocessableEntity("The content coding of the body is not taken; send it plain, or with gzip")
    plain = bytearray()
    try:
        while raw:  # "a gzip file consists of a series of members" (RFC 1952)
            member = zlib.decompressobj(_GZIP)
            plain += member.decompress(raw, largest + 1 - len(plain))
            if len(plain) > largest:
                raise PayloadTooLarge
            if not member.eof:
                raise ValidationFailed("The body is cut off: it ends before its gzip does")
            raw = member.unused_data
    except zlib.error:
        raise ValidationFailed("The body is no gzip, as Content-Encoding says it is") from None
    return bytes(plain)
