"""What a property test knows of the deployment it talks to: whose ids there are, and how to make one more.

The server is real and its database is this test's own, so that every id in it was either there at the start, or made
here, or made by a request that was seen (`seen`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import httpx
from entity_contract import Contract, Entity

from entity_tests.deployments.serving import Served
from entity_tests.properties.strategies import plain

KEPT = 3
"""Records of each entity that no request deletes."""


@dataclass
class World:
    """The living ids of the caller's records and keys, by entity, kept up to date with every answer."""

    contract: Contract
    served: Served
    seed: int
    living: dict[str, dict[str, None]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    keys_in_use: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self._client = httpx.Client(base_url=self.served.base_url, headers=self.served.bearer(), timeout=30)
        keys = httpx.get(f"{self.served.base_url}/keys", headers=self.served.cookie, timeout=30)
        self.keys_in_use = frozenset(str(key["id"]) for key in keys.json()["data"])
        for entity in self.contract.entities:
            self.living[entity.name] = dict.fromkeys(self._listed(entity))
        for entity in self.contract.entities:
            for _ in range(KEPT if "create" in entity.operations else 0):
                self.kept.add(self.another(entity))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def one_of(self, entity: Entity) -> str | None:
        """Some living record's id; often one that stays."""
        ids = tuple(self.living[entity.name])
        stable = tuple(one for one in ids if one in self.kept)
        choice = stable if stable and self.random.random() < 0.5 else ids
        return self.random.choice(choice) if choice else None

    def another(self, entity: Entity) -> str:
        """The id of a record made for the occasion."""
        body: dict[str, object] = {one.name: self._value(entity, one.name) for one in entity.fields if one.required}
        answer = self._client.post(f"/{entity.name}", json=body)
        assert answer.is_success, f"{entity.name}: {answer.status_code} {answer.text[:300]}"
        made = str(answer.json()["data"]["id"])
        self.living[entity.name][made] = None
        return made

    def another_key(self) -> str:
        """The id of an API key made for the occasion."""
        body = {"name": "made for a test", "scopes": ["read"]}
        answer = httpx.post(f"{self.served.base_url}/keys", json=body, headers=self.served.cookie, timeout=30)
        assert answer.status_code == 201, f"keys: {answer.status_code} {answer.text[:300]}"
        return str(answer.json()["data"]["id"])

    def seen(
        self, *, action: str | None, entity: Entity | None, record_id: str | None, body: Mapping[str, object]
    ) -> None:
        """Note what a successful request did."""
        if entity is None:
            return
        data = body.get("data")
        if action == "create" and isinstance(data, dict):
            self.living[entity.name][str(data["id"])] = None
        if action == "delete" and record_id is not None:
            self.living[entity.name].pop(record_id, None)
            self.kept.discard(record_id)
            self._refresh_children(entity)

    def _refresh_children(self, parent: Entity) -> None:
        """Forget the records that a deletion took along."""
        for entity in self.contract.entities:
            if any(one.type == "belongsTo" and one.entity == parent.name for one in entity.relations):
                self.living[entity.name] = dict.fromkeys(self._listed(entity))

    def _listed(self, entity: Entity) -> list[str]:
        ids: list[str] = []
        page, more = 1, True
        while more:
            answer = self._client.get(f"/{entity.name}", params={"limit": 100, "page": page, "fields": "id"})
            assert answer.status_code == 200, f"{entity.name}: {answer.status_code} {answer.text[:300]}"
            ids += [str(record["id"]) for record in answer.json()["data"]]
            page, more = page + 1, answer.json()["pagination"]["hasNext"]
        return ids

    def _value(self, entity: Entity, name: str) -> object:
        parent = next((one for one in entity.relations if one.type == "belongsTo" and one.foreign_key == name), None)
        if parent is not None:
            target = self.contract.entity(parent.entity)
            assert target is not None
            return self.one_of(target) or self.another(target)
        field = entity.field(name)
        assert field is not None
        return plain(field, f"made-{self.random.getrandbits(48):x}")
