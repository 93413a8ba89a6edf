"""What is asked for with `--choices` and `--variant`, and what is refused with the nearest that there is."""

import pytest
from entity_contract.rulings import load
from entity_server.settings import UnusableSetting
from entity_server.variants import VARIANTS
from entity_server.variants.choosing import FAMILIES, chosen, compatible

CHOICES = [clause for clause in load().clauses.values() if clause.level == "choice"]
NEVER_OTHER = {
    "O1.head": "the generated clients of Python read no method that is not in EntityMethod",
    "E18.spelling": "the generated clients of Go and Python read no integer that is spelt 12.0",
    "A14.secure-name": "over https alone",
    "E10.tokens-used": "there is no generation on that server",
}


def test_nothing_is_chosen_where_nothing_was_asked_for() -> None:
    assert chosen(None).variants == ()


def test_other_takes_the_first_other_alternative_of_every_choice_that_can_be_one_server() -> None:
    taken = chosen("other").choices

    assert taken == {clause.id: clause.alternatives[1] for clause in CHOICES if clause.id not in NEVER_OTHER}


def test_what_is_named_beside_other_is_so_in_any_case() -> None:
    other = chosen("other").choices or {}

    taken = chosen("other,L2=refused, E18=12.0 ,O1.head=listed,E10.tokens-used=prompt-counts").choices

    assert taken == {
        **{clause: one for clause, one in other.items() if clause not in {"L2.above-100", "E10.capability"}},
        "E18.spelling": "12.0",
        "O1.head": "listed",
        "E10.tokens-used": "prompt-counts",
    }


def test_what_is_named_beside_a_draw_is_so_for_every_seed() -> None:
    taken = [(chosen("random,L12=first", seed=seed).choices or {})["L12.nulls"] for seed in range(20)]

    assert taken == ["first"] * 20


def test_an_empty_list_of_choices_is_refused() -> None:
    with pytest.raises(UnusableSetting, match="takes other, random or ROW=ALTERNATIVE"):
        chosen("")


def test_a_seed_draws_the_same_choices_again() -> None:
    assert chosen("random", seed=7) == chosen("random", seed=7)
    assert chosen("random", seed=7).told()["seed"] == "7"
    assert chosen("random", seed=7).variants != chosen("random", seed=8).variants


def test_a_seed_is_made_up_and_told_where_none_is_given() -> None:
    drawn = chosen("random")

    assert chosen("random", seed=drawn.seed) == drawn


@pytest.mark.parametrize("seed", range(100))
def test_a_draw_has_no_two_variants_that_cannot_be_one_server(seed: int) -> None:
    drawn = chosen("random", seed=seed).variants

    assert drawn
    assert [
        (one.id, other.id) for one in drawn for other in drawn if one is not other and not compatible(one, other)
    ] == []


@pytest.mark.parametrize("asked", ["L2=capped", "L2.above-100=capped", "l2=capped", " L2 = capped "])
def test_a_choice_is_named_by_its_row_or_its_clause(asked: str) -> None:
    assert [one.id for one in chosen(asked).variants] == ["limit-is-capped"]


def test_our_own_alternative_changes_nothing() -> None:
    assert chosen("L2=refused").variants == ()


def test_what_was_told_is_the_same_server_again() -> None:
    drawn = chosen("random", seed=5)

    assert set(chosen(drawn.told()["choices"]).choices or {}) == set(drawn.choices or {})


def test_a_choice_in_several_places_is_taken_in_all_of_them() -> None:
    assert [one.id for one in chosen("L16.case-of-ends=case-sensitive").variants] == [
        "starts-with-by-case",
        "ends-with-by-case",
    ]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_one_server(name: str) -> None:
    assert tuple(one.id for one in chosen(None, (name,)).variants) == FAMILIES[name]


def test_every_alternative_can_be_chosen_by_itself() -> None:
    missing = [
        f"{clause.id}={alternative}"
        for clause in CHOICES
        for alternative in clause.alternatives[1:]
        if (chosen(f"{clause.id}={alternative}", https=True).choices or {}).get(clause.id) != alternative
    ]

    assert missing == []


def test_every_variant_can_be_asked_for_by_name() -> None:
    assert [one.id for one in VARIANTS if chosen(None, (one.id,), https=True).variants != (one,)] == []


@pytest.mark.parametrize(
    ("choices", "names", "said"),
    [
        ("othr", (), "did you mean other?"),
        ("L2=caped", (), "L2 is refused or capped, and not 'caped'; did you mean capped?"),
        (
            "L99=capped",
            (),
            "'L99' is no choice of the rulings; did you mean L9?; `reference-server variants` lists them all",
        ),
        ("L4=capped", (), "'L4' is no choice of the rulings"),
        ("R3=400", (), "R3=400 is several choices; say which: R3.not-an-object or R3.other-media-type"),
        ("L12=first,L12=always-last", (), "L12.nulls is chosen twice"),
        ("", (), "--choices takes other, random or ROW=ALTERNATIVE"),
        (None, ("ids-are-uids",), "did you mean ids-are-uuids?"),
        (None, ("ids-are-uuids", "ids-are-numbers"), "cannot be one server"),
        (
            "L7=newest-first",
            ("oldest-first",),
            "oldest-first takes L7.default-order=another, and newest-first was chosen",
        ),
        ("L2=capped", ("no-generation", "credits-are-spent"), "cannot be one server"),
        ("A14.secure-name=the __Secure- name", (), "can only be seen over https"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(choices: str | None, names: tuple[str, ...], said: str) -> None:
    with pytest.raises(UnusableSetting) as refused:
        chosen(choices, names)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_seed_without_a_draw_is_refused() -> None:
    with pytest.raises(UnusableSetting, match="--choices random"):
        chosen("other", seed=3)
