"""The report for a job's summary: short, and what others said is text in it."""

import io
from pathlib import Path

import pytest
from entity_conformance.report.formats import Destination, write
from entity_conformance.report.markdown import render
from entity_conformance.report.verdict import Run, Verdict
from markdown_it import MarkdownIt

from conformance.tests.report.samples import FAILED, KNOWN, REQUIREMENTS, WAIVED, run, whole_run
from conformance.tests.report.vicious import runs, vicious


def text(run_: Run) -> str:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return stream.getvalue()


def test_a_failure_is_told_with_its_curl_line() -> None:
    assert text(run(FAILED, verdict=Verdict("does-not-conform", 1, "1 failed"))) == (
        "## ❌ Conformance of `http://127.0.0.1:5173/api/v1`\n"
        "\n"
        "**does not conform: 1 failed \\(exit 1\\)**\n"
        "\n"
        "| failed |\n"
        "|---:|\n"
        "| 1 |\n"
        "\n"
        "### 1 root cause\n"
        "\n"
        "1. **GET /tasks: data holds more records than asked for** (failed; 1 requirement, tasks)\n"
        "\n"
        "   `list.limit-caps-page`\n"
        "\n"
        "   - asked: `GET /tasks?limit=2 → 200`\n"
        "   - expected: `2 records`\n"
        "   - actual: `3 records`\n"
        "\n"
        "   ```sh\n"
        "   curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\"\n"
        "   ```\n"
        "\n"
        "\n"
        "183 requests \\(150 by key, 20 by session, 13 without credentials\\) in 12\\.3 s."
        " suite 0\\.1\\.0, contract 3f2a9c1b04d7, seed 42, profile api\\-key.\n"
    )


@pytest.mark.parametrize("run_", [whole_run(), *runs()], ids=lambda run_: run_.verdict.name)
def test_what_others_say_is_text(run_: Run) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(text(run_))
    inline = [child for token in tokens for child in token.children or ()]

    assert {token.type for token in [*tokens, *inline]} & {"link_open", "image", "html_inline"} == set()
    for block in (token.content for token in tokens if token.type == "html_block"):
        assert block.startswith(("<details><summary>", "</details>"))
    assert [token.content for token in tokens if token.type == "heading_open" and token.tag == "h1"] == []


def test_what_does_not_print_is_spelled_out() -> None:
    assert not set(text(vicious())) & {"\x1b", "\u202e", "\ufffe", "\ud800"}


def test_a_line_that_a_ci_would_obey_does_not_begin_one() -> None:
    assert not any(line.lstrip().startswith(("::", "##vso")) for line in text(vicious()).splitlines())


def test_a_waived_failure_is_told_with_its_waiver() -> None:
    told = text(run(WAIVED, waivers=(KNOWN,), verdict=Verdict("conforms-except-waived", 0, "conforms except 1 waived")))

    assert "☑️" in told
    assert "- `list.limit-caps-page [orders]`: fixed in 2\\.3 \\(SHOP\\-7\\), until 2025\\-06\\-30" in told


def test_it_is_added_to_a_jobs_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n", encoding="utf-8")
    (destination,) = Destination.parse_all(["markdown"], summary=summary)

    write(whole_run(), destination, REQUIREMENTS)

    assert summary.read_text(encoding="utf-8") == "# before\n" + text(whole_run())


def test_a_file_of_its_own_is_written_beside_a_jobs_summary(tmp_path: Path) -> None:
    own, summary = tmp_path / "report.md", tmp_path / "summary.md"

    assert Destination.parse_all([f"markdown={own}"], summary=summary) == (
        Destination("markdown", own),
        Destination("markdown", summary, is_added=True),
    )


def test_a_jobs_summary_is_for_whoever_asks_for_markdown(tmp_path: Path) -> None:
    assert Destination.parse_all(["json"], summary=tmp_path / "summary.md") == (Destination("json"),)
