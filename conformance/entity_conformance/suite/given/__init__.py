"""Arrangement: what a check stands on. Raises Blocked when it cannot be had, OutOfProfile when this run cannot have it.

Records that a check only reads are shared by the whole run (`group`, `child`), and so are acts that several
checks judge from different sides (`creation`, `change`, `removal`). A record that a check changes is its own
(`record`). Everything made is deleted when the run ends, by the run's journal.
"""

from entity_conformance.suite.given.absent import absent_id, codes, missing, read_of_nobody
from entity_conformance.suite.given.acts import (
    by_own_key,
    code,
    documented,
    done,
    first_list,
    judged_elsewhere,
    page_behind,
    read_again,
    readable,
    texts_as_ids,
    told_as_texts,
    unauthenticated,
    was_there,
)
from entity_conformance.suite.given.askers import is_spent, reader, writer
from entity_conformance.suite.given.changes import (
    Change,
    Changes,
    change,
    changes,
    let_age,
    set_values,
    sparse_read,
    updated_by_writer,
)
from entity_conformance.suite.given.child import Child, children_of, own_children, parent_entity
from entity_conformance.suite.given.children import assigned, assigned_child, child, longest_child, siblings
from entity_conformance.suite.given.company import in_company, refused_values
from entity_conformance.suite.given.conflicts import demand_no_rule_of_fields, demand_no_state
from entity_conformance.suite.given.created import Creation, made, refusal, stamps
from entity_conformance.suite.given.descriptions import (
    described_with_a_type,
    described_without_scope,
    description,
    descriptions,
    metadata,
)
from entity_conformance.suite.given.directory import (
    directory_group,
    directory_read,
    directory_writes,
    granted_by_the_directory,
    is_selected,
    is_still,
)
from entity_conformance.suite.given.endings import (
    Parting,
    Removal,
    deletion_of_nobody,
    deletions_of_the_deleted,
    gone,
    parting,
    partings,
    removal,
    updates_of_the_deleted,
)
from entity_conformance.suite.given.families import (
    family,
    included_first,
)
from entity_conformance.suite.given.fields import changed, different, required_text, shown_field, title, undescribed
from entity_conformance.suite.given.generation import (
    MAX_TOKENS,
    PROMPT,
    coldest,
    generation,
    generations_until_refused,
    promptless,
    refused_generation,
    without_prompt,
)
from entity_conformance.suite.given.group import Group
from entity_conformance.suite.given.groups import (
    body,
    creation,
    filter_json,
    first_parents,
    group,
    longest,
    parents,
    record,
    records,
    single,
    sparse,
    sparse_by_writer,
    taken,
    untyped,
)
from entity_conformance.suite.given.health import health, health_later
from entity_conformance.suite.given.identity import (
    OVERRIDES,
    UNKNOWN,
    UNKNOWN_SESSION,
    actions_of,
    all_turned_away,
    attempt,
    expired_turned_away,
    filtered_by_another,
    first_records_seen,
    foreign_reads,
    forms,
    key_in_query,
    lacking,
    listed_by_another,
    naming_others,
    near_keys,
    near_sessions,
    perform,
    read_by_another,
    revoked_turned_away,
    seen_again,
    sent,
    somebody_read_by_another,
    stranger,
    strangers,
    target,
    target_deleted,
    target_to_read,
    tried_by_another,
    turned_away,
    without,
)
from entity_conformance.suite.given.keys import (
    ABSENT,
    SHOWN,
    UNKNOWN_KEY,
    Listing,
    bad_key,
    demand_room,
    has_expired,
    issued,
    just_past,
    key,
    key_creation,
    key_list,
    key_to_revoke,
    key_was_there,
    keys_of_another,
    keys_to_a_key,
    lasting_key,
    nearest,
    plain_list_by_reader,
    shows_key,
    told_by_another,
    unknown_revocation,
    why_no_keys,
)
from entity_conformance.suite.given.limits import (
    MEANWHILE,
    asked_by_strangers,
    exhausted,
    idle_key,
    limit,
    requests_in_a_row,
    spent_meanwhile,
    told_limits,
)
from entity_conformance.suite.given.moments import moment, step, times, unit_after, unit_before
from entity_conformance.suite.given.narrowing import (
    Own,
    are_alone,
    first_page,
    listed,
    pagination,
    walked,
    walked_through,
    with_records,
)
from entity_conformance.suite.given.nothing import (
    answers_of_nothing,
    metadata_of_nothing,
    methods_aside,
    operations_of_nothing,
    put,
    refused_puts,
    refused_update,
    untold_methods,
    update_of_nobody,
)
from entity_conformance.suite.given.person import directory, person
from entity_conformance.suite.given.revoking import (
    expired_key_revocations,
    key_revocation,
    keys_left,
    revocations_without_session,
    use_before_revocation,
)
from entity_conformance.suite.given.rows import (
    ROW,
    Aside,
    aside,
    created_and_listed,
    reads_in_a_row,
    seen_by_reader,
    target_listed,
    target_read,
    with_another_version,
)
from entity_conformance.suite.given.seen import early_refusals, failures_seen, unavailable_seen
from entity_conformance.suite.given.situations import (
    asked_again,
    births,
    deletions,
    idle,
    included,
    rush,
    told_of,
)
from entity_conformance.suite.given.wrong import (
    Told,
    beyond_told_bounds,
    created_with,
    endless,
    meddled,
    of_nobody,
    patched,
    patched_as,
    posted,
    refused_nulls,
    to_be_named,
    told,
    without_a_number,
)
