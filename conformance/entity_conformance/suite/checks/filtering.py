"""Filter a list: by values, by parts of a text, and what a filter may not be."""

from entity_conformance.suite.checks import filtering_refused, filtering_text, filtering_values
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filtering")
for part in (filtering_values, filtering_text, filtering_refused):
    chapter.checks.extend(part.chapter.checks)
