"""The control port: what a test does to a server beside its API. `openapi.yaml` describes it."""
