"""The page for people who see little or use no mouse: what axe-core finds on every tab, and the keyboard alone."""

from pathlib import Path

import pytest

from annotation.store import State, open_store, set_state
from tests import browser
from tests.annotation.store.samples import fill
from tests.conftest import missing

pytestmark = pytest.mark.browser

AXE = browser.ROOT / ".ci/javascript/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desktop": (1360, 900), "phone": (390, 844)}
FOLDS = ("Bring photos in", "Doubtful copies", "Label automatically", "Export", "Numbers")
REACHABLE = "button, a[href], input, select, textarea, [tabindex='0']"
PRESSES = 90


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core; skips where npm has not brought it."""
    if not AXE.is_file():
        missing("needs axe-core: npm --prefix .ci/javascript ci")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def filled(tmp_path_factory, picture) -> Path:
    """The folder of a dataset with three samples."""
    folder = tmp_path_factory.mktemp("data")
    store = open_store(folder)
    fill(store, picture, 3)
    set_state(store, [2], State.APPROVED)
    store.close()
    return folder


@pytest.fixture(scope="module")
def address(filled):
    with browser.running_app(filled) as address:
        yield address


def show_tabs(page):
    """Bring each part of the page to the front, everything in it unfolded; gives its name."""
    yield "Cut out, empty"
    page.locator(".gallery-item").first.click()
    page.locator("#download:enabled").wait_for(timeout=90_000)
    page.get_by_text("More: every model").click()
    page.get_by_label("Picture", exact=True).check()
    page.get_by_text("Take one of these, or your own").wait_for()
    page.locator("#download:enabled").wait_for(timeout=90_000)
    yield "Cut out"
    page.get_by_role("button", name="Correct by hand").click()
    page.locator("[data-state=open] [data-does=toggleUnsure]:enabled").wait_for(timeout=60_000)  # the last to come
    yield "Correct"
    page.get_by_role("button", name="Back to your photos").click()
    page.locator(".trimap-editor[data-state=empty] .card").wait_for()
    yield "Correct, unfinished photos"
    page.get_by_role("tab", name="Dataset", exact=True).click()
    page.locator("#dataset-pictures .thumbnail-item").first.click()
    for fold in FOLDS:
        page.get_by_role("button", name=fold, exact=False).first.click()
    page.locator(".numbers-figures").wait_for()
    yield "Dataset"
    for name in page.locator("[role=tablist]").first.locator("[role=tab]").all_inner_texts():
        if name not in ("Cut out", "Correct", "Dataset"):
            page.get_by_role("tab", name=name, exact=True).click()
            page.wait_for_timeout(1000)
            yield name


@pytest.fixture
def page(chromium, address, request):
    """The page in the theme that the test is parametrized with; fails the test if something is logged as an error."""
    theme = request.param
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, color_scheme=theme)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}?__theme={theme}")
    page.get_by_text("Your photo").first.wait_for()
    yield page
    texts = page.locator("[aria-live]").all_inner_texts()
    errors += page.locator(".toast-body.error").all_inner_texts()
    context.close()
    assert not errors
    assert not [text for text in texts if "." in text and " " not in text]  # a key instead of its words


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_axe_finds_no_serious_fault_on_any_tab_at_either_size(page, axe):
    found = []
    for tab in show_tabs(page):
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(axe)
            result = page.evaluate("rules => axe.run({ runOnly: rules, resultTypes: ['violations'] })", RULES)
            for fault in result["violations"]:
                if fault["impact"] in ("serious", "critical"):
                    found += [(tab, size, fault["id"], node["html"][:200]) for node in fault["nodes"]]
        found += [(tab, "too low for a thumb", button) for button in page.evaluate(LOW)]  # the phone comes last
        page.set_viewport_size({"width": 1360, "height": 900})
    assert not found, "\n".join(map(str, found))


LOW = """() => [...document.querySelectorAll("button:is(.sm, .label-wrap)")].filter(button => {
  const box = button.getBoundingClientRect();
  return button.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height < 40;
}).map(button => button.outerHTML.slice(0, 200))"""
"""The buttons that are too low for a thumb."""
FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  const rings = [element, element.parentElement].map(one => getComputedStyle(one));
  return {
    what: element.outerHTML.slice(0, 160), isPage: element === document.body,
    isSeen: box.width > 1 && box.height > 1 && style.visibility === "visible",
    hasRing: rings.some(one => one.boxShadow !== "none" || one.outlineStyle !== "none" && one.outlineWidth !== "0px"),
    number: element.dataset.reached ??= String(document.querySelectorAll("[data-reached]").length),
  };
}"""
MISSED = """selector => {
  const panel = [...document.querySelectorAll("[role=tabpanel]")].find(each => each.checkVisibility());
  const isReached = element => "reached" in element.dataset || element.type === "radio" &&
    [...document.getElementsByName(element.name)].some(one => "reached" in one.dataset);
  return [...panel.querySelectorAll(selector)].filter(element =>
    element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1 &&
    !element.disabled && element.tabIndex >= 0 && !isReached(element)).map(element => element.outerHTML.slice(0, 200));
}"""


def walk(page, tab):
    """Press Tab from the top of the page to its end; what has the focus without showing it."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.locator("h1").click()
    faults, seen, pages = [], set(), 0
    for _ in range(PRESSES):
        if tab == "Cut out":  # leaving a field works out a change, and the buttons are off meanwhile
            page.locator("#download:enabled").wait_for(timeout=30_000)
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        pages = pages + 1 if focused["isPage"] else 0
        if pages == 1:  # a list that closes has it for a moment
            continue
        if pages or focused["number"] in seen:
            break
        seen.add(focused["number"])
        if not (focused["isSeen"] and focused["hasRing"]):
            faults.append((tab, "without a visible focus", focused["what"]))
    return faults


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_keyboard_reaches_everything_and_one_sees_where_it_is(page):
    faults = []
    for tab in show_tabs(page):
        page.evaluate("for (const one of document.querySelectorAll('[data-reached]')) delete one.dataset.reached")
        faults += walk(page, tab)
        faults += [(tab, "not reached", missed) for missed in page.evaluate(MISSED, REACHABLE)]
    assert not faults, "\n".join(map(str, faults))


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_slider_goes_by_keys(page):
    page.locator(".gallery-item").first.click()
    page.locator("#download:enabled").wait_for(timeout=90_000)
    slider = page.locator("#result [data-testid=slider]")
    slider.focus()
    left = slider.bounding_box()["x"]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert 40 < slider.bounding_box()["x"] - left < 100
    page.keyboard.press("Home")
    assert abs(slider.bounding_box()["x"] - left) < 2
