"""Bodies derived from an Entity: valid ones that vary, and broken ones with one vice each.

Pure and deterministic: the same run id gives the same bodies. Every body carries the run's mark
(`conformance-<run id>`) where a free text allows it, so that what a run made can be found. Fields of a type that the
contract does not know are never sampled.
"""

from entity_conformance.deployment.mark import mark
from entity_conformance.suite.sample.bodies import Body, defaults, full, marked, minimal, title, unset
from entity_conformance.suite.sample.borders import (
    LATER,
    RECORDS,
    SHORT,
    amended,
    bordering,
    earlier,
    halving,
    marking,
)
from entity_conformance.suite.sample.changes import kinds, several, shortened, single, steps, whole
from entity_conformance.suite.sample.fields import (
    NEVER,
    REFERENCES_OWN,
    bounded,
    changeable,
    children,
    enums,
    first,
    foreign_keys,
    free_texts,
    has,
    has_children,
    has_date_time,
    has_default,
    has_foreign_key,
    has_maximum,
    has_nullable,
    has_optional,
    has_optional_parent,
    has_optional_text,
    has_parent,
    has_person,
    has_prefix,
    has_relations,
    has_required,
    has_required_parent,
    has_spare_parent,
    is_searched,
    mark_field,
    mark_is_searchable,
    methods,
    optional,
    optional_is_sortable,
    optional_parent,
    parents,
    permissions,
    person,
    rank,
    required,
    required_text,
    title_field,
    title_is_searchable,
    title_is_sortable,
    unfit,
    values,
    writable,
)
from entity_conformance.suite.sample.scalars import (
    LITERALS,
    VARIANTS,
    another_id,
    cut,
    form,
    is_described,
    longest,
    other_value,
    own_word,
    too_long,
    value,
    word,
)
from entity_conformance.suite.sample.vices import (
    MALFORMED,
    UNKNOWN,
    Kind,
    Vice,
    Vices,
    generated,
    has_bounds,
    meddling,
    odd,
    of_creation,
    of_update,
)
