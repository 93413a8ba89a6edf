"""The random source: choices from bytes, which can be repeated."""

from entity_tests.model.random_source import RandomSource


def test_each_choice_takes_one_byte() -> None:
    source = RandomSource(bytes([5, 13, 200]))
    assert (source.below(10), source.one_of("abcde"), source.between(1, 3)) == (5, "d", 3)


def test_after_the_last_byte_every_choice_is_the_first_one() -> None:
    source = RandomSource(b"")
    assert (source.below(7), source.one_of("xyz"), source.between(2, 9), source.sometimes(9)) == (0, "x", 2, False)


def test_sometimes_is_true_that_often_of_ten() -> None:
    assert [RandomSource(bytes([byte])).sometimes(3) for byte in range(10)] == [False] * 7 + [True] * 3


def test_items_are_rotated() -> None:
    assert RandomSource(bytes([2])).rotated("abc") == ("c", "a", "b")
