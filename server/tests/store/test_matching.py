"""The database agrees with Python on what a filter selects, on texts that nobody thought of."""

import asyncio
import json
from collections.abc import Iterable

from entity_server.store import open_store
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.tests.example_entities import THINGS, contract_of
from server.tests.store.given import thing, titles

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("aAbB%_\\*?[]'\"ßſİıΣσς"), max_size=8
)


async def found(title: str, filters: Iterable[dict[str, str]]) -> list[bool]:
    """Whether each filter selects the one record that there is."""
    store = await open_store("sqlite://:memory:", contract_of(THINGS))
    try:
        await thing(store, f"x{title}", note=title)
        return [bool(await titles(store, filter=json.dumps({"note": one}))) for one in filters]
    finally:
        await store.close()


@given(text=TEXT, needle=TEXT)
@example(text="50%_off", needle="%_O")
@example(text="STRASSE", needle="ß")
@settings(max_examples=15, deadline=None)
def test_text_operators_agree_with_python(text: str, needle: str) -> None:
    folded, wanted = text.casefold(), needle.casefold()

    selected = asyncio.run(found(text, [{name: needle} for name in ("$contains", "$startsWith", "$endsWith", "$eq")]))

    assert selected == [wanted in folded, folded.startswith(wanted), folded.endswith(wanted), needle == text]
