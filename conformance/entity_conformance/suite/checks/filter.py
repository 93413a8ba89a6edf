"""Filter a list: by values, by parts of a text, and what a filter may not be."""

from entity_conformance.suite.checks import filter_refused, filter_text, filter_values
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filter")
for part in (filter_values, filter_text, filter_refused):
    chapter.checks.extend(part.chapter.checks)
