"""Dice: choices from bytes, repeatable, plain where there are none left."""

from entity_tests.model.dice import Dice


def test_each_choice_takes_one_roll() -> None:
    dice = Dice(bytes([5, 13, 200]))
    assert (dice.below(10), dice.one_of("abcde"), dice.between(1, 3)) == (5, "d", 3)


def test_past_the_last_roll_every_choice_is_the_plain_one() -> None:
    dice = Dice(b"")
    assert (dice.below(7), dice.one_of("xyz"), dice.between(2, 9), dice.sometimes(9)) == (0, "x", 2, False)


def test_sometimes_is_true_that_often_of_ten() -> None:
    assert [Dice(bytes([roll])).sometimes(3) for roll in range(10)] == [False] * 7 + [True] * 3


def test_turned_items_go_round() -> None:
    assert Dice(bytes([2])).turned("abc") == ("c", "a", "b")


def test_shaken_dice_are_others_and_the_same_ones_again() -> None:
    plain = Dice(bytes(8))
    first, again, other = (plain.shaken(by) for by in ("1 1", "1 1", "1 2"))
    rolls = [[dice.below(256) for _ in range(8)] for dice in (first, again, other)]
    assert rolls[0] == rolls[1]
    assert rolls[0] != rolls[2]
    assert rolls[0] != [0] * 8
