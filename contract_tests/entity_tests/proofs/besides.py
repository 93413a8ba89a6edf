"""What a fault may fail besides the requirement that it breaks: two more at most, each for a reason."""

from collections.abc import Mapping

from entity_server.faults import Fault

_FAILS = {"errors.internal-error": "it makes the server fail, and every such answer is listed"}

_FAILING = (
    "create.no-media-type-fails",
    "create.unknown-field-fails",
    "create.array-fails",
    "create.nul-fails",
    "create.endless-number-fails",
    "create.malformed-fails",
    "create.media-type-fails",
    "read.long-id-of-a-customer-fails",
    "read.odd-id-fails",
    "update.wrong-type-fails",
    "update.nothing-fails",
    "update.malformed-fails",
    "update.array-fails",
    "update.nul-fails",
    "delete.parent-fails",
    "errors.large-body-fails",
    "errors.other-version-fails",
    "sort.several-fields-fail",
)

_KEPT = {"list.shows-whole-records": "a list shows what is kept", "update.is-stored": "a change is kept so too"}

_KEPT_OTHERWISE = (
    "create.composes-accents",
    "create.doubles-quotes",
    "create.escapes-markup",
    "create.line-ends",
    "create.loses-backslashes",
    "create.joiners-lost",
    "create.loses-beyond-bmp",
    "create.lowers-addresses",
    "create.no-hard-spaces",
    "create.squeezes-text",
    "create.trims-optional-text",
    "create.trims-text",
)

