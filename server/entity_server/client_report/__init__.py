"""What the requests that a server received tell about the client that sent them.

Only what a server sees is judged, and only what a client can help:

    wrong           what the contract forbids
    fragile         what works today and will do harm on a bad day
    not exercised   what this client never met; never an accusation

Pure, but for `writing`: exchanges in, findings out. The judgement goes over exchanges in the order in which they ended.
"""

from entity_server.client_report.exchange import Exchange, Page
from entity_server.client_report.findings import Finding, Kind, Report
from entity_server.client_report.judging import Judge

__all__ = ["Exchange", "Finding", "Judge", "Kind", "Page", "Report"]
