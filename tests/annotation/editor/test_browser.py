"""Real pointers in a real browser: what it shows, what the server holds and what the stored strokes replay to agree.

MATTING_SEQUENCES sets how many random sequences run; 200 is the full figure.
"""

import hashlib
import os

import numpy as np
import pytest

from annotation.store import Drafts, open_store
from annotation.strokes.raster import replay
from tests.annotation.editor.app import picture

SEQUENCES = int(os.environ.get("MATTING_SEQUENCES", 16))
SCREENS = [  # device-pixel ratio, touch, width, height
    (1, False, 1100, 800),
    (1.5, False, 1000, 760),
    (2, False, 900, 700),
    (3, False, 700, 620),
    (3, True, 390, 844),
]
DIGEST = """async () => {
  const { editor } = document.querySelector(".trimap-editor");
  const hash = await crypto.subtle.digest("SHA-256", editor.history.trimap.pixels);
  return [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, "0")).join("");
}"""

pytestmark = pytest.mark.browser


class Person:
    """Somebody with a mouse or a finger, doing random things to an open work."""

    def __init__(self, context, address, seed, is_touch):
        self.page = context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.random = np.random.default_rng(seed)
        self.is_touch = is_touch
        self.touches = context.new_cdp_session(self.page) if is_touch else None
        self.address = address

    def begin(self):
        self.page.goto(self.address)
        self.page.click("#new")
        self.show_tab()
        self.draft = self.page.get_attribute(".trimap-editor", "data-draft")

    def show_tab(self):
        self.page.get_by_role("tab", name="Correct").click()
        self.page.wait_for_selector(".trimap-editor[data-state=open]")

    def spot(self):
        """A random place on the canvas, in pixels of the page; a few outside the picture."""
        box = self.page.locator(".pane canvas").first.bounding_box()
        share = self.random.uniform(0.05, 0.95, 2)
        return box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"]

    def drag(self, places):
        if self.is_touch:
            send = self.touches.send
            send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point(places[0])]})
            for place in places[1:]:
                send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point(place)]})
            send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        else:
            self.page.mouse.move(*places[0])
            self.page.mouse.down()
            for place in places[1:]:
                self.page.mouse.move(*place)
            self.page.mouse.up()

    def press(self, keys):
        self.page.focus(".panes")
        self.page.keyboard.press(keys)

    def paint(self):
        self.press(self.random.choice(["f", "b", "u", "e"]))
        self.press(self.random.choice(["p", "p", "l", "g", "a", "m", "h", "x", "r"]))
        self.press(self.random.choice(["[", "]"]))
        here = self.spot()
        steps = self.random.normal(0, 40, (int(self.random.integers(0, 7)), 2)).cumsum(axis=0)
        self.drag([here, *((here[0] + x, here[1] + y) for x, y in steps)])
        self.press("Escape")

    def undo(self):
        self.press("Control+z")

    def redo(self):
        self.press("Control+Shift+z")

    def zoom(self):
        if self.is_touch:
            (x, y), apart = self.spot(), self.random.uniform(30, 90, 2)
            send = self.touches.send
            for kind, d in zip(("touchStart", "touchMove"), apart, strict=True):
                points = [point((x - d / 2, y)), point((x + d / 2, y), 1)]
                send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        else:
            self.page.mouse.move(*self.spot())
            self.page.mouse.wheel(0, float(self.random.choice([-240, -120, 120, 240])))

    def look(self):
        self.press(self.random.choice(["v", "d", "0", "1", "+", "-", "o", "n"]))

    def resize(self):
        width, height = self.page.viewport_size["width"], self.page.viewport_size["height"]
        self.page.set_viewport_size({"width": width - 40 if width > 700 else width + 40, "height": height})

    def switch_theme(self):
        self.page.emulate_media(color_scheme=str(self.random.choice(["dark", "light"])))
        self.page.evaluate("document.body.classList.toggle('dark')")

    def switch_tab(self):
        self.page.get_by_role("tab", name="Cut out").click()
        self.show_tab()

    def reload(self):
        self.page.reload()
        self.page.get_by_role("tab", name="Correct").click()
        self.page.click(".shelf .card")
        self.page.wait_for_selector(".trimap-editor[data-state=open]")

    def act(self):
        kinds = [self.paint] * 8 + [self.undo] * 3 + [self.redo] * 2 + [self.zoom] * 2
        self.random.choice([*kinds, self.look, self.resize, self.switch_theme, self.switch_tab])()

    def settle(self):
        """Wait until all strokes are acknowledged."""
        self.page.wait_for_function(
            "() => { const { editor } = document.querySelector('.trimap-editor'); "
            "return editor.isReady && !editor.link.unsent.length && !editor.history.pending.length }"
        )


