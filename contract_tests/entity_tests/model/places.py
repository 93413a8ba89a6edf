"""Which records a page holds, and which it must hold: how they differ (L8, L23). Pure."""

from collections.abc import Collection, Sequence
from typing import Any

from entity_conformance.oracle.answers import Group, Page


def misplaced(page: Page, groups: Sequence[Group], records: Sequence[Any]) -> list[str]:
    """How a page holds other records than those of its places, or another number of them in all."""
    everywhere = [group for group in groups for _ in group]
    places = everywhere[(page.page - 1) * page.limit : page.page * page.limit]
    ids = [one.get("id") if isinstance(one, dict) else None for one in records]
    wrong = []
    if len(ids) != len(places) or any(not _in(one, group) for one, group in zip(ids, places, strict=True)):
        wanted = {str(one["id"]) for group in places for one in group}
        are_known = set(map(str, ids)) <= wanted
        is_twice = are_known and len(ids) > len(places) and len(set(ids)) <= len(places)
        how = "data holds a record twice" if is_twice else _how_other(len(ids), len(places), are_known=are_known)
        wrong += [f"{how}: must be {_place_list(places)}, and is {id_list(ids)}"]
    elif len(set(ids)) < len(ids):
        wrong.append("data holds a record twice")
    if page.total != len(everywhere):
        wrong.append(f"pagination.total differs: must be {len(everywhere)}, and is {page.total}")
    return wrong


def _how_other(held: int, wanted: int, *, are_known: bool) -> str:
    if held != wanted:
        return f"data holds {'more' if held > wanted else 'fewer'} records"
    return "data is in another order" if are_known else "data holds other records"


def misplaced_among_others(
    own: Collection[str], groups: Sequence[Group], records: Sequence[Any], *, is_whole: bool
) -> list[str]:
    """How a page of everybody's records differs in those that are the machine's own.

    That some are lacking is only known where it `is_whole`, the list's only page.
    """
    ids = [str(one.get("id")) for one in records if isinstance(one, dict)]
    if any("id" not in one for one in records if isinstance(one, dict)):
        return []  # whose they are cannot be told (L20.id-unasked)
    shown = [one for one in ids if one in own]
    places = [group for group in groups for _ in group]
    wanted = {str(one["id"]) for group in places for one in group}
    lacking = wanted - set(shown) if is_whole else set()
    told = f"must be {_place_list(places)} among others, and is {id_list(shown)}"
    if set(shown) - wanted or lacking:
        return [f"data holds {'more' if set(shown) - wanted else 'fewer'} records: {told}"]
    there = [place for place in places if any(one["id"] in shown for one in place)]
    left = [tuple(one for one in place if one["id"] in shown) for place in there]
    ordered = [place for place in left if place]
    in_order = len(shown) == len(ordered) and all(_in(one, place) for one, place in zip(shown, ordered, strict=True))
    return [] if in_order or len(shown) < len(wanted) else [f"data is in another order: {told}"]


def _in(record_id: object, group: Group) -> bool:
    return any(one["id"] == record_id for one in group)


def _place_list(places: Sequence[Group]) -> str:
    ids = [" or ".join(str(one["id"]) for one in group) for group in places]
    return f"[{', '.join(ids)}]"


def id_list(ids: Sequence[object]) -> str:
    """Ids as they are told."""
    return f"[{', '.join(map(str, ids))}]"
