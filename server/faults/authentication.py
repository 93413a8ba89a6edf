"""Faults of authentication and scopes."""

from dataclasses import replace

from server.faults.fault import Chapter
from server.http.services import Services

chapter = Chapter()


@chapter.in_services("scope.not-enforced", breaks="auth.listing-needs-read")
def not_enforced(services: Services) -> Services:
    """Every key may do everything, whatever its scopes."""
    return replace(services, allows=lambda _caller, _operation: True)