def point(place, finger=0):
    return {"x": float(place[0]), "y": float(place[1]), "id": finger}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"ratio-{screen[0]}{'-touch' * screen[1]}")
def test_browser_server_and_replay_agree_after_random_painting(browser, app, screen):
    ratio, is_touch, width, height = screen
    context = browser.new_context(
        device_scale_factor=ratio, has_touch=is_touch, viewport={"width": width, "height": height}
    )
    person = Person(context, app.address, int(10 * ratio) + is_touch, is_touch)
    person.begin()
    drafts, automatic = Drafts(open_store(app.folder)), picture()[2]
    for number in range(-(-SEQUENCES // len(SCREENS))):
        for _ in range(int(person.random.integers(3, 7))):
            person.act()
        if number % 8 == 7:
            person.settle()
            person.reload()
        person.settle()
        shown = person.page.evaluate(DIGEST)
        strokes = drafts.strokes(person.draft)
        replayed = hashlib.sha256(replay(automatic, strokes).tobytes()).hexdigest()
        assert shown == app.get(f"/test/trimap/{person.draft}") == replayed, f"sequence {number}"
    assert len(drafts.strokes(person.draft)) > SEQUENCES // len(SCREENS)
    assert person.errors == []
    context.close()


@pytest.fixture
def person(browser, app):
    """Somebody with a mouse who has just opened a photo, drawn 436 pixels high."""
    context = browser.new_context(viewport={"width": 1000, "height": 940})
    person = Person(context, app.address, 0, False)
    person.begin()
    yield person
    context.close()


def test_selecting_from_strokes_gives_both_sides_a_new_start_that_undo_takes_back(person, app):
    before = person.page.evaluate(DIGEST)
    box = person.page.locator(".pane canvas").first.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    person.drag([middle, (middle[0] + 40, middle[1])])
    person.press("b")
    person.drag([(middle[0] - 180, middle[1] - 180), (middle[0] + 180, middle[1] - 180)])
    person.page.click("[data-does=select]")
    person.page.wait_for_function("document.querySelector('.trimap-editor').dataset.saved === '3'")
    assert person.page.evaluate(DIGEST) == app.get(f"/test/trimap/{person.draft}") != before
    for _ in range(3):
        person.undo()
    person.settle()
    assert person.page.evaluate(DIGEST) == app.get(f"/test/trimap/{person.draft}") == before
    assert person.errors == []


def test_the_drafts_stand_above_the_open_one_and_one_press_switches(person):
    page, older = person.page, person.draft
    page.get_by_role("tab", name="Cut out").click()
    page.click("#new")
    page.wait_for_function(f"document.querySelector('.trimap-editor').dataset.draft !== '{older}'")
    page.get_by_role("tab", name="Correct").click()
    cards = page.locator(".shelf .card")
    page.wait_for_function("document.querySelectorAll('.shelf .card').length === 2")
    marked = "[...document.querySelectorAll('.shelf .card')].map(card => card.ariaCurrent)"
    assert page.evaluate(marked) == ["true", None]
    newer = page.get_attribute(".trimap-editor", "data-draft")
    for at, draft in ((1, older), (0, newer)):
        cards.nth(at).focus()
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelector('.trimap-editor').dataset.draft === '{draft}'")
        assert page.evaluate(marked) == [None, "true"][:: -1 if at == 0 else 1]  # none has moved
    assert page.locator(".shelf").bounding_box()["height"] < 60
    assert person.errors == []


def test_nothing_moves_under_the_pointer_once_a_photo_is_open(person):
    """A slow list of drafts, which stands above the photo."""
    page = person.page
    page.route("**/correct/works", lambda route: (page.wait_for_timeout(700), route.continue_()))
    page.get_by_role("tab", name="Cut out").click()
    page.reload()
    page.click("#new")
    person.show_tab()
    top = page.locator(".pane canvas").first.bounding_box()["y"]
    page.wait_for_timeout(1500)
    assert page.locator(".shelf .card").count() == 2
    assert page.locator(".pane canvas").first.bounding_box()["y"] == top


def test_what_was_not_acknowledged_before_a_reload_is_sent_again(person, app):
    """A connection that swallows everything after the first stroke; then the page is loaded anew with a working one."""
    box = person.page.locator(".pane canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    person.drag([(x, y), (x + 40, y)])
    person.settle()
    person.page.evaluate("document.querySelector('.trimap-editor').editor.link.send = () => {}")
    person.press("b")
    person.drag([(x - 180, y - 180), (x + 180, y - 180)])
    person.page.click("[data-does=select]")
    assert [stroke.kind for stroke in Drafts(open_store(app.folder)).strokes(person.draft)] == ["brush"]
    person.reload()
    person.page.wait_for_function("document.querySelector('.trimap-editor').dataset.saved === '3'")
    strokes = Drafts(open_store(app.folder)).strokes(person.draft)
    assert [(stroke.kind, stroke.label) for stroke in strokes] == [
        ("brush", "foreground"), ("brush", "background"), ("start", "unknown")
    ]  # fmt: skip
    assert person.page.evaluate(DIGEST) == app.get(f"/test/trimap/{person.draft}")
    assert person.page.evaluate("Object.keys(localStorage).filter(key => /unsent|asked/.test(key))") == []


ALPHA_AT = """([x, y]) => {
  const { alpha } = document.querySelector(".trimap-editor").editor.painting;
  return alpha.pixels[y * alpha.width + x];
}"""


def test_the_alpha_that_a_stroke_paints_is_shown_and_undone_and_comes_again_after_a_reload(person, app):
    """By the keyboard and by its buttons; the trimap's keys lead back to the brush."""
    page, middle = person.page, (160, 120)

    def dab():
        box = page.locator(".pane canvas").first.bounding_box()
        person.drag([(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)])

    def shows(value):
        page.wait_for_function(f"place => ({ALPHA_AT})(place) === {value}", arg=middle)

    shows(255)
    person.press("a")
    slider = page.get_by_label("Alpha that is painted")
    slider.fill("20")
    dab()
    shows(51)
    person.settle()
    page.wait_for_timeout(1500)  # in which the surroundings are solved again
    shows(51)
    person.undo()
    shows(255)
    person.redo()
    shows(51)
    page.get_by_role("button", name="Restore up to the edge").click()
    assert slider.is_hidden()
    dab()
    shows(255)
    person.undo()
    person.settle()
    person.reload()
    shows(51)
    person.press("x")
    person.press("f")
    assert page.get_by_role("button", name="Brush", exact=True).get_attribute("aria-pressed") == "true"
    dab()
    shows(255)
    person.settle()
    assert page.evaluate(DIGEST) == app.get(f"/test/trimap/{person.draft}")
    assert person.errors == []


def test_the_list_of_keys_closes_with_escape_and_keeps_other_keys_from_the_editor(person):
    person.page.set_viewport_size({"width": 1360, "height": 500})
    person.press("?")
    dialog = person.page.get_by_role("dialog", name="Keys")
    assert dialog.is_visible()
    assert dialog.evaluate("one => one.scrollHeight > one.clientHeight && one.scrollTop === 0")  # it begins at its top
    person.page.keyboard.press("b")
    assert person.page.get_attribute("[data-value=background]", "aria-pressed") == "false"
    person.page.keyboard.press("Escape")
    assert dialog.is_hidden()


def test_undo_takes_back_the_last_corner_of_an_outline_first(person, app):
    person.press("l")
    box = person.page.locator(".pane canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for place in ((x, y), (x + 60, y), (x + 60, y + 60), (x - 200, y + 200)):
        person.drag([place])
    person.undo()
    person.press("Enter")
    person.settle()
    (stroke,) = Drafts(open_store(app.folder)).strokes(person.draft)
    assert (stroke.kind, len(stroke.points)) == ("polygon", 3)


def test_a_brush_is_as_large_a_share_of_the_next_photo(person):
    """2 % at first; what a person chose is kept as a share of the long side, over a reload too."""
    assert person.page.inner_text(".size-text") == "13 px"  # radius 6 of a photo of 320
    for _ in range(4):
        person.press("]")
    chosen = person.page.inner_text(".size-text")
    assert chosen == "37 px"  # 6 × 1.25, four times, rounded up each time: 18
    person.reload()
    assert person.page.inner_text(".size-text") == chosen
