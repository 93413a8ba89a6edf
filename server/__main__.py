"""`python -m server`, and the command `reference-server`."""

from server.cli import cli


def main() -> None:
    """Run the command line."""
    cli(prog_name="reference-server")


if __name__ == "__main__":
    main()
