"""The text by which what a run made can be told from everything else. Pure."""


def mark(run: str) -> str:
    """The text by which a run's records can be told from all others."""
    return f"conformance-{run}"