BESIDES: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(_FAILING, _FAILS),
    **dict.fromkeys(_KEPT_OTHERWISE, _KEPT),
    "auth.bare-key-works": {
        "auth.write-key-writes": "what was deleted by a key without a scheme is not there to write to"
    },
    "auth.not-found-and-deleted": {
        "auth.delete-key-deletes": "what another user has deleted is not there for its owner to delete"
    },
    "filter.contains-at-the-start": {"filter.contains-any-case": "the case is asked about in the middle of a text"},
    "create.leap-day-of-any-year": {"create.keeps-every-character": "another day is stored than was sent"},
    "update.leap-day-of-any-year": {"update.is-stored": "another day is stored than was sent"},
    "delete.kept-with-its-children": {"delete.refused-changes-nothing": "what is read on was not deleted"},
    "filter.numbers-by-whole-parts": {"filter.eq": "equality is no other where it is spelled"},
    "keys.useless": {"auth.delete-key-deletes": "the key with two scopes opens nothing either"},
    "filter.moments-in-seconds": {"filter.eq": "equality is no other where it is spelled"},
    "select.moved-child-left-out": {"select.include-is-current": "it is not shown where an UPDATE has put it"},
    "update.clears-the-rest": {"filter.field-equality": "what was cleared is not found by its value"},
    "select.foreign-key-emptied": {
        "read.shows-the-last-write": "a list shows a key as nothing, unasked",
        "search.shows-records-as-read": "so does a search that includes relations",
    },
    "read.first-is-of-the-creation": {"delete.parent-of-optional": "READ of a child shows the parent that it had"},
    "filter.enum-as-created": {"filter.eq": "equality that is spelled goes by it too"},
    "list.limit-ignored": {"select.include-beside-fields": "a list of one record holds all of them"},
    "situations.readers-are-sorted-otherwise": {
        "sort.ties-are-broken": "one question by two keys has two orders",
        "sort.enums": "a list by another key has another order",
    },
    "select.children-left-out": {"delete.refused-changes-nothing": "a child that is not shown may have gone by then"},
    "list.total-off-by-one": {"list.total-count-header": "the header tells the true total"},
    "create.false-is-default": {"update.is-stored": "the record that is changed holds the default too"},
    "create.unset-is-empty": {
        "filter.conditions-are-and": "what is nothing is found as an empty text",
        "list.all-parameters-combine": "what is nothing is not found, nor counted, beside a search",
    },
    "errors.media-type-of-nothing": {"limits.headers-on-refusals": "the refusal that it makes tells no limits"},
    "filter.last-operator-of-a-field": {"filter.conditions-are-and": "two operators are two conditions"},
    "limits.none-for-sessions": {"limits.limit-header": "an answer to a session lacks it"},
    "list.link-on-a-single-page": {"list.link-keeps-parameters": "the link that is too many keeps none"},
    "sort.descending-by-default": {"list.link-keeps-parameters": "a link tells the order that was taken"},
    "sort.dates-ignored": {
        "sort.descending": "a descending order of dates is ignored too",
        "sort.nulls": "dates that are nothing stand anywhere",
    },
    "sort.datetimes-reversed": {"sort.descending": "a descending order is reversed too"},
    "sort.numbers-ignored": {"sort.nulls": "numbers that are nothing stand anywhere"},
    "sort.text-ignored": {
        "list.all-parameters-combine": "an order by text beside a search is ignored too",
        "sort.nulls": "texts that are nothing stand anywhere",
    },
    "sort.descending-ignored": {"sort.enums": "a descending order of enums is ignored too"},
    "search.total-of-everything": {
        "list.total-count-header": "the header tells the true total",
        "list.total-pages": "the pages are those of the true total",
    },
    "limits.remaining-rises": {"limits.requests-count": "what remains rises within a row of requests"},
    "search.ignored": {"search.word-in-title": "a search for a word finds all records too"},
    "list.limit-above-100-fails": {"list.bad-limit": "any bad limit makes the server fail", **_FAILS},
    "select.unknown-field-missing": {"select.unknown-field": "LIST fails as READ does", **_FAILS},
    "select.unknown-field-accepted": {"select.unknown-field-on-read": "READ accepts it as LIST does"},
    "list.bad-limit-accepted": {"list.limit-above-100": "a limit of 101 is a bad limit"},
    "list.limit-claimed": {"list.bad-limit": "any bad limit is granted", "list.limit-above-100": "so is one of 101"},
    "auth.others-are-referenced": {"select.include-parent": "the foreign parent that was taken is not included"},
    "auth.others-can-write": {"auth.hidden-records-are-not-found": "the update is granted"},
    "scope.code-of-another-kind": {"errors.code-fits-status": "the code belongs to another status"},
    "auth.forbidden": {
        "auth.expired-key": "whoever comes with an expired key is not known either",
        "limits.headers-on-refusals": "403 is a refusal to somebody who is known",
    },
    "auth.any-key": {
        "limits.limit-header": "the cookie beside an unknown key has another limit",
        "limits.remaining-only-falls": "a key that was revoked has what remains to an unknown one",
    },
    "auth.any-session": {"delete.spares-others": "the account of an unknown session has no records"},
    "filter.code-of-any-parameter": {
        "filter.not-json": "each bad filter has that code",
        "filter.unknown-field": "each bad filter has that code",
    },
    "filter.bad-filter-is-accepted": {
        "filter.not-an-object": "each bad filter is accepted",
        "filter.unknown-field": "each bad filter is accepted",
    },
    "filter.dates-as-nothing": {
        "filter.datetime-without-offset": "the range of moments is one of dates",
        "filter.datetimes-by-value": "moments are compared as dates are",
    },
    "list.long-texts-cut": {
        "list.shows-records-as-read": "READ shows the whole text",
        "search.shows-records-as-read": "a search is answered by a list",
    },
    "filter.comparison-of-enum-ignored": {"filter.comparison-of-boolean": "a boolean is compared as an enum is"},
    "filter.wrong-type-ignored": {"filter.list-operand": "a text in place of a list is of the wrong type"},
    "read.other-times-than-list": {"update.keeps-id-and-creation": "the update tells what LIST does"},
    "read.times-without-offset": {
        "update.keeps-id-and-creation": "the update tells offsets",
        "update.moves-updated-at": "what READ tells is no moment to compare with",
    },
    "read.loses-a-field": {
        "read.agrees-with-list": "LIST has the field",
        "update.leaves-the-rest": "READ shows after a change that it is not there",
    },
    "read.updated-at-left-out": {
        "select.no-fields-is-all": "READ without `fields` lacks it too",
        "read.agrees-with-list": "LIST has the field",
    },
    "read.person-without-name": {"auth.directory-is-everybodys": "everybody reads the same"},
    "create.outside-enum-accepted": {"create.wrong-type": "what is no text is outside of an enum"},
    "metadata.cancelled-untold": {"update.outside-enum": "an update takes the value that is not told too"},
    "metadata.method-left-out": {"metadata.permissions-of-a-full-key": "the permissions tell of the method"},
    "metadata.key-never-deletes": {"metadata.permissions-of-a-key": "a key that deletes is told the same"},
    "metadata.another-type": {"metadata.fields-of-tasks": "the types of tasks are the reference's"},
    "errors.unknown-entity-unnamed": {"metadata.unknown-entity": "OPTIONS answers the same"},
    "errors.unknown-entity-refused": {"metadata.unknown-entity": "OPTIONS answers the same"},
    "errors.no-request-id": {"health.request-id": "health answers the same"},
    "errors.same-request-id": {
        "errors.request-id-echoes-uuid": "no id is echoed",
        "errors.request-id-echoes-text": "no id is echoed",
    },
    "errors.new-request-id": {"errors.request-id-echoes-text": "no id is echoed"},
    "errors.bad-request-is-unprocessable": {
        "sort.unknown-field": "the status of a bad sort is wrong",
        "sort.bad-order": "a bad order has that code too",
    },
    "list.cuts-long-text": {
        "list.shows-whole-records": "the designed records are listed so too",
        "search.shows-records-as-read": "a search is answered by a list",
    },
    "list.fields-beside-search-ignored": {"list.all-parameters-combine": "fields and search are two of them"},
    "sort.integers-ignored": {"sort.descending": "a descending order of integers is ignored too"},
    "list.loses-nulls": {
        "list.shows-whole-records": "the designed records are listed so too",
        "select.include-beside-fields": "what was asked for is left out too",
    },
    "list.rounds-numbers": {
        "create.is-listed": "a new record is listed so too",
        "list.shows-whole-records": "the designed records are listed so too",
    },
    "search.cuts-text": {
        "situations.shown-after-write": "a search after a write cuts it too",
        "search.word-in-title": "a text that is cut lacks the word that was searched for",
    },
    "dates.turned-around": {
        "list.link-keeps-parameters": "a link tells the dates that were taken",
        "dates.offset-counts": "a range that an offset turns around finds something",
    },
    "sort.nulls-in-between-descending": {
        "list.all-parameters-combine": "that order beside a search has them there too"
    },
    "sort.before-1970-last": {"sort.descending": "a descending order of dates has them in the wrong place too"},
    "filter.printed-datetime-missed": {"filter.datetime-equality": "a text that is printed is one of a moment"},
    "update.resets-to-defaults": {"situations.changes-of-one-field": "the change of another field resets it"},
    "update.lost-now-and-then": {
        "situations.changes-of-different-fields": "one of those at once is lost",
        "update.leaves-the-rest": "what the change before it wrote is not there either",
    },
    "select.everybodys-children": {"select.include-is-current": "it keeps copies of the children, which grow old"},
    "keys.listed-to-keys": {"keys.create-needs-session": "the path takes keys for both"},
    "keys.made-by-keys": {"keys.list-needs-session": "the path takes keys for both"},
    "keys.taken-for-an-entity": {"keys.list-needs-session": "who lists keys with a key is refused so"},
    "situations.reads-are-cached": {
        "read.same-for-every-credential": "who only reads is shown another record",
        "select.include-is-current": "a READ that includes a record is cached too",
    },
    "situations.last-writer-wins": {"update.is-stored": "what one of them wrote is not there"},
    "situations.changes-are-mixed": {"update.is-stored": "what they wrote is not there"},
    "situations.created-twice": {"create.stored-once": "a record is there that nobody was told of"},
    "limits.none-for-keys": {"limits.limit-header": "a limit of 0 is none"},
    "create.times-without-offset": {"create.follows-contract": "a time has an offset in the contract"},
    "update.unknown-field-fails": {
        "update.generated-fields": "a generated field is as unknown",
        "errors.internal-error": "it makes the server fail, and every such answer is listed",
    },
    "create.nobodys-foreign-key-dropped": {"create.keeps-every-character": "the key that was sent is not kept"},
    "delete.all-children-too": {"delete.spares-others": "a child that can be without its parent is another record"},
    "update.nobodys-foreign-key-dropped": {"update.is-stored": "the key that was sent is not kept"},
    "update.of-a-boolean-resets-enums": {
        "read.shows-the-last-write": "READ shows the other enum too",
        "update.is-stored": "the enum that a change before it set is lost",
    },
    "create.rounds-large-integers": {"update.returns-record": "a change to a large integer rounds it too"},
    "create.unlisted": {"list.total": "the same question counts a record that its pages do not show"},
    "create.too-long-accepted": {"list.shows-records-as-read": "what was taken is kept shorter than it is answered"},
    "create.wrong-type-forbidden": {
        "create.outside-enum": "a value outside of an enum is refused so too",
        "errors.code-fits-status": "the code belongs to another status",
    },
    "metadata.everything-permitted": {"metadata.permissions-of-a-full-key": "what the entity lacks is permitted too"},
    "metadata.field-left-out": {"metadata.fields-of-tasks": "the fields of tasks are the reference's"},
    "list.filter-beside-search-ignored": {"search.blank": "a blank search is one too"},
    "errors.read-only-is-missing": {"errors.unknown-method": "every 405 is a 404"},
    "metadata.unknown-entity-not-found": {"errors.unknown-entity-code": "every operation answers the same"},
    "metadata.nobody-forbidden": {"auth.missing-credentials": "OPTIONS is an operation too"},
    "metadata.window-in-words": {"metadata.describes-entity": "a window has a form in the contract"},
    "create.refused-is-created": {"create.details-name-each-field": "one field is told of two"},
    "errors.fails-on-unknown-paths": {"errors.unknown-path": "the path is not said to be unknown"},
    "generate.nobody-fails": {
        "limits.headers-on-refusals": "who asks is not looked at, so that no limits are told",
        **_FAILS,
    },
    "errors.one-id-in-twenty-again": {"errors.request-id-echoes-uuid": "the id that was sent is not echoed"},
    "delete.missing-is-gone": {"situations.deletions-at-once": "the second of two is told so"},
    "keys.name-cut": {"keys.name-length": "the longest name is cut too"},
    "filter.false-lost": {"filter.eq": "it is a condition of equality"},
    "filter.zero-lost": {
        "filter.eq": "it is a condition of equality",
        "filter.number-equality": "a number of 0 is lost too",
    },
    "list.link-past-a-full-page": {"list.no-link-on-single-page": "a single page may be full"},
    "select.first-record-alone": {"select.include-parent": "the parent is not shown"},
    "select.parents-of-the-first": {"select.include-parent": "the parent shown is not the one"},
    "metadata.shorter-notes": {"update.over-max-length": "an update takes what a creation takes"},
    "metadata.required-notes": {"update.null-of-required": "what is told to be required can be cleared"},
    "update.lost-at-once": {"update.is-stored": "what is taken back is not what was stored"},
    "update.time-moves-once": {"select.include-is-current": "what is included tells the true time"},
    "filter.third-condition-lost": {"filter.range": "two ranges are four conditions"},
    "scope.deleting-wants-write": {"situations.deletions-at-once": "one of the two is by a key that may only delete"},
    "update.updated-at-stays": {"select.include-is-current": "what is included tells the true time"},
    "create.time-of-creation-taken": {"list.shows-records-as-read": "the answer alone tells that time"},
    "read.by-reader-cut": {
        "list.same-for-each-key": "the read-only key is shown less than the other",
        "situations.read-after-write": "a reader reads after a write too",
    },
    "update.touches-the-parent": {
        "situations.same-question": "the parent is in that answer",
        "select.include-is-current": "what is included tells the time too",
    },
    "update.defaults-return": {
        "situations.changes-of-one-field": "the other fields are looked at",
        "read.shows-the-last-write": "they are not as they were written",
    },
    "errors.one-in-twenty-without-id": {"health.request-id": "the answer of health may be that one"},
    "sort.large-integers-tie": {"sort.descending": "they tie in either order"},
    "list.turned-by-deletions": {
        "list.default-order": "it is the default order that is turned around",
        "sort.order-alone": "an order alone is that of the default order",
    },
    "keys.names-in-small-letters": {"keys.are-listed": "the list shows the name so too"},
    "filter.negative-as-positive": {"filter.numbers-by-value": "any number is one"},
    "update.not-stored": {
        "delete.spares-others": "what was not moved goes with the parent that it has",
        "select.include-children": "the parent that was written does not have it",
    },
    "situations.includes-are-cached": {
        "delete.then-read": "what is deleted was read with its parents before",
        "delete.refused-changes-nothing": "what a deletion took, or left, is read with its children again",
    },
    "read.less-to-a-reader": {"list.shows-records-as-read": "lists show what READ leaves out"},
    "limits.writes-uncounted": {"limits.remaining-only-falls": "requests under way at once tell it in another order"},
    "delete.products-come-back": {"delete.then-list": "what came back is listed"},
    "create.deep-body-fails": {"errors.internal-error": "it fails with 500"},
    "update.any-address-taken": {"update.is-stored": "another address is kept than was sent"},
    "list.pages-overlap": {"list.page-past-the-end": "the page past the end holds the last record"},
    "list.nothing-past-the-end": {"list.total": "a page past the end tells a total too"},
}
"""By fault: requirement to reason."""

