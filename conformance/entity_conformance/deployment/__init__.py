"""The deployment under test: HTTP within bounds, credentials, limits, journal, evidence, discovery, clean-up.

Whoever asks a deployment anything asks through this package, so that each safety rule exists once. It knows no
requirement.
"""
