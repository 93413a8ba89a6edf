"""Deployments that are hostile or broken: nothing that they do may hang, crash, mislead or rob the runner."""
