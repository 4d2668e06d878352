"""The page in a real browser: its filters, links and foldings, in the dark, on paper, on a telephone, without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.history import compare, diff
from conformance.report.formats import render
from conformance.report.tables import as_html
from tests.command import ROOT
from tests.report.formats import examples
from tests.screenshots import CHROMIUM, browser

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
EXAMPLE = ROOT / "reports" / "example" / "report.html"
FAILED = "toolstream.index"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


class Seen:
    """A page with what it complained of and what it asked for."""

    def __init__(self, browser: Any, file: Path, at: str = "", **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri() + at)

    def shown(self) -> list[str]:
        insides = self.page.locator("details.probe:not([hidden]) .inside").all()
        return [inside.get_attribute("id").removeprefix("p-") for inside in insides]


@pytest.fixture
def opened(chromium: Any) -> Iterator[Any]:
    contexts: list[Any] = []

    def opening(file: Path = EXAMPLE, at: str = "", **options: Any) -> Seen:
        seen = Seen(chromium, file, at, **options)
        contexts.append(seen.context)
        return seen

    yield opening
    for context in contexts:
        context.close()


@pytest.mark.parametrize("example", ["failing", "working", "unreachable", "hostile"])
def test_the_page_logs_no_error_runs_no_foreign_script_and_loads_nothing(
    opened: Any, example: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(render("html", examples.every_example()[example]), "utf-8")
    seen = opened(file)
    assert seen.complaints == []
    assert seen.asked == [file.as_uri()]
    assert seen.page.locator("form.filter").is_visible()


def test_a_foreign_script_is_not_run(opened: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    page = render("html", examples.failing()).replace("</footer>", "</footer><script>document.title='got in'</script>")
    file.write_text(page, "utf-8")
    seen = opened(file)
    assert "got in" not in seen.page.title()
    assert any("Content Security Policy" in text for text in seen.complaints)


def test_filters_show_what_was_asked_for(opened: Any) -> None:
    seen = opened()
    every = seen.shown()
    seen.page.select_option("[name=outcome]", "failed")
    failed = seen.shown()
    assert FAILED in failed
    assert len(failed) < len(every)
    seen.page.fill("[name=text]", "TOOLSTREAM.index")
    assert seen.shown() == [FAILED]
    assert seen.page.text_content("output") == f"1 of {len(every)} shown"
    seen.page.select_option("[name=client]", "cline")
    assert seen.shown() == []
    seen.page.click("button[type=reset]")
    playwright.expect(seen.page.locator("output")).to_have_text(f"{len(every)} of {len(every)} shown")
    assert seen.shown() == every


def test_a_filter_by_heading_leaves_its_requirements(opened: Any) -> None:
    seen = opened()
    seen.page.select_option("[name=category]", "invalid-api-key")
    assert seen.shown()
    assert FAILED not in seen.shown()


def filtered(seen: Seen) -> dict[str, str]:
    """What stands in the form."""
    values: dict[str, str] = seen.page.evaluate(
        "Object.fromEntries(new FormData(document.querySelector('form.filter')))"
    )
    return {name: value for name, value in values.items() if value}


def test_a_filtered_view_can_be_linked_and_survives_a_reload(opened: Any) -> None:
    seen = opened()
    seen.page.select_option("[name=outcome]", "failed")
    seen.page.select_option("[name=client]", "roo-code")
    seen.page.select_option("[name=category]", "tool-calling-errors")
    seen.page.fill("[name=text]", "index & 100 %")
    seen.page.fill("[name=text]", "index")
    shown = seen.shown()
    assert shown == [FAILED]
    seen.page.reload()
    assert seen.shown() == shown
    linked = opened(at=f"#{seen.page.url.partition('#')[2]}")
    assert linked.shown() == shown
    wanted = {"outcome": "failed", "client": "roo-code", "category": "tool-calling-errors", "text": "index"}
    assert filtered(linked) == wanted
    assert linked.page.locator("form.filter").bounding_box()["y"] < 100
    assert linked.complaints == []


def test_the_back_button_brings_the_filters_back(opened: Any) -> None:
    seen = opened()
    every = seen.shown()
    seen.page.select_option("[name=outcome]", "failed")
    failed = seen.shown()
    seen.page.select_option("[name=client]", "cline")
    seen.page.fill("[name=text]", "no requirement says this")
    seen.page.locator("details.area[id] a.id").first.evaluate("it => { location.hash = '#a-auth' }")
    playwright.expect(seen.page.locator("#a-auth")).to_be_visible()
    assert seen.shown() == every
    seen.page.go_back()
    playwright.expect(seen.page.locator("output")).to_have_text(f"0 of {len(every)} shown")
    assert filtered(seen) == {"outcome": "failed", "client": "cline", "text": "no requirement says this"}
    seen.page.go_back()
    playwright.expect(seen.page.locator("output")).to_have_text(f"{len(failed)} of {len(every)} shown")
    seen.page.go_back()
    playwright.expect(seen.page.locator("output")).to_have_text(f"{len(every)} of {len(every)} shown")
    assert filtered(seen) == {}


@pytest.mark.parametrize("at", ["#/?outcome=nonsense&client=%3Cscript%3E&odd=1", "#/?", "#%", "#/?text=%E0%A4%A"])
def test_an_address_that_names_no_filter_of_the_page_is_ignored(opened: Any, at: str) -> None:
    seen = opened(at=at)
    assert seen.complaints == []
    assert filtered(seen).keys() <= {"text"}


def test_showing_all_clears_the_address(opened: Any) -> None:
    seen = opened(at="#/?outcome=failed")
    seen.page.click("button[type=reset]")
    playwright.expect(seen.page).to_have_url(EXAMPLE.as_uri())


def test_a_link_unfolds_its_target_even_when_a_filter_hid_it(opened: Any) -> None:
    seen = opened(at=f"#p-{FAILED}")
    target = seen.page.locator(f"[id='p-{FAILED}']")
    assert target.is_visible()
    seen.page.fill("[name=text]", "no requirement says this")
    assert not target.is_visible()
    seen.page.locator(f"a[href='#p-{FAILED}']").first.click()
    playwright.expect(target).to_be_visible()


def test_the_evidence_of_a_failure_is_one_click_away_with_its_chunk_marked(opened: Any) -> None:
    seen = opened()
    seen.page.locator(f"[id='p-{FAILED}'] .cases a").first.click()
    exchange = seen.page.locator(":target")
    assert exchange.is_visible()
    assert exchange.locator("mark").first.is_visible()


@pytest.mark.parametrize("width", [400, 1000])
def test_a_conversation_on_the_axis_of_time_leads_to_its_evidence(opened: Any, width: int) -> None:
    seen = opened(viewport={"width": width, "height": 900})
    picture = seen.page.locator("svg.waterfall").bounding_box()
    names = seen.page.locator("svg.waterfall a")
    assert names.count() > 40
    boxes = [name.bounding_box() for name in names.all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= picture["x"] + picture["width"] for box in boxes)
    names.nth(3).click()
    exchange = seen.page.locator(":target")
    playwright.expect(exchange).to_be_visible()
    label = seen.page.locator("svg.waterfall a text").nth(3).text_content()
    assert exchange.locator("xpath=../summary").text_content().count(f"{label}#1") == 1


def test_folding_works_with_the_keyboard_and_focus_is_seen(opened: Any) -> None:
    seen = opened()
    summary = seen.page.locator("details.area > summary").first
    summary.focus()
    seen.page.keyboard.press("Shift+Tab")
    seen.page.keyboard.press("Tab")
    before = summary.evaluate("it => it.parentElement.open")
    seen.page.keyboard.press("Enter")
    assert summary.evaluate("it => it.parentElement.open") is not before
    assert summary.evaluate("it => getComputedStyle(it).outlineStyle") == "solid"


def test_a_command_is_copied_or_selected(opened: Any) -> None:
    seen = opened()
    seen.page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
    seen.page.locator("pre.paste:has-text('curl')").first.evaluate("it => it.previousElementSibling.click()")
    assert "curl" in seen.page.evaluate("getSelection().toString()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colours_of_the_system(opened: Any, scheme: str) -> None:
    seen = opened(color_scheme=scheme)
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]


def test_a_narrow_screen_needs_no_scrolling_sideways_with_everything_unfolded(opened: Any) -> None:
    seen = opened(viewport={"width": 400, "height": 800})
    seen.page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 400


def test_on_paper_the_settings_are_unfolded_and_buttons_are_hidden(opened: Any) -> None:
    seen = opened()
    seen.page.emulate_media(media="print")
    assert not seen.page.locator("form.filter").is_visible()
    assert seen.page.locator("table.settings").first.bounding_box()["height"] > 0


def test_without_script_everything_is_there_and_no_filter_is_offered(opened: Any) -> None:
    seen = opened(java_script_enabled=False)
    assert not seen.page.locator("form.filter").is_visible()
    assert seen.page.locator("details.probe").count() > 100
    assert seen.page.locator(f"[id='p-{FAILED}']").is_visible()


VIEWS = [
    ("light", {"width": 1000, "height": 900}),
    ("dark", {"width": 1000, "height": 900}),
    ("light", {"width": 400, "height": 800}),
]


def accessibility(seen: Seen) -> list[str]:
    """What axe finds with everything unfolded: how bad, which rule, where."""
    seen.page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
    found = axe.Axe().run(seen.page).response["violations"]
    return [f"{v['impact']} {v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"][:3]]


@pytest.mark.parametrize(("scheme", "viewport"), VIEWS, ids=lambda it: it if isinstance(it, str) else it["width"])
@pytest.mark.parametrize("example", ["failing", "working", "unreachable", "hostile"])
def test_axe_finds_nothing(opened: Any, example: str, scheme: str, viewport: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render("html", examples.every_example()[example]), "utf-8")
    assert accessibility(opened(file, color_scheme=scheme, viewport=viewport)) == []


def test_axe_finds_nothing_in_the_page_of_a_whole_run(opened: Any) -> None:
    assert accessibility(opened()) == []


def test_axe_finds_nothing_in_the_pages_of_several_reports(opened: Any, tmp_path: Path) -> None:
    old, new = examples.working(), examples.failing()
    reports = [("good.json", old), ("bad.json", new)]
    for page in (diff.page(diff.difference(old, new)), compare.page(compare.comparison(reports, "roo-code"))):
        file = tmp_path / "page.html"
        file.write_text(as_html(page), "utf-8")
        assert accessibility(opened(file, viewport={"width": 400, "height": 800})) == []
