"""A run on a served reference server: its settings, and what surrounds it.

Charter: what the tests of these tests share; a run of another deployment needs none of it.
"""

from dataclasses import dataclass, field

from entity_tests.deployments.databases import Rows
from entity_tests.deployments.serving import Served
from entity_tests.properties.run import Outcome
from entity_tests.properties.settings import PREFIX, LiveSettings, from_environment


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, and around the reference server's the rows of its database; none around another deployment's."""

    outcome: Outcome
    before: Rows = field(default_factory=dict, repr=False)
    after: Rows = field(default_factory=dict, repr=False)


def of(served: Served, **options: object) -> LiveSettings:
    """The settings of a run on it, with other variables besides."""
    settings = from_environment(variables(served, **options))
    assert settings is not None
    return settings


def variables(served: Served, **options: object) -> dict[str, str]:
    """The variables of such a run."""
    given = {
        "URL": served.base_url,
        "API_KEY": served.credentials["apiKey"],
        "SESSION": served.credentials["sessionToken"],
        **options,
    }
    return {f"{PREFIX}{name}": str(value) for name, value in given.items()}
