"""The report to share: all that a run tells, inert whatever was said, and small however broken a deployment is."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from entity_conformance.report.html import render
from entity_conformance.report.verdict import Outcome, Result, Run, Verdict

from conformance.tests.report.samples import (
    EVERY_OUTCOME,
    FAILED,
    KNOWN,
    REQUIREMENTS,
    WAIVED,
    exchange,
    result,
    run,
    whole_run,
)
from conformance.tests.report.vicious import vicious


class Parsed(HTMLParser):
    """The elements of a page, its text, and whether each that was opened was closed."""

    EMPTY = frozenset({"meta", "link", "input", "br", "img", "rect", "path", "line", "circle"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in {"th", "td"}:
            self.rows[-1].append("")
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())


def text(run_: Run) -> str:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return stream.getvalue()


def parsed(run_: Run) -> Parsed:
    return Parsed(text(run_))


def test_every_element_is_closed() -> None:
    assert parsed(whole_run()).open == []


def test_the_verdict_its_reason_and_its_exit_code_stand_on_top() -> None:
    top = parsed(whole_run()).text.partition("Skip to the report")[2].partition("2 causes")[0]

    assert "Does not conform1 requirement failed: list.limit-caps-page exit 1" in top


def test_a_failure_has_its_clause_difference_exchange_and_curl_line() -> None:
    page = parsed(run(FAILED)).text

    assert "limit?: number // Default: 20, Max: 100" in page
    assert "expected 2 records" in page.replace("expected2", "expected 2")
    assert "actual 3 records" in page.replace("actual3", "actual 3")
    assert "GET http://127.0.0.1:5173/api/v1/tasks?limit=2" in page
    assert (
        "curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\"" in page
    )


def test_a_ruling_is_told_in_its_words() -> None:
    bad = result("list.past-the-end", Outcome.failed, "refused", exchanges=("x1",))
    requirements = {**REQUIREMENTS, bad.requirement: replace(REQUIREMENTS[bad.requirement], decision=("L2.above-100",))}
    stream = io.StringIO()

    render(run(bad), requirements, stream)

    assert "L2.above-100" in stream.getvalue()
    assert "CHOICE {refused, capped}" in stream.getvalue()


def test_words_in_which_expected_and_actual_differ_are_marked() -> None:
    page = text(run(FAILED))

    assert "<del>2</del> records" in page
    assert "<ins>3</ins> records" in page


@pytest.mark.parametrize("one", EVERY_OUTCOME, ids=lambda one: one.outcome.name)
def test_every_outcome_is_told(one: Result) -> None:
    assert f'class="badge {one.outcome.name}"' in text(run(one))


def test_a_cell_of_the_map_names_requirement_entity_and_outcome() -> None:
    (cell,) = [of for of in parsed(run(FAILED)).named("td") if "data-of" in of]

    assert (cell["title"], cell["class"]) == ("list.limit-caps-page [tasks]: failed", "failed")


def test_what_a_deployment_says_is_text() -> None:
    page = parsed(vicious())

    assert page.open == []
    assert [of for tag, of in page.elements if tag == "img" or any(name.startswith("on") for name in of)] == []
    assert len(page.named("script")) == 1


def test_what_does_not_print_is_spelled_out() -> None:
    page = text(vicious())

    assert not set(page) & {"\x1b", "\u202e", "\ufffe", "\ud800"}
    assert "\\x1b[2J \\u202e \\ufffe \\ud800" in page


def test_the_page_names_no_other_place() -> None:
    page = parsed(whole_run())
    links = [value for _, of in page.elements for name, value in of.items() if name in {"src", "href", "action"}]

    assert {str(link)[:1] for link in links if not str(link).startswith("data:image/svg+xml,")} == {"#"}


def test_a_link_leads_to_a_place_of_the_page() -> None:
    page = parsed(whole_run())
    ids = [of["id"] for _, of in page.elements if "id" in of]

    assert len(ids) == len(set(ids))
    assert {str(of["href"])[1:] for of in page.named("a")} <= set(ids)


def test_the_policy_lets_only_the_pages_own_script_and_style_work() -> None:
    (policy,) = [of["content"] for of in parsed(whole_run()).named("meta") if "http-equiv" in of]

    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; img-src data:;"
        r" base-uri 'none'; form-action 'none'",
        str(policy),
    )


def test_no_style_is_written_on_an_element() -> None:
    """The policy would refuse it."""
    assert not any("style" in of for _, of in parsed(whole_run()).elements)


def test_a_page_stays_under_two_million_characters_however_broken_a_deployment_is() -> None:
    told, body = "<&>" * 500, "<&>" * 20_000
    entities = [f"entity{number}" for number in range(7)]
    names = [f"list.requirement-{number}" for number in range(300)]
    places = [(name, entity) for name in names for entity in entities]
    results = [
        replace(
            FAILED, requirement=name, entity=entity, message=told, expected=told, actual=told, exchanges=(f"x{at}",)
        )
        for at, (name, entity) in enumerate(places)
    ]
    exchanges = tuple(exchange(f"x{at}", response_body=body) for at in range(len(places)))

    page = text(run(*results, exchanges=exchanges))

    assert len(page.encode()) < 2_000_000
    assert "The page has no room for more" in page
    assert all(f'id="finding-{name}"' in page for name in names)


def test_json_is_indented_and_otherwise_as_it_came() -> None:
    body = '{"a":[1.0e3,{}],"a":"two: words, {here}"}'

    page = parsed(run(FAILED, exchanges=(exchange(response_body=body),)))

    assert '{\n  "a": [\n    1.0e3,\n    {}\n  ],\n  "a": "two: words, {here}"\n}' in "".join(page.said)


def test_what_looks_like_json_and_is_none_stays_as_it_is() -> None:
    page = parsed(run(FAILED, exchanges=(exchange(response_body='[object Object] "open'),)))

    assert '[object Object] "open' in page.text


def test_limits_are_drawn_by_what_the_answers_said() -> None:
    def answer(at: int) -> object:
        headers = (("X-RateLimit-Limit", "100"), ("X-RateLimit-Remaining", str(100 - at)))
        return exchange(f"x{at}", at=float(at), response_headers=headers, status=429 if at == 9 else 200)

    page = parsed(run(FAILED, exchanges=tuple(answer(at) for at in range(1, 10))))

    assert ["key", "9", "1", "100", "99", "91"] in page.rows
    assert len([of for of in page.named("path") if "limit-0" in str(of["class"])]) == 1


def test_a_run_without_results_and_exchanges_is_a_page() -> None:
    page = parsed(run(exchanges=(), verdict=Verdict("could-not-test", 4, "could not test: cannot reach it")))

    assert page.open == []
    assert "Cannot reach it exit 4" in page.text


def test_a_waived_failure_is_told_with_its_waiver() -> None:
    page = parsed(run(WAIVED, waivers=(KNOWN,), verdict=Verdict("conforms-except-waived", 0, "conforms"))).text

    assert "Conforms except 1 waived" in page
    assert "waived: fixed in 2.3 (SHOP-7), until 2025-06-30" in page


def test_a_caveat_stands_beside_the_verdict() -> None:
    page = parsed(run(FAILED, caveats=("no certificate was verified (--insecure)",))).text

    assert "Note: no certificate was verified (--insecure)" in page
