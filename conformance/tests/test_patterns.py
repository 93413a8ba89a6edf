"""Texts that a pattern of OPTIONS describes."""

import random
import re
import time

import pytest
from entity_conformance.deployment.patterns import matches
from entity_conformance.suite import sample
from entity_conformance.suite.sample.patterns import fitting
from entity_contract import Field


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{2}-[0-9]{4}$",
        r"^\+[0-9]{8,15}$",
        r"^(SKU|ART)-\d+(\.\w)?$",
        r"[^a-c]{3}",
        r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        r"^https://.*\.example$",
        r"\s",
    ],
)
def test_a_text_fits_the_pattern_that_it_was_made_for(pattern: str) -> None:
    for seed in range(20):
        text = fitting(pattern, random.Random(seed), longest=200)
        assert text is not None
        assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", ["(", sample.NEVER, r"^(a)\1$", r"^a{300}$"])
def test_where_no_text_is_found_there_is_none(pattern: str) -> None:
    assert fitting(pattern, random.Random(1), longest=100) is None


def test_a_field_with_a_pattern_is_sampled_by_it_and_each_sample_differs() -> None:
    field = Field("sku", "string", required=True, pattern=r"^[A-Z]{2}-[0-9]{4}$")

    values = {str(sample.value(field, "abcdefghi", group="group", index=index)) for index in range(5)}

    assert len(values) == 5
    assert all(re.fullmatch(r"[A-Z]{2}-[0-9]{4}", value) for value in values)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+(?!a)b",
        r"((((((((a+)+)+)+)+)+)+)+)+(?!)",
        r"^(a|a)*$",
        r"a{1000000000}",
        r"(?:a?){1000000000}",
        r"((a{500}){500}){500}",
        r"(((a?){10000}){10000}){10000}",
        r"a*a*a*a*a*a*a*a*a*b",
        r"(a*)*c|a",
        "(" * 250 + "a" + ")" * 250,
        r"[[a]--b]",
    ],
)
def test_a_pattern_that_would_keep_a_matcher_busy_keeps_nobody(pattern: str) -> None:
    began = time.process_time()

    fitting(pattern, random.Random(1), longest=200)
    matches(pattern, "a" * 200)

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("pattern", "text", "known"),
    [
        (r"^[A-Z]{2}-[0-9]{4}$", "AB-1234", True),
        (r"^[A-Z]{2}-[0-9]{4}$", "AB-123", False),
        (r"^\w+@\w+$", "a@b", True),
        (r"^(a+)+$", "aaa", None),
        (r"^a", "a" * 201, None),
        ("(", "a", None),
    ],
)
def test_a_text_is_matched_where_that_takes_little_time(pattern: str, text: str, *, known: bool | None) -> None:
    assert matches(pattern, text) is known


def test_a_text_that_something_looks_around_in_is_none() -> None:
    assert fitting(r"^(?=.*[A-Z])(?=.*\d)(?=.*[a-z]).{8,}$", random.Random(1), longest=200) is None
