"""What `Prefer` says (RFC 7240)."""

import time

import pytest
from entity_server.domain.problems import ValidationFailed
from entity_server.http.exchange import Delivery
from entity_server.http.simulation.preferences import preferences


@pytest.mark.parametrize(
    ("sent", "applied"),
    [
        (["code=429"], ["code=429"]),
        (['code="429"'], ["code=429"]),
        (["CODE = 429 ; foo; bar=baz"], ["code=429"]),
        (["Delay=20 , Code=429"], ["delay=20", "code=429"]),
        (["code=429", "delay=20"], ["code=429", "delay=20"]),
        (["code=429, code=500"], ["code=429"]),
        (["code=429", "CODE=500"], ["code=429"]),
        (["respond-async, wait=10, code=429"], ["code=429"]),
        (['handling="a, code=500; \\" b", code=429'], ["code=429"]),
        ([", ,code=429,,"], ["code=429"]),
        (["cut"], ["cut"]),
        (['cut=""'], ["cut"]),
        (["dribble"], ["dribble"]),
        (["dribble=200"], ["dribble=200"]),
        (["fault=list.total-off-by-one"], ["fault=list.total-off-by-one"]),
        (["return=minimal"], []),
        ([""], []),
    ],
)
def test_what_is_preferred_is_read(sent: list[str], applied: list[str]) -> None:
    assert list(preferences(sent).applied) == applied


def test_a_delivery_is_put_together() -> None:
    assert preferences(["delay=20, dribble, cut"]).delivery == Delivery(delay_ms=20, dribble_ms=1000, cut=True)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("code", "code must be a status"),
        ("code=4290", "code must be a status"),
        ("code=\u0664\u0662\u0669", "cannot be read from character 1 on"),
        ("code=abc", "code must be a status"),
        ("delay", "delay must be a number of milliseconds from 0 to 30000"),
        ("delay=-1", "delay must be a number of milliseconds"),
        ("delay=30001", "delay must be a number of milliseconds"),
        ("delay=1e3", "delay must be a number of milliseconds"),
        ("dribble=99999999999", "dribble must be a number of milliseconds"),
        ("fault", "fault must name one"),
        ('cut, code="429', "cannot be read from character 5 on"),
        ("code 429", "cannot be read from character 1 on"),
    ],
)
def test_what_cannot_be_read_is_refused(sent: str, told: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        preferences([sent])

    assert told in refused.value.message


def test_no_field_takes_long_to_be_refused() -> None:
    begun = time.process_time()

    for hostile in ("code" + "; " * 20_000 + "=", "a = " * 20_000, 'a="' + "\\\\" * 20_000, "a;b  " * 10_000 + "("):
        with pytest.raises(ValidationFailed):
            preferences([hostile])

    assert time.process_time() - begun < 1
