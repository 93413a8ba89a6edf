"""The requirements, the checks that prove them, and a run from the plan to its results."""
