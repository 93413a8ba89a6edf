"""The judgement itself: exchange by exchange, in the order in which they ended.

A doubt speaks for the client. What it could not know is not held against it: a request that was on its way when the
answer came, a wait that somebody shortened by moving the clock, a POST that is sent again after the client has looked
whether the first one had worked.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar
from urllib.parse import parse_qsl

from entity_contract import Contract

from entity_server.client_report.documented import Documented
from entity_server.client_report.exchange import Exchange
from entity_server.client_report.findings import Finding, Report, Rule

KEY_IN_QUERY = Rule("client.key-in-query", "wrong", "A2.unauthorized")
PARAMETER = Rule("client.undocumented-parameter", "wrong", "L22.unknown-parameter")
FIELD = Rule("client.undocumented-field", "wrong", "R4.unknown-field")
TOO_EARLY = Rule("client.asked-before-retry-after", "wrong", "E5.retry-after")
POST_AGAIN = Rule("client.post-sent-again", "fragile", "E17.not-judged")
PAGE_PAST_THE_END = Rule("client.page-past-the-end", "fragile", "L3.empty-page")
NO_LIMIT = Rule("client.never-met-429", "not exercised", "E5.exceeded")
NO_OUTAGE = Rule("client.never-met-503", "not exercised", "E16.unavailable")
NO_SECOND_PAGE = Rule("client.never-met-a-second-page", "not exercised", "L6.leads-on")
NO_ADDED_MEMBERS = Rule("client.never-met-added-members", "not exercised", "E2.extra-members")
NO_OTHER_CHOICES = Rule("client.never-met-other-choices", "not exercised", "L2.above-100")

IN_FLIGHT_SECONDS = 1.0
"""A request that comes this soon after an answer may have been under way before it."""

_TOGETHER = 0.05  # seconds: equal POSTs that come so close together were sent together
_CLOCKS_DIFFER = 0.1  # seconds: a client's second need not be a server's
_REMEMBERED = 1000  # of each kind: an answer that lies further back is no reason for anything
_MOST_FINDINGS = 1000
_LONGEST_NAME = 100

_NEVER_MET = {
    NO_LIMIT: "a 429; fail_next(operation, status=429) or `Prefer: code=429` (--simulate) shows one",
    NO_OUTAGE: "a 503; fail_next(operation, status=503) or `Prefer: code=503` (--simulate) shows one",
    NO_SECOND_PAGE: "a second page; seed more records than a page holds, or ask for pages of one",
    NO_ADDED_MEMBERS: "members that the contract does not name; --variant adds some",
    NO_OTHER_CHOICES: "a server that chooses otherwise where the contract lets it; --choices other does",
}
_AGAIN = "an equal POST is sent again after {}, and may be carried out twice"

_Findings = dict[tuple[str, str | None, str], Finding]
_Knew = Literal["yes", "no", "unless parallel"]
"""Whether a client had an answer; the last holds unless the client turns out to send several requests at once."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of an exchange. `subject` tells it from others of the rule."""

    rule: Rule
    subject: str
    message: str
    knew: _Knew = "yes"


class _Recent(OrderedDict[Key, Value], Generic[Key, Value]):
    """The latest entries, so that a server that runs for months remembers no more than one that runs for a day."""

    def keep(self, key: Key, value: Value) -> None:
        self.pop(key, None)
        self[key] = value
        if len(self) > _REMEMBERED:
            self.popitem(last=False)


