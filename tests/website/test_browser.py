"""The site in a browser, opened from files: what the overview's script does, and that every page is sound."""

import json
import re
import shutil
from itertools import combinations
from pathlib import Path

import made_up
import pytest

from benchmark.website import site

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]

RESULTS = Path(__file__).parents[2] / "results"
PAGES = (
    "index.html",
    "official/protocol/emodb-loso.html",
    "official/protocol/tess-2fold.html",
    "official/model/mfcc-logreg.html",
    "official/model/compare-svm.html",
    "official/compare/index.html",
    "official/compare/egemaps-svm--prior.html",
    "official/ladder.html",
    "official/published.html",
    "official/changes.html",
    "official/search.html",
    "methods.html",
    "submit.html",
    "data.html",
)
MODEL = "official/model/mfcc-logreg.html"
WIDE, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with made_up.believed():  # as when no record was stale
        return site.build_site(RESULTS, tmp_path_factory.mktemp("browser") / "site").parent


@pytest.fixture(scope="module")
def overall(built):
    """The overall UAR, in per cent, of each model that has one."""
    board = json.loads((built / "data/all.json").read_text())["official"]
    return {each["model"]: 100 * each["uar"] for each in board["overall"]["standings"]}


@pytest.fixture(scope="module")
def emodb(built):
    """The UAR of each model on EMO-DB, in per cent."""
    board = json.loads((built / "data/all.json").read_text())["official"]
    return {each["model"]: 100 * each["uar"] for each in board["tables"]["emodb-loso"]["entries"]}


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, built):
    """Opens a page of the site; afterwards there must have been no complaint and no request elsewhere."""
    contexts, complaints = [], []

    def visit(path, *, viewport=WIDE, **options):
        context = chromium.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: r.url.startswith("file://") or complaints.append(r.url))
        page.goto((built / path).as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def names(page):
    """The models that the board shows, from top to bottom."""
    return page.eval_on_selector_all("tr[data-model]:not([hidden])", "rows => rows.map(r => r.dataset.model)")


def operations(page):
    """Likewise, their MACs of the first track, "" where they are not counted."""
    return page.eval_on_selector_all(
        "tbody:first-of-type tr[data-model]", "rows => rows.map(r => r.dataset.operations)"
    )


def column(page, words):
    return page.locator("table.board thead th").filter(has_text=words)


def test_a_column_sorts_both_ways_and_what_has_no_number_comes_last(visit):
    page = visit("index.html")
    header = column(page, "MACs")
    button = header.get_by_role("button")
    button.click()
    assert header.get_attribute("aria-sort") == "descending"
    falling = operations(page)
    button.click()
    assert header.get_attribute("aria-sort") == "ascending"
    rising = operations(page)
    counted = [float(count) for count in rising if count]
    assert counted == sorted(counted)
    assert rising == [*rising[: len(counted)], *[""] * (len(rising) - len(counted))]
    assert [float(count) for count in falling[: len(counted)]] == counted[::-1]


def test_a_column_sorts_from_the_keyboard(visit, emodb):
    page = visit("index.html")
    column(page, "EMO-DB").get_by_role("button").focus()
    page.keyboard.press("Enter")
    some = ("prior", "mfcc-logreg", "nearest-mean", "egemaps-svm")
    ranked = [name for name in names(page) if name in some]
    assert ranked == sorted(some, key=emodb.__getitem__, reverse=True)


def test_filters_and_search_narrow_the_board_and_the_chart(visit):
    page = visit("index.html")
    everyone = names(page)
    page.get_by_label("Search").fill("logreg mfcc")
    assert names(page) == ["mfcc-logreg"]
    assert page.locator(".filter output").text_content() == f"1 of {len(everyone)} models"
    assert page.locator(".point:not(.out)").count() == 1
    page.get_by_role("button", name="Show all").click()
    page.locator("input[name=operations]").fill("15")
    cheap = names(page)
    assert "mfcc-logreg" in cheap
    assert "compare-svm" not in cheap  # not counted
    page.locator("input[name=bytes]").fill("1")
    assert names(page) == ["prior"]
    page.get_by_role("button", name="Show all").click()
    page.locator("tr[data-model=prior]").wait_for()
    assert names(page) == everyone


def test_the_answers_give_each_model_its_own_time(visit):
    """Of one that is best below a limit, what its row has."""
    page = visit("index.html")
    words = " ".join(page.locator("main").text_content().split())
    timed = re.findall(r"(\S+) with [\d.]+ % \([\d.]+ \w, ([\d.]+) ms a clip", words)
    assert timed
    for name, milliseconds in timed:
        row = page.locator(f"tr[data-model='{name}']")
        assert float(row.get_attribute("data-ms")) == pytest.approx(float(milliseconds), rel=0.05)


def test_the_chart_names_the_model_on_focus_and_leads_to_it(visit, overall):
    page = visit("index.html")
    point = page.locator(".point[data-model=mfcc-logreg]")
    point.focus()
    wanted = f"MFCC statistics, logistic regression: UAR {overall['mfcc-logreg']:.1f}"
    assert wanted in page.locator(".details").text_content()
    page.keyboard.press("Enter")
    page.wait_for_url("**/official/model/mfcc-logreg.html")
    assert (
        page.get_by_role("heading", level=1).text_content()
        == "mfcc-logreg MFCC statistics, logistic regression"
    )


def test_the_chart_shows_the_corpus_that_is_chosen(visit, overall, emodb):
    page = visit("index.html")
    height = "point => Number(point.querySelector('.s').getAttribute('transform').match(/ (.*)\\)/)[1])"
    point = page.locator(".point[data-model=mfcc-logreg]")
    before, front = point.evaluate(height), page.locator(".front").get_attribute("d")
    page.locator("select[name=series]").select_option(label="EMO-DB")
    assert emodb["mfcc-logreg"] > overall["mfcc-logreg"]
    assert point.evaluate(height) < before
    assert page.locator(".front").get_attribute("d") != front
    point.locator(".s").hover()
    assert f"UAR {emodb['mfcc-logreg']:.1f}" in page.locator(".details").text_content()


def test_the_chart_shows_the_cost_that_is_chosen_and_published_results_of_the_same_folds(visit):
    page = visit("index.html")
    across = "point => point.querySelector('.s').getAttribute('transform')"
    point, claims = page.locator(".point[data-model=mfcc-logreg]"), page.locator(".claim:not([hidden])")
    assert claims.count() == 0  # of the overall score
    page.locator("select[name=series]").select_option(label="RAVDESS")
    before = point.evaluate(across)
    assert claims.count() > 3
    page.get_by_text("Latency", exact=True).first.click()
    assert point.evaluate(across) != before
    assert page.locator(".details").text_content() == "RAVDESS: UAR against Latency."
    assert claims.count() == 0  # nobody has measured them
    assert page.locator(".frame:not([hidden])").count() == 1


def test_names_in_the_chart_cover_none_another(visit):
    page = visit("index.html")
    page.locator("select[name=series]").select_option(label="RAVDESS")
    boxes = page.eval_on_selector_all(
        ".chart .mark:not([hidden]) > text:not([hidden])",
        "all => all.map(one => one.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])",
    )
    shrunk = [(left, top + 2, right, bottom - 2) for left, top, right, bottom in boxes]  # of line spacing
    assert len(shrunk) > 8
    for a, b in combinations(shrunk, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_arrow_keys_go_from_speaker_to_speaker(visit):
    page = visit(MODEL)
    dots = page.locator("svg.named").first.locator(".speaker")
    dots.first.focus()
    assert dots.first.locator("text").is_visible()
    page.keyboard.press("ArrowRight")
    assert dots.nth(1).locator("text").is_visible()
    assert dots.first.locator("text").is_hidden()
    assert dots.nth(1).get_attribute("tabindex") == "0"


def test_the_first_column_stays_in_sight_on_a_phone(visit):
    page = visit("index.html", viewport=PHONE)
    name = page.locator("tr[data-model] th[scope=row]").first
    page.locator(".scroll:has(table.board)").evaluate("box => { box.scrollLeft = 300 }")
    assert name.bounding_box()["x"] >= 0
    assert page.locator(".hint").is_visible()


def test_without_javascript_all_is_there_and_no_dead_control(visit):
    page = visit("index.html", java_script_enabled=False)
    assert page.locator("table.board tbody tr:not(.track)").count() > 8
    assert page.locator(".point").first.is_visible()
    assert page.locator("form.filter").is_hidden()
    assert page.locator("select").first.is_hidden()


BRIGHTNESS = (
    "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => +a + +b)"
)


@pytest.mark.parametrize(("scheme", "viewport"), [("light", WIDE), ("dark", PHONE)], ids=["wide", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_its_colours_fits_its_window_and_axe_finds_no_violation(visit, path, scheme, viewport):
    """One visit for the three, since a visit costs a second."""
    page = visit(path, color_scheme=scheme, viewport=viewport)
    brightness = float(page.evaluate(BRIGHTNESS))
    assert brightness < 150 if scheme == "dark" else brightness > 700
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    options = {"preload": False, "resultTypes": ["violations"]}  # else it asks for style sheets
    found = axe.Axe().run(page, options=options).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]][:3]) for rule in found] == []
