"""The examples of docs/client-testing.md, run as they stand there. Nothing of this room is in the wheel."""
