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


def test_a_salt_makes_another_source_and_the_same_salt_the_same_one() -> None:
    plain = RandomSource(bytes(8))
    first, again, other = (plain.mixed(salt) for salt in ("1 1", "1 1", "1 2"))
    choices = [[source.below(256) for _ in range(8)] for source in (first, again, other)]
    assert choices[0] == choices[1]
    assert choices[0] != choices[2]
    assert choices[0] != [0] * 8
