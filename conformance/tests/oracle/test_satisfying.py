"""What a record that satisfies a question holds."""

from dataclasses import replace

from entity_conformance.oracle import satisfying
from entity_contract import Field, load


def test_a_word_stands_in_any_text_of_an_entity_whose_searched_fields_nobody_tells() -> None:
    (customers,) = (one for one in load().entities if one.name == "customers")
    own = replace(customers, fields=(Field("companyName", "string"), Field("notes", "text")), searchable=("notes",))
    record = {"id": "cus_1", "companyName": "Babbage", "notes": None}

    assert satisfying.has_words(own, record, ("BABBAGE",)) is None
    assert satisfying.has_words(own, record, ("babbage", "lovelace")) == "lovelace"
