"""Hypothesis profiles for every test of the repository; HYPOTHESIS_PROFILE chooses one.

`ci` repeats itself, so that a red build is the change's fault and never chance's; `dev` looks elsewhere on every run
and `nightly` looks long. What they find is kept as an `@example` beside the property.
"""

import os

from hypothesis import settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))