@dataclass(slots=True)
class Judge:
    """What is known of a client so far. `added_members` and `other_choices` tell what the server shows to it."""

    contract: Contract
    added_members: bool = False
    other_choices: bool = False
    _requests: int = 0
    _findings: _Findings = field(default_factory=dict)
    _met: set[Rule] = field(default_factory=set)
    _documented: dict[str, Documented] = field(init=False)
    _pauses: _Recent[str, Exchange] = field(init=False)
    _posts: _Recent[Hashable, Exchange] = field(init=False)
    _in_doubt: _Recent[Hashable, Exchange] = field(init=False)
    _ends: _Recent[Hashable, Exchange] = field(init=False)
    _last: _Recent[str, float] = field(init=False)
    _connections: _Recent[Hashable, float | None] = field(init=False)
    _latest: _Recent[str, Exchange] = field(init=False)
    _parallel: set[str] = field(init=False)
    _pending: list[tuple[_Said, Exchange]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._documented = {one.id: Documented.of(self.contract, one) for one in self.contract.operations}
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what was going on: what comes after a reset follows from nothing before it. The findings stay."""
        for said, exchange in self._pending:
            _find(self._findings, said, exchange)
        self._pending = []
        self._pauses, self._posts, self._in_doubt, self._ends = _Recent(), _Recent(), _Recent(), _Recent()
        self._last, self._connections, self._latest, self._parallel = _Recent(), _Recent(), _Recent(), set()

    def see(self, exchange: Exchange) -> None:
        """Judge one more exchange."""
        self._requests += 1
        self._count_of(exchange)
        for said in self._judged(exchange):
            if said.knew == "unless parallel" and len(self._pending) < _MOST_FINDINGS:
                self._pending.append((said, exchange))
            else:
                _find(self._findings, said, exchange)
        self._remember(exchange)

    def report(self) -> Report:
        """What is known by now."""
        findings = dict(self._findings)
        for said, exchange in self._pending:
            _find(findings, said, exchange)
        return Report(self._requests, (*findings.values(), *self._not_exercised()))

    def _count_of(self, exchange: Exchange) -> None:
        """Note who may have several requests under way at once.

        Two that overlapped tell so, and so does a second connection beside one that is open still: who asks one by one
        would have used that. (A server that is quick or late enough sees requests that overlapped one by one.)
        """
        who, begun = exchange.credential or "", exchange.received
        if exchange.connected is not None and exchange.connection not in self._connections:
            begun = min(begun, exchange.connected)
        overlapped = begun < self._last.get(who, begun) or _held_open(self._latest.get(who), exchange)
        if overlapped and len(self._parallel) < _REMEMBERED:
            self._parallel.add(who)
            self._pending = [one for one in self._pending if not _may_be_beside(one[1], exchange)]
        self._last.keep(who, max(exchange.answered, self._last.get(who, exchange.answered)))
        self._latest.keep(who, exchange)
        self._connections.keep(exchange.connection, exchange.connected)

    def _knew(self, exchange: Exchange, earlier: Exchange) -> _Knew:
        """Whether a client had the earlier answer when it sent this request.

        A client with several requests under way at once may have begun this one before, and have held it in its pool of
        connections: for a second it is believed to. Another sends one by one on a connection, unless it sends the next
        before it has the answer; and a connection that was opened after the answer tells that it knew.
        """
        passed = exchange.received - earlier.answered
        if passed < 0 or passed >= IN_FLIGHT_SECONDS:
            return "no" if passed < 0 else "yes"
        if exchange.connection is None or (exchange.credential or "") in self._parallel:
            return "no"
        if exchange.connection == earlier.connection:
            return "no" if earlier.followed else "unless parallel"
        opened_later = exchange.connected is not None and exchange.connected > earlier.answered
        return "unless parallel" if opened_later else "no"

    def _judged(self, exchange: Exchange) -> Iterator[_Said]:
        for name in exchange.keys_in_query:
            yield _Said(
                KEY_IN_QUERY, name, f"an API key stands in the query, as {name!r}, where logs and histories keep it"
            )
        documented = self._documented.get(exchange.operation or "")
        if documented is not None:
            for name in documented.other_parameters(exchange.query):
                if name in exchange.keys_in_query:
                    continue
                yield _Said(PARAMETER, name, f"{exchange.operation} has no parameter {name[:_LONGEST_NAME]!r}")
            for name in documented.other_fields(exchange.body):
                yield _Said(FIELD, name, f"the body of {exchange.operation} has no field {name[:_LONGEST_NAME]!r}")
        yield from self._too_early(exchange)
        yield from self._post_again(exchange)
        yield from self._past_the_end(exchange)

    def _too_early(self, exchange: Exchange) -> Iterator[_Said]:
        pause = self._pauses.get(exchange.credential or "")
        if pause is None or pause.retry_after is None:
            return
        passed = max(exchange.received - pause.answered, exchange.at - pause.at)
        knew = self._knew(exchange, pause)
        if passed + _CLOCKS_DIFFER < pause.retry_after and knew != "no":
            if exchange.status != 429:
                self._pauses.pop(exchange.credential or "", None)  # the server does not insist
            text = f"the same key is used {passed:.1f} s after a 429 that asked for {pause.retry_after} s (Retry-After)"
            yield _Said(TOO_EARLY, "", text, knew)

    def _post_again(self, exchange: Exchange) -> Iterator[_Said]:
        if exchange.method != "POST":
            return
        first = self._in_doubt.get(_post(exchange))
        if first is None:
            return
        held_back = first.disturbed and exchange.received - first.received >= _TOGETHER
        knew = "yes" if held_back else self._knew(exchange, first)
        if knew != "no":
            yield _Said(POST_AGAIN, "", _AGAIN.format(_outcome(first)), knew)

    def _past_the_end(self, exchange: Exchange) -> Iterator[_Said]:
        asked = _page_asked_for(exchange)
        end = self._ends.get(_selection(exchange)) if asked is not None else None
        if asked is None or end is None or end.page is None:
            return
        knew = self._knew(exchange, end)
        if asked > end.page.number and knew != "no":
            text = f"page {asked} is asked for after page {end.page.number} said that there is no next one (hasNext)"
            yield _Said(PAGE_PAST_THE_END, "", text, knew)

    def _remember(self, exchange: Exchange) -> None:
        if exchange.status == 429:
            self._met.add(NO_LIMIT)
        if exchange.status == 503:
            self._met.add(NO_OUTAGE)
        if exchange.status == 429 and exchange.delivered and exchange.credential:
            self._pauses.keep(exchange.credential, exchange)
        if exchange.method == "POST":
            self._remember_post(exchange)
        elif exchange.status is not None and 200 <= exchange.status < 300:
            self._look(exchange)
        if exchange.page is not None:
            self._remember_page(exchange)

    def _remember_post(self, exchange: Exchange) -> None:
        what, status = _post(exchange), exchange.status
        if status is not None and status < 500 and exchange.delivered and not exchange.disturbed:
            self._in_doubt.pop(what, None)
            self._posts.keep(what, exchange)
            if status < 300:
                self._forget_ends(exchange.path)
            return
        later = self._posts.get(what)
        self._posts.keep(what, exchange)
        if later is not None and not exchange.delivered and later.received > exchange.received:
            said = _Said(POST_AGAIN, "", _AGAIN.format(_outcome(exchange)))
            _find(self._findings, said, later)  # the client did not wait for this one
        self._in_doubt.keep(what, exchange)

    def _look(self, exchange: Exchange) -> None:
        """A client that looks at what is there knows whether its POST worked."""
        if exchange.method == "GET":
            seen = [what for what, post in self._in_doubt.items() if _concerns(exchange, post)]
            for what in seen:
                del self._in_doubt[what]
        else:
            self._forget_ends(exchange.path)

    def _forget_ends(self, path: str) -> None:
        changed = [selection for selection, end in self._ends.items() if (path + "/").startswith(end.path + "/")]
        for selection in changed:
            del self._ends[selection]

    def _remember_page(self, exchange: Exchange) -> None:
        assert exchange.page is not None
        if 1 < exchange.page.number <= exchange.page.of:
            self._met.add(NO_SECOND_PAGE)
        if exchange.page.has_next:
            self._ends.pop(_selection(exchange), None)
        else:
            self._ends.keep(_selection(exchange), exchange)

    def _not_exercised(self) -> Iterator[Finding]:
        met = self._met | ({NO_ADDED_MEMBERS} if self.added_members else set())
        met |= {NO_OTHER_CHOICES} if self.other_choices else set()
        yield from (
            Finding(rule, f"this client never met {what}") for rule, what in _NEVER_MET.items() if rule not in met
        )


def _find(findings: _Findings, said: _Said, exchange: Exchange) -> None:
    """Add a finding, or count it once more."""
    place = (said.rule.id, exchange.operation, said.subject)
    known = findings.get(place)
    if known is not None:
        findings[place] = replace(known, times=known.times + 1)
    elif len(findings) < _MOST_FINDINGS:
        findings[place] = Finding(said.rule, said.message, exchange, times=1)


def _may_be_beside(suspect: Exchange, other: Exchange) -> bool:
    """Whether a request may be one of several that the client sent at once, of which the other shows that it does."""
    return suspect.credential == other.credential and other.received - suspect.received < IN_FLIGHT_SECONDS


def _held_open(before: Exchange | None, exchange: Exchange) -> bool:
    """Whether the connection of the request before was open still when this one came on another."""
    if before is None or before.connection == exchange.connection:
        return False
    closed = before.closed()
    return closed is None or closed > exchange.received


def _post(exchange: Exchange) -> Hashable:
    """What makes two POSTs equal."""
    return exchange.credential, exchange.path, exchange.query, exchange.body_digest


def _outcome(post: Exchange) -> str:
    if not post.delivered or post.status is None:
        return "one whose answer never came whole"
    return "one that was answered late or in pieces" if post.status < 500 else f"one that was answered {post.status}"


def _concerns(look: Exchange, post: Exchange) -> bool:
    """Whether a GET shows what a POST may have made: the list that it went to, or a record in it."""
    there = look.path == post.path or look.path.startswith(f"{post.path}/")
    return there and look.credential == post.credential and look.received >= post.answered


def _selection(exchange: Exchange) -> Hashable:
    """What a list was asked for, but for the page."""
    asked = sorted((name, value) for name, value in _query(exchange) if name != "page")
    return exchange.credential, exchange.path, tuple(asked)


def _page_asked_for(exchange: Exchange) -> int | None:
    pages = [value for name, value in _query(exchange) if name == "page"]
    return int(pages[0]) if len(pages) == 1 and pages[0].isascii() and pages[0].isdigit() else None


def _query(exchange: Exchange) -> list[tuple[str, str]]:
    return parse_qsl(exchange.query, keep_blank_values=True)
