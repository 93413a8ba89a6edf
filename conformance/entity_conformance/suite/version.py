"""Which version of the suite this is."""


def suite_version() -> str:
    """The version of the distribution that this suite came in."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # as slow to import as all of `--help`

    try:
        return version("v1-entity-contract")
    except PackageNotFoundError:
        return "0 (not installed)"
