"""What an entity does not have: not applicable, unless a sample of the user's could bring it in."""

from dataclasses import replace

import pytest
from entity_conformance.deployment.problems import NotApplicable, OutOfProfile
from entity_conformance.suite import given, sample
from entity_contract import Field, load

(TASKS,) = (entity for entity in load().entities if entity.name == "tasks")
BARE = replace(TASKS, name="notes", fields=(Field("id", "string", generated=True), Field("pages", "integer")))


def test_what_no_field_of_an_entity_can_show_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match=r"^not applicable: notes has no free text$"):
        given.title(BARE)


@pytest.mark.parametrize(
    "spared", [Field("code", "string", pattern=sample.NEVER), Field("code", "string", samples=("AB-1",))]
)
def test_what_a_field_could_show_by_other_samples_is_out_of_scope(spared: Field) -> None:
    with pytest.raises(OutOfProfile, match=r"^notes has no free text") as raised:
        given.title(replace(BARE, fields=(*BARE.fields, spared)))
    assert not isinstance(raised.value, NotApplicable)
