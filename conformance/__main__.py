"""`python -m conformance`, and the command `conformance`."""

import sys

from conformance.cli import command_line


def main() -> None:
    """Run the command line."""
    sys.exit(command_line())


if __name__ == "__main__":
    main()
