"""The command line: options and their environment twins, signals, exit codes."""
