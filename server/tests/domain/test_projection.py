from entity_server.domain.projection import Projection, projected

from server.tests.example_entities import THINGS

USER = THINGS.relations[0]


def test_a_projected_record_has_the_fields_the_relations_and_its_id() -> None:
    record = {"id": "thg_1", "title": "A", "size": "small", "userId": "usr_1", "user": {"id": "usr_1"}}

    assert projected([record], Projection(fields=("title",), relations=(USER,))) == [
        {"id": "thg_1", "title": "A", "user": {"id": "usr_1"}}
    ]


def test_without_fields_the_record_is_whole() -> None:
    assert projected([{"id": "thg_1", "title": "A"}], Projection()) == [{"id": "thg_1", "title": "A"}]
