"""Clients that are generated from the document, compiled and run."""
