"""`python -m server`, and the command `reference-server`."""

from server.cli import command_line


def main() -> None:
    """Run the command line."""
    command_line()


if __name__ == "__main__":
    main()
