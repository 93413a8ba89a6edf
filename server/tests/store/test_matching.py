"""The database agrees with Python on what a filter selects, on texts that nobody thought of."""

import asyncio
import json

from entity_server.store import open_store
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.tests.example_entities import THINGS, contract_of
from server.tests.store.given import thing, titles

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("aAbB%_\\*?[]'\"ßſİıΣσς"), max_size=8
)


async def found(title: str, filter_: dict[str, str]) -> bool:
    store = await open_store("sqlite://:memory:", contract_of(THINGS))
    try:
        await thing(store, f"x{title}", note=title)
        return bool(await titles(store, filter=json.dumps({"note": filter_})))
    finally:
        await store.close()


@given(text=TEXT, needle=TEXT)
@example(text="50%_off", needle="%_O")
@example(text="STRASSE", needle="ß")
@settings(max_examples=15, deadline=None)
def test_text_operators_agree_with_python(text: str, needle: str) -> None:
    folded, wanted = text.casefold(), needle.casefold()

    assert asyncio.run(found(text, {"$contains": needle})) == (wanted in folded)
    assert asyncio.run(found(text, {"$startsWith": needle})) == folded.startswith(wanted)
    assert asyncio.run(found(text, {"$endsWith": needle})) == folded.endswith(wanted)
    assert asyncio.run(found(text, {"$eq": needle})) == (needle == text)
