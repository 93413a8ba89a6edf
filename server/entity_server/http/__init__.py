"""HTTP: routes, handlers, authentication, rate limits, two-way validation, and the documentation beside the API.

The only importer of Sanic beside `entity_server.app`, and within it only `serving` is.
"""
