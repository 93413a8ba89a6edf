"""What a deployment writes another way in every record is read as it is meant, and written as the deployment does.

It is long because each way has to be shown in both directions.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from entity_conformance.deployment.dialect import Dialect, named
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.reply import Headers, Reply
from entity_contract import Entity, load

BASE = "https://api.example.test/api/v1"


def entity(name: str) -> Entity:
    return next(one for one in load().entities if one.name == name)


def answered(data: object, *, method: str = "GET", **headers: str) -> Reply:
    content = json.dumps({"success": True, "data": data}).encode()
    return Reply("x1", method, f"{BASE}/tasks", "api_key", 200, Headers(list(headers.items())), content)


def learnt(*records: Mapping[str, object], of: str = "tasks") -> Dialect:
    dialect = Dialect()
    dialect.learn(entity(of), answered(list(records)))
    return dialect


def record(**members: object) -> dict[str, object]:
    return {"id": "tsk_1", "title": "Count", "createdAt": "2026-01-02T03:04:05Z", **members}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1_795_964_474_500, "2026-11-29T15:01:14.500Z"),
        (1_795_964_474, "2026-11-29T15:01:14Z"),
        (1_795_964_474.5, "2026-11-29T15:01:14.500000Z"),
    ],
)
def test_a_time_that_is_a_number_is_read_with_the_digits_that_it_has(written: float, meant: str) -> None:
    dialect = learnt(record(createdAt=written))

    assert dialect.read("tasks", answered(record(createdAt=written))).record["createdAt"] == meant


@pytest.mark.parametrize(
    ("of", "member", "written", "meant"),
    [
        ("tasks", "id", 7, "7"),
        ("tasks", "assigneeId", 9, "9"),
        ("tasks", "createdAt", 1_767_323_045, "2026-01-02T03:04:05Z"),
        ("tasks", "createdAt", 1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
        ("tasks", "createdAt", "2026-01-02T03:04:05", "2026-01-02T03:04:05Z"),
        ("tasks", "createdAt", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05Z"),
        ("tasks", "createdAt", {"_seconds": 1_767_323_045, "_nanoseconds": 678_000_000}, "2026-01-02T03:04:05.678Z"),
        ("tasks", "createdAt", {"seconds": "1767323045", "nanos": 1_000}, "2026-01-02T03:04:05.000001Z"),
        ("tasks", "createdAt", {"seconds": 1_767_323_045}, "2026-01-02T03:04:05.000Z"),
        ("tasks", "createdAt", {"$date": "2026-01-02T03:04:05Z"}, "2026-01-02T03:04:05Z"),
        ("tasks", "createdAt", {"$date": {"$numberLong": "1767323045678"}}, "2026-01-02T03:04:05.678Z"),
        ("tasks", "status", "IN-PROGRESS", "in_progress"),
        ("products", "active", 1, True),
        ("products", "active", "false", False),
        ("products", "priceCents", "3490", 3490),
        ("products", "releasedOn", "2026-01-02T00:00:00.000Z", "2026-01-02"),
        ("products", "releasedOn", "2026-01-02 00:00:00", "2026-01-02"),
    ],
)
def test_a_value_is_read_as_it_is_meant(of: str, member: str, written: object, meant: object) -> None:
    dialect = learnt(record(**{member: written}), of=of)

    read = dialect.read(of, answered(record(**{member: written})))

    assert dialect.departs(entity(of), member)
    assert read.record[member] == meant
    assert type(read.record[member]) is type(meant)
    assert json.loads(read.content)["data"][member] == written


@pytest.mark.parametrize(
    ("today", "written", "meant"),
    [
        (1_767_323_045_678, -1000, "1969-12-31T23:59:59.000Z"),
        (1_767_323_045_678, 951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_767_323_045, -1, "1969-12-31T23:59:59Z"),
    ],
)
def test_a_time_long_ago_is_read_in_the_unit_of_the_times_of_today(today: int, written: int, meant: str) -> None:
    dialect = learnt(record(createdAt=today, shippedAt=None), of="orders")

    read = dialect.read("orders", answered(record(createdAt=today, shippedAt=written)))

    assert read.record["shippedAt"] == meant


@pytest.mark.parametrize("written", [10**400, [], {}, True])
def test_a_time_that_is_none_in_any_unit_is_left_alone(written: object) -> None:
    dialect = learnt(record(createdAt=1_767_323_045), of="orders")

    read = dialect.read("orders", answered(record(createdAt=1_767_323_045, shippedAt=written)))

    assert read.record["shippedAt"] == written


def test_times_of_keys_are_read_as_those_of_records() -> None:
    key = {"id": "key_1", "createdAt": 1_767_323_045, "lastUsedAt": None, "expiresAt": "2026-01-02T03:04:05Z"}
    plain, dialect = answered([key]), learnt(record(createdAt=1_767_323_045))

    assert dialect.of_keys(plain).records == ({**key, "createdAt": "2026-01-02T03:04:05Z"},)
    assert dialect.of_keys(answered(key)).record["createdAt"] == "2026-01-02T03:04:05Z"
    assert Dialect().of_keys(plain) is plain
    assert dialect.of_keys(refusal := answered("none")) is refusal


@pytest.mark.parametrize("written", ["tsk_1", {"$oid": "1"}, [], 1.5, True, "a/b"])
def test_an_id_that_is_a_text_or_no_number_is_left_alone(written: object) -> None:
    dialect = learnt(record(id=written))

    assert dialect.departures == {}
    assert dialect.read("tasks", answered(record(id=written))).meant is None


@pytest.mark.parametrize(
    ("of", "member", "written"),
    [
        ("tasks", "createdAt", 10**400),
        ("tasks", "createdAt", 5),
        ("tasks", "createdAt", {}),
        ("tasks", "createdAt", {"seconds": 1, "nanos": 10**9}),
        ("tasks", "createdAt", {"seconds": 10**15, "nanos": 0}),
        ("tasks", "createdAt", {"seconds": 1.5}),
        ("tasks", "createdAt", {"seconds": 1, "zone": 0}),
        ("tasks", "createdAt", {"$date": [1]}),
        ("tasks", "id", 10**400),
        ("products", "priceCents", "1e400"),
        ("products", "priceCents", "NaN"),
        ("products", "priceCents", "[" * 200_000),
        ("products", "active", "maybe"),
        ("products", "releasedOn", "2026-01-02T23:00:00Z"),
        ("products", "releasedOn", "yesterday"),
    ],
)
def test_what_means_nothing_is_left_alone(of: str, member: str, written: object) -> None:
    assert learnt(record(**{member: written}), of=of).departures == {}


def test_what_only_some_records_write_another_way_is_no_dialect() -> None:
    assert learnt(record(id=1), record(id="tsk_2")).departures == {}


def test_a_member_by_another_name_is_known_by_its_letters() -> None:
    shown = {"_id": "tsk_1", "title": "Count", "created_at": "2026-01-02T03:04:05Z"}

    read = learnt(shown).read("tasks", answered(shown))

    assert read.record["id"] == "tsk_1"
    assert read.record["createdAt"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("member", "own", "value"),
    [
        ("createdAt", "insertedAt", "2026-01-02T03:04:05Z"),
        ("createdAt", "date_created", 1_767_323_045_678),
        ("updatedAt", "LastModifiedDate", "2026-01-02T03:04:05Z"),
        ("id", "uuid", "tsk_1"),
        ("id", "pk", 7),
    ],
)
def test_a_member_that_the_server_sets_is_known_by_the_words_of_others(member: str, own: str, value: object) -> None:
    shown = {name: one for name, one in record(updatedAt="2026-01-02T03:04:05Z").items() if name != member}

    dialect = learnt({**shown, own: value})

    assert dialect.departures["tasks", member].name == own
    assert member in dialect.read("tasks", answered({**shown, own: value})).record


@pytest.mark.parametrize(
    "others",
    [{"created": True}, {"created": "yesterday"}, {"created": "2026-01-02T03:04:05Z", "dateCreated": None}, {}],
)
def test_what_is_no_time_or_one_of_two_is_no_name_of_one(others: Mapping[str, object]) -> None:
    shown = {name: one for name, one in record(**others).items() if name != "createdAt"}

    assert ("tasks", "createdAt") not in learnt(shown).departures


def test_metadata_has_the_contracts_names_for_what_records_call_otherwise() -> None:
    dialect = learnt({"_id": "tsk_1", "title": "Count"})
    told = answered({"schema": {"_id": {"type": "string"}, "title": {}}}, method="OPTIONS")

    assert dialect.read("tasks", told).record == {"schema": {"id": {"type": "string"}, "title": {}}}
    assert dialect.read("tasks", bare := answered({"schema": []}, method="OPTIONS")) is bare


RESOURCE = {"type": "tasks", "id": "tsk_1", "attributes": {"title": "Count", "createdAt": "2026-01-02T03:04:05Z"}}


def test_fields_that_stand_in_a_member_of_a_record_are_read_as_its_own() -> None:
    dialect = learnt(RESOURCE, RESOURCE)
    ada = {"name": "Ada", "email": "ada@example.com", "active": True}
    dialect.learn(entity("users"), answered([{"id": "usr_1", "attributes": ada}]))
    partly = {"id": "tsk_1", "attributes": {"assignee": {"id": "usr_1", "attributes": {"name": "Ada"}}}}

    read = dialect.read("tasks", answered([RESOURCE, partly]))

    assert read.records == (
        {"title": "Count", "createdAt": "2026-01-02T03:04:05Z", "type": "tasks", "id": "tsk_1"},
        {"assignee": {"name": "Ada", "id": "usr_1"}, "id": "tsk_1"},
    )
    assert read.wrapped == ("data.attributes in place of data",)
    assert dialect.is_of_its_own
    assert dialect.read("tasks", answered({"id": "tsk_1"})).wrapped == ()


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record(attributes={"title": "Count"})],
        [{"id": "tsk_1", "attributes": {"colour": "red"}}],
        [{"id": "tsk_1", "attributes": "none"}],
        [RESOURCE, {"id": "tsk_2", "title": "Count"}],
        [{"id": "tsk_1", "assignee": {"title": "Dr."}}],
    ],
)
def test_an_object_beside_the_fields_holds_none(records: list[Mapping[str, object]]) -> None:
    assert learnt(*records).holders == {}


def test_the_records_of_a_relation_are_read_so_too() -> None:
    dialect = learnt(record(active=1), of="users")
    dialect.learn(entity("tasks"), answered([record(id=7)]))

    read = dialect.read("tasks", answered(record(id=7, assignee=record(id="usr_1", active=0))))

    assert read.record["assignee"]["active"] is False


def test_a_filter_names_an_id_as_the_deployment_writes_it() -> None:
    dialect = learnt(record(id=7, title="7"))
    dialect.read("tasks", answered(record(id=7, title="7")))
    asked = json.dumps({"id": {"$in": ["7", "8"]}, "title": "7"})

    told = dialect.spelled("tasks", Outgoing("GET", f"{BASE}/tasks?limit=5&filter={asked}"))

    query = parse_qs(urlsplit(told.url).query)
    assert query["limit"] == ["5"]
    assert json.loads(query["filter"][0]) == {"id": {"$in": [7, 8]}, "title": "7"}


def test_a_filter_names_a_time_that_is_an_object_as_the_contract_has_it() -> None:
    dialect, written = learnt(record(createdAt={"seconds": 1_767_323_045})), {"seconds": 1_767_323_045}
    shown = dialect.read("tasks", answered(record(createdAt=written))).record["createdAt"]
    asked = Outgoing("GET", f"{BASE}/tasks?{urlencode({'filter': json.dumps({'createdAt': shown})})}", ())

    assert dialect.spelled("tasks", asked) == asked


def test_a_link_with_such_a_filter_is_read_back() -> None:
    dialect = learnt(record(id=7))
    listed = answered([record(id=7)], link=f'<{BASE}/tasks?filter=%7B%22id%22%3A7%7D&page=2>; rel="next"')
    dialect.read("tasks", listed)

    read = dialect.relinked("tasks", listed)

    assert json.loads(parse_qs(urlsplit(read.links["next"]).query)["filter"][0]) == {"id": "7"}


def test_a_body_names_a_record_as_the_deployment_writes_it() -> None:
    dialect = learnt(record(assigneeId=9, status="TODO"))
    dialect.read("tasks", answered(record(assigneeId=9, status="TODO")))
    body = json.dumps({"title": "9", "assigneeId": "9", "status": "todo"}).encode()

    told = dialect.spelled("tasks", Outgoing("POST", f"{BASE}/tasks", content=body))

    assert json.loads(told.content or b"") == {"title": "9", "assigneeId": 9, "status": "todo"}


def test_a_body_names_a_parent_by_its_number_though_no_child_was_shown() -> None:
    dialect = learnt(record(id=7))
    dialect.learn(entity("comments"), answered([]))

    told = dialect.spelled("comments", Outgoing("POST", f"{BASE}/comments", content=b'{"taskId": "9", "text": "9"}'))

    assert json.loads(told.content or b"") == {"taskId": 9, "text": "9"}


def test_a_deployment_without_a_dialect_is_sent_what_was_asked() -> None:
    request, reply = Outgoing("GET", f"{BASE}/tasks"), answered(record())
    dialect = learnt(record())

    assert dialect.spelled("tasks", request) is request
    assert dialect.read("tasks", reply) is reply


def page(number: object, **headers: str) -> Reply:
    content = json.dumps({"success": True, "data": [record()], "pagination": {"page": number}}).encode()
    return Reply("x1", "GET", f"{BASE}/tasks", "api_key", 200, Headers(list(headers.items())), content)


def test_pages_that_are_counted_from_0_are_read_as_they_are_meant() -> None:
    link = '</api/v1/tasks?limit=3&page=2>; rel="next", </api/v1/tasks?page=0&limit=3>; rel="prev"'

    read = Dialect(from_zero="x1").read("tasks", page(1, Link=link, **{"X-Page": "1", "X-Total-Count": "1"}))

    assert (read.pagination["page"], read.headers["X-Page"], read.headers["X-Total-Count"]) == (2, "2", "1")
    assert read.headers["Link"] == (
        '</api/v1/tasks?limit=3&page=3>; rel="next", </api/v1/tasks?page=1&limit=3>; rel="prev"'
    )


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("page=1", "page=0"),
        ("limit=3&page=12", "limit=3&page=11"),
        ("page=0", "page=-1"),
        ("page=abc", "page=abc"),
        ("page=1.5", "page=1.5"),
        ("page=01", "page=01"),
        ("search=page=1", "search=page=1"),
        ("", ""),
    ],
)
def test_a_page_is_asked_for_as_the_deployment_counts(asked: str, sent: str) -> None:
    request = Outgoing("GET", f"{BASE}/tasks?{asked}", content=None, credential="api_key", kind="key")

    assert Dialect(from_zero="x1").spelled("tasks", request).url == f"{BASE}/tasks?{sent}"
    assert Dialect().spelled("tasks", request).url == request.url


def test_what_lists_showed_no_value_of_is_read_as_others_of_its_type_are() -> None:
    dialect = learnt(record(priceCents="12", stock=None, weightKg=None), of="products")
    shown = {"stock": "7", "weightKg": "1.5", "description": "7", "active": True}

    read = dialect.read("products", answered(record(**shown))).record

    assert {name: read[name] for name in shown} == shown | {"stock": 7, "weightKg": 1.5}
    assert dialect.read("orders", answered(record(quantity="3"))).record["quantity"] == "3"  # of which nothing is known


def test_how_a_member_is_written_is_known_of_a_value_of_another_type() -> None:
    dialect, products = learnt(record(priceCents="12", stock=None), of="products"), entity("products")

    assert dialect.is_written(products, "priceCents", "7")
    assert dialect.is_written(products, "stock", "7")
    assert not any(dialect.is_written(products, "priceCents", one) for one in ("x", [7], True, None))
    assert not dialect.is_written(products, "active", "true")
    assert not Dialect().is_written(products, "priceCents", "7")


def test_headers_are_counted_on_where_a_body_tells_no_number_of_a_page() -> None:
    read = Dialect(from_zero="x1").read("tasks", page(None, **{"X-Page": "0"}))

    assert read.headers["X-Page"] == "1"


@pytest.mark.parametrize("number", [None, "0", True])
def test_a_page_without_a_number_is_as_it_came(number: object) -> None:
    came = page(number)
    assert Dialect(from_zero="x1").read("tasks", came) is came


SNAKE = {"id": "tsk_1", "title": "Count", "created_at": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"sort": "createdAt"}, {"sort": ["created_at"]}),
        ({"fields": "title,createdAt"}, {"fields": ["title,created_at"]}),
        ({"filter": '{"createdAt": {"$gt": "x"}, "title": "createdAt"}'},
         {"filter": ['{"created_at": {"$gt": "x"}, "title": "createdAt"}']}),
        ({"search": "createdAt"}, {"search": ["createdAt"]}),
    ],
)  # fmt: skip
def test_a_member_is_asked_about_by_its_own_name(query: dict[str, str], told: dict[str, list[str]]) -> None:
    dialect, asked = learnt(SNAKE), f"{BASE}/tasks?{urlencode(query)}"
    dialect.describes("tasks", {"schema": {name: {} for name in SNAKE}})

    sent = dialect.spelled("tasks", Outgoing("GET", asked, content=None, credential="api_key", kind="key")).url

    assert parse_qs(urlsplit(sent).query) == told
    led = dialect.relinked("tasks", answered([SNAKE], Link=f'<{sent}>; rel="next"')).headers["Link"]
    assert parse_qs(urlsplit(led[1 : led.index(">")]).query) == {name: [value] for name, value in query.items()}


def test_what_is_refused_by_its_own_name_is_asked_about_by_the_contracts() -> None:
    dialect, asked = learnt(SNAKE), Outgoing("GET", f"{BASE}/tasks?sort=createdAt")
    dialect.describes("tasks", {"schema": {name: {} for name in SNAKE}})

    ((plain, other),) = dialect.plainer("tasks", asked)

    assert plain.url == asked.url
    assert (other.takes_its_names, dialect.takes_its_names) == (False, True)
    assert other.spelled("tasks", asked).url == asked.url


def test_a_member_that_options_calls_by_its_right_name_is_asked_about_by_that() -> None:
    dialect, asked = learnt(SNAKE), f"{BASE}/tasks?sort=createdAt"
    dialect.describes("tasks", {"schema": {"id": {}, "createdAt": {}}})
    assert dialect.spelled("tasks", Outgoing("GET", asked)).url == asked


def test_what_the_deployment_sets_has_the_names_of_the_contract_whoever_describes_it() -> None:
    orders = entity("orders")
    own = {"createdAt": "created_at", "updatedAt": "updated_at", "notes": "note_s"}
    fields = tuple(replace(one, name=own.get(one.name, one.name)) for one in orders.fields)
    described = replace(orders, fields=fields, sortable=("created_at",), always=("id", "created_at"))

    meant = named(described)

    names = [one.name for one in meant.fields]
    assert {"createdAt", "updatedAt", "note_s"} <= {*names}
    assert (meant.sortable, meant.always) == (("createdAt",), ("id", "createdAt"))
    assert named(orders) == orders