ALONE: frozenset[str] = frozenset(
    {
        "create.names-a-record-that-was-there",
        "create.numeric-id",
        "create.same-id",
        "create.unlisted",
        "errors.down-in-plain-words",
        "filter.ignored",
        "list.data-is-an-object",
        "metadata.everything-permitted",  # beside `scope.any-key-*` a key that was given is not what its option says
        "metadata.method-left-out",
        "read.first-is-of-the-creation",
        "read.less-to-a-reader",
        "search.finds-nothing",
        "search.ignored",
        "situations.lists-are-cached",
        "situations.readers-are-sorted-otherwise",
    }
)
"""Faults that hide others, or accuse others together with them: to serve each alone costs less than to find it out."""

HIDDEN: frozenset[str] = frozenset(
    {
        "auth.any-session",
        "auth.others-can-delete-orders",
        "create.array-of-one",
        "dates.day-ends-at-once",
        "dates.day-starts-late",
        "dates.end-ignored",
        "dates.end-of-orders-ignored",
        "delete.twice-is-fine",
        "errors.bad-request-is-unprocessable",
        "errors.code-of-another-status",
        "errors.unknown-path-is-empty",
        "filter.code-of-any-parameter",
        "filter.ends-with-anywhere",
        "filter.false-lost",
        "filter.in-of-categories-takes-one",
        "filter.starts-with-anywhere",
        "keys.one-credential-at-a-time",
        "keys.revoked-still-listed",
        "limits.reset-in-milliseconds",
        "limits.shared-by-a-users-keys",
        "list.bad-limit-accepted",
        "list.fields-beside-search-ignored",
        "metadata.larger-numbers",
        "scope.code-of-another-kind",
        "scope.deleting-wants-write",
        "scope.writers-delete",
        "select.no-fields-is-none",
        "update.of-a-boolean-resets-enums",
        "update.refused-is-applied",
        "update.wrong-type-fails",
    }
)
"""Faults that others often hide, and that do not hide each other: they are served together, apart from the others."""


def may_fail(fault: Fault) -> frozenset[str]:
    """The requirements that the fault may fail."""
    return frozenset({fault.breaks, *BESIDES.get(fault.id, ())})
