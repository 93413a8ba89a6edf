"""Reference servers that tests use: in a process of their own, or in this one."""
