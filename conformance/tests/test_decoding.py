import gzip
import zlib

import pytest
from entity_conformance.deployment.decoding import decoder
from entity_conformance.deployment.no_answer import NoAnswer

MOST = 1000


def decoded(coding: str, *chunks: bytes) -> bytes:
    decoding = decoder(coding)
    found = b"".join(decoding.decoded(chunk, MOST) for chunk in chunks)
    decoding.end()
    return found


@pytest.mark.parametrize("coding", ["", "identity", " , "])
def test_a_plain_body_is_taken_as_it_is(coding: str) -> None:
    assert decoded(coding, b"ab", b"c") == b"abc"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"abc", mtime=0)),
        ("X-GZip", gzip.compress(b"abc", mtime=0)),
        ("deflate", zlib.compress(b"abc")),
        ("gzip", gzip.compress(b"a", mtime=0) + gzip.compress(b"bc", mtime=0)),
    ],
)
def test_a_compressed_body_is_read_however_it_is_cut_into_pieces(coding: str, body: bytes) -> None:
    assert decoded(coding, *(body[at : at + 1] for at in range(len(body)))) == b"abc"


def test_no_more_is_unpacked_than_is_asked_for() -> None:
    assert len(decoder("gzip").decoded(gzip.compress(bytes(1 << 20)), MOST)) == MOST + 1


@pytest.mark.parametrize(
    ("coding", "body", "told"),
    [
        ("br", b"", "the answer is encoded as 'br', which was not asked for"),
        ("gzip, gzip", b"", "the answer is encoded as 'gzip, gzip', which was not asked for"),
        ("gzip", gzip.compress(b"abc", mtime=0)[:-1], "the compressed answer ends before it is whole"),
    ],
)
def test_what_cannot_be_decoded_is_told(coding: str, body: bytes, told: str) -> None:
    with pytest.raises(NoAnswer) as raised:
        decoded(coding, body)

    assert raised.value.message == told


def test_what_is_not_compressed_though_it_says_so_is_malformed() -> None:
    with pytest.raises(NoAnswer) as raised:
        decoded("gzip", b'{"success": true}')

    assert (raised.value.failure, raised.value.message[:37]) == ("malformed", "the compressed answer cannot be read:")
