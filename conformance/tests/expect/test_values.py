"""Verbs over plain values: each with a value that holds and one that does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.times import moment
from entity_conformance.suite import expect

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("holds", "violates"),
    [
        (lambda: expect.equal(1.0, 1, at="x"), lambda: expect.equal(2, 1, at="x")),
        (lambda: expect.equal([{"a": (1,)}], [{"a": [1]}], at="x"), lambda: expect.equal([1], [1, 2], at="x")),
        (lambda: expect.equal(None, None, at="x"), lambda: expect.equal(expected=True, actual=1, at="x")),
        (lambda: expect.different("a", "b", at="x"), lambda: expect.different("a", "a", at="x")),
        (lambda: expect.at_least(3, 3, at="x"), lambda: expect.at_least(2, 3, at="x")),
        (lambda: expect.at_most(3, 3, at="x"), lambda: expect.at_most(4, 3, at="x")),
        (lambda: expect.at_least(3, 3, at="x"), lambda: expect.at_least("3", 3, at="x")),
        (lambda: expect.at_most(3.5, 4, at="x"), lambda: expect.at_most(None, 3, at="x")),
        (lambda: expect.length([1, 2], 2, at="x"), lambda: expect.length([1], 2, at="x")),
        (lambda: expect.length([], 0, at="x"), lambda: expect.length("", 0, at="x")),
        (lambda: expect.key("sk_live_A b", at="x"), lambda: expect.key("sk_live_\x7f", at="x")),
        (lambda: expect.key("a" * 16_000, at="x"), lambda: expect.key("a" * 16_001, at="x")),
        (lambda: expect.contains({"a": 1}, "a", at="x"), lambda: expect.contains({"a": 1}, "b", at="x")),
        (lambda: expect.contains("abc", "b", at="x"), lambda: expect.contains(None, "b", at="x")),
        (lambda: expect.lacks(["a"], "b", at="x"), lambda: expect.lacks(["a", "b"], "c", "b", at="x")),
        (lambda: expect.text("a", at="x"), lambda: expect.text("  ", at="x")),
        (lambda: expect.number(1.5, at="x"), lambda: expect.number(True, at="x")),  # noqa: FBT003  # a JSON value
        (lambda: expect.integer(1.0, at="x"), lambda: expect.integer(1.5, at="x")),
        (lambda: expect.array([], at="x"), lambda: expect.array({}, at="x")),
        (lambda: expect.mapping({}, at="x"), lambda: expect.mapping([], at="x")),
        (lambda: expect.is_null(None, at="x"), lambda: expect.is_null(0, at="x")),
        (lambda: expect.one_of("a", ("a", "b"), at="x"), lambda: expect.one_of("c", ("a", "b"), at="x")),
        (lambda: expect.window("15m", at="x"), lambda: expect.window("15m ", at="x")),
        (lambda: expect.window("1d", at="x"), lambda: expect.window("one hour", at="x")),
        (lambda: expect.window("30s", at="x"), lambda: expect.window(3600, at="x")),
        (lambda: expect.ascending([1, 1, 2], at="x"), lambda: expect.ascending([1, 2, 1], at="x")),
        (lambda: expect.descending([2, 1, 1], at="x"), lambda: expect.descending([2, 1, 2], at="x")),
        (
            lambda: expect.near(NOW, NOW + timedelta(seconds=5), within=timedelta(seconds=5), at="x"),
            lambda: expect.near(NOW, NOW + timedelta(seconds=6), within=timedelta(seconds=5), at="x"),
        ),
        (
            lambda: expect.same_instant("2025-01-15T10:30:00Z", "2025-01-15T11:30:00.000+01:00", at="x"),
            lambda: expect.same_instant("2025-01-15T10:30:00Z", "2025-01-15T10:30:00.001Z", at="x"),
        ),
        (
            lambda: expect.after("2025-01-15T10:30:01Z", "2025-01-15T10:30:00Z", at="x"),
            lambda: expect.after("2025-01-15T10:30:00Z", "2025-01-15T10:30:00Z", at="x"),
        ),
        (
            lambda: expect.not_before("2025-01-15T10:30:00Z", "2025-01-15T10:30:00Z", at="x"),
            lambda: expect.not_before("2025-01-15T10:29:59Z", "2025-01-15T10:30:00Z", at="x"),
        ),
    ],
)
def test_a_verb_tells_what_holds_from_what_does_not(
    holds: Callable[[], object], violates: Callable[[], object]
) -> None:
    holds()

    with pytest.raises(Violation, match="x"):
        violates()


@pytest.mark.parametrize(
    "text", ["2025-01-15T10:30:00Z", "2025-01-15t10:30:00.123456789z", "2025-01-15T10:30:00+05:30"]
)
def test_rfc_3339_times_are_read(text: str) -> None:
    assert expect.timestamp(text, at="x").tzinfo is UTC


@pytest.mark.parametrize(
    "value", ["2025-01-15", "2025-01-15T10:30:00", "2025-13-45T10:30:00Z", "2025-01-15T10:30Z", 1736937000, None, ""]
)
def test_what_is_no_rfc_3339_time_is_a_violation(value: object) -> None:
    with pytest.raises(Violation, match="no RFC 3339 time"):
        expect.timestamp(value, at="x")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2025-01-15T10:30:00Z", timedelta(seconds=1)),
        ("2025-01-15T10:30:00.123Z", timedelta(milliseconds=1)),
        ("2025-01-15T10:30:00.123456789Z", timedelta(microseconds=1)),
    ],
)
def test_the_resolution_is_the_unit_of_the_last_digit_printed(text: str, unit: timedelta) -> None:
    assert expect.resolution(text, at="x") == unit


def test_a_choice_is_the_first_alternative_that_holds_whole() -> None:
    observed = expect.choice(
        refused=lambda: expect.equal(200, 400, at="status"),
        half_done=[lambda: expect.equal(1, 1, at="x"), lambda: expect.equal(1, 2, at="y")],
        set_to_null=lambda: expect.is_null(None, at="z"),
    )

    assert observed == "set-to-null"


def test_what_lies_outside_of_a_choice_is_a_violation_that_tells_all_of_them() -> None:
    with pytest.raises(Violation) as caught:
        expect.choice(refused=lambda: expect.equal(1, 2, at="x"), ignored=lambda: expect.equal(1, 3, at="y"))

    assert caught.value.expected == "2 or 3"
    assert "not refused: x differs" in str(caught.value.actual)
    assert "not ignored: y differs" in str(caught.value.actual)


def test_alternatives_are_told_by_what_they_expect_and_never_by_a_name_of_ours() -> None:
    with pytest.raises(Violation) as caught:
        expect.choice(
            bad_request=lambda: expect.equal(200, 400, at="the status"),
            of_a_wrong_type=lambda: expect.equal(200, 422, at="the status"),
        )

    assert caught.value.expected == "400 or 422"
    assert str(caught.value.actual).startswith("not bad request: ")
    assert "; not of a wrong type: " in str(caught.value.actual)


def test_observations_of_one_choice_that_differ_are_mixed() -> None:
    assert expect.alike(["400", "400"]) == "400"
    assert expect.alike(["400", "422", "400"]) == "mixed"


def test_an_object_may_have_members_besides_those_wanted() -> None:
    expect.members({"read": True, "share": False}, {"read": True}, at="x")
    with pytest.raises(Violation, match="x differs"):
        expect.members({"read": True}, {"read": False}, at="x")
    with pytest.raises(Violation, match="x differs"):
        expect.members({"share": True}, {"read": True}, at="x")


def test_long_values_are_shown_short() -> None:
    with pytest.raises(Violation) as caught:
        expect.equal("a" * 5_000, "b", at="x")

    assert len(str(caught.value.actual)) < 200


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 1.5, True, "1", None])
def test_what_is_no_integer_is_a_violation_however_large(value: object) -> None:
    with pytest.raises(Violation):
        expect.integer(value, at="pagination.total")


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.999-05:00", "0001-01-01T00:00:00+05:30"])
def test_a_moment_in_the_calendars_last_hours_is_one_wherever_it_is_told(text: str) -> None:
    of_the_calendar = {datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)}

    assert expect.timestamp(text, at="createdAt") in of_the_calendar
    assert moment(text) in of_the_calendar


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2016-12-31t23:59:60.5z", "2017-01-01T05:29:60+05:30"])
def test_a_leap_second_is_a_moment(text: str) -> None:
    second = datetime(2017, 1, 1, tzinfo=UTC)

    assert expect.timestamp(text, at="createdAt").replace(microsecond=0) == second
    assert (moment(text) or NOW).replace(microsecond=0) == second


@pytest.mark.parametrize("text", ["2016-12-31T10:15:60Z", "2016-12-31T23:59:61Z", "9999-12-31T23:59:60Z"])
def test_sixty_seconds_elsewhere_are_none(text: str) -> None:
    with pytest.raises(Violation):
        expect.timestamp(text, at="createdAt")
    assert moment(text) is None
