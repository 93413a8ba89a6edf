"""How variants show: what a body may be, and how one is refused that may not be (R1-R6, R16)."""

from collections.abc import Mapping

from entity_tests.proofs.variants.claims import Allowed, answers, choice, freedom, records

_UNCHANGED = choice(update__empty_object="unchanged")


_SEPARATOR = "\x1c"


CLAIMS: Mapping[str, Allowed] = {
    "wrong-types-are-unprocessable": choice(
        create__wrong_type="422", update__wrong_type="422", generate__prompt_is_text="422"
    ),
    "some-wrong-types-are-unprocessable": choice(create__wrong_type="mixed", update__wrong_type="mixed"),
    "details-name-items": freedom(
        "R1.details", shows=lambda run: any("scopes.1" in (one.get("details") or {}) for one in answers(run, 400))
    ),
    "details-say-more": freedom(
        "R1.details", shows=lambda run: any("hint" in (one.get("details") or {}) for one in answers(run, 400))
    ),
    "malformed-json-is-unprocessable": choice(create__malformed_json="422", update__malformed_json="422"),
    "no-object-is-a-bad-request": choice(
        create__not_an_object="400",
        update__not_an_object="400",
        create__other_media_type="400",
        update__other_media_type="400",
    ),
    "no-object-is-unsupported": choice(
        create__not_an_object="415",
        update__not_an_object="415",
        create__other_media_type="415",
        update__other_media_type="415",
    ),
    "other-media-types-are-unsupported": choice(create__other_media_type="415", update__other_media_type="415"),
    "a-prompt-that-is-a-number-is-unprocessable": choice(generate__prompt_is_text="mixed"),
    "null-is-malformed": choice(create__not_an_object="mixed", update__not_an_object="mixed"),
    "unknown-fields-are-ignored": choice(create__unknown_field="ignored", update__unknown_field="ignored"),
    "empty-patch-changes-nothing": _UNCHANGED,
    "nul-is-dropped": freedom(
        "R16.refused",
        takes="taken",
        shows=lambda run: any(one.status == 201 and "\\u0000" in str(one.request_body) for one in run),
    ),
    "separators-are-text": freedom(
        "R12.separators",
        takes="text",
        shows=lambda run: any(one.get("title") == _SEPARATOR for one in records(run)),
        asks=(("POST", "/tasks", {"title": _SEPARATOR}),),
    ),
}
