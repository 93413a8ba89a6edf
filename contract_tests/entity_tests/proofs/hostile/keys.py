"""New API keys that no header can carry, and answers to their creation that show none."""

import json
from collections.abc import Callable
from dataclasses import replace

from entity_tests.proofs.hostile.catalogue import changing
from entity_tests.proofs.hostile.proxy import Answer, Exchange

NAMED = r"keys\.created-key-is-shown.*data\.key"


def _keys(name: str, changed: Callable[[str], object], named: str = NAMED) -> None:
    """Another value in the place of each new key. The property tests make no key that is answered."""

    @changing(name, named, unseen_by={"model", "properties"})
    def _(exchange: Exchange) -> Answer:
        if (exchange.method, exchange.path, exchange.answer.status) != ("POST", "/keys", 201):
            return exchange.answer
        body = json.loads(exchange.answer.body)
        told = {**body, "data": {**body["data"], "key": changed(body["data"]["key"])}}
        return replace(exchange.answer, body=json.dumps(told).encode())


_keys("keys-that-are-no-texts", lambda _: {"v": 1})
_keys("keys-that-are-numbers", lambda _: 12345678901234567890)
_keys("keys-that-are-empty", lambda _: "")
_keys("keys-that-are-blank", lambda _: "   ")
_keys("keys-with-line-breaks", lambda key: f"{key}\r\nX-Owned: 1")
_keys("keys-with-a-line-break-behind", lambda key: f"{key}\n")
_keys("keys-with-a-zero-octet", lambda key: f"{key[:12]}\0{key[12:]}")
_keys("keys-beyond-ascii", lambda key: f"{key[:12]}\u00e9\u2028{key[12:]}")
_keys("keys-of-a-lone-surrogate", lambda key: f"{key}\ud800", "answers-are-json")
_keys("keys-of-a-hundred-thousand-letters", lambda key: key + "a" * 100_000)
_keys("keys-that-are-missing", lambda _: None)
