"""Deployments that differ from the reference server where the rulings allow it."""
