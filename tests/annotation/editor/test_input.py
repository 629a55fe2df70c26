"""Sequences of pointers and keys that nobody would think of, against a model of what they should paint.

MATTING_SEQUENCES sets how many random sequences run; 200 is the full figure.
"""

import hashlib
import os

import numpy as np
import pytest

from annotation.store import Drafts, open_store
from annotation.strokes.raster import replay
from tests.annotation.editor.app import picture
from tests.annotation.editor.painter import Painter
from tests.annotation.editor.test_browser import DIGEST, Person

SEQUENCES = int(os.environ.get("MATTING_SEQUENCES", 16))

DISPATCH = """events => {
  const root = document.querySelector(".trimap-editor"), { editor } = root;
  const canvas = root.querySelector(".pane canvas"), panes = root.querySelector(".panes");
  const pointers = { down: "pointerdown", move: "pointermove", up: "pointerup", cancel: "pointercancel",
    away: "pointerleave" };
  const made = ({ what, pointer, type, x, y, button, buttons, lost, init }) => {
    if (what in pointers) return new PointerEvent(pointers[what], { bubbles: what !== "away", cancelable: true,
      pointerId: pointer, pointerType: type, clientX: x, clientY: y, button, buttons });
    if (lost) return new PointerEvent("lostpointercapture", { bubbles: true, pointerId: lost });
    if (what === "blur") return new Event("blur");
    return new KeyboardEvent(what === "key" ? "keydown" : "keyup", { bubbles: true, cancelable: true, ...init });
  };
  return events.map(event => {
    const { left, top } = canvas.getBoundingClientRect(), { view } = editor;
    const seen = { left: left + view.x, top: top + view.y, zoom: view.zoom };
    const target = event.init ? panes : event.what === "blur" && !event.lost ? window : canvas;
    target.dispatchEvent(made(event));
    return { ...event, ...seen };
  });
}"""

# the same key on several layouts: what event.key says; event.code is the place on the keyboard
LAYOUTS = {
    "F": [("f", "KeyF"), ("а", "KeyF"), ("φ", "KeyF"), ("כ", "KeyF"), ("ㄹ", "KeyF"), ("ب", "KeyF")],
    "B": [("b", "KeyB"), ("И", "KeyB"), ("β", "KeyB"), ("נ", "KeyB"), ("لا", "KeyB")],
    "U": [("u", "KeyU"), ("г", "KeyU"), ("θ", "KeyU"), ("ו", "KeyU")],
    "E": [("e", "KeyE"), ("у", "KeyE"), ("ε", "KeyE"), ("ק", "KeyE")],
    "P": [("p", "KeyP"), ("з", "KeyP"), ("π", "KeyP"), ("פ", "KeyP")],
    "L": [("l", "KeyL"), ("д", "KeyL"), ("λ", "KeyL"), ("ך", "KeyL"), ("l", "KeyP")],
    "G": [("g", "KeyG"), ("п", "KeyG"), ("γ", "KeyG"), ("ע", "KeyG")],
    "A": [("a", "KeyA"), ("ф", "KeyA"), ("α", "KeyA"), ("ש", "KeyA"), ("a", "KeyQ")],
    "M": [("m", "KeyM"), ("ь", "KeyM"), ("m", "Semicolon")],
    "H": [("h", "KeyH"), ("р", "KeyH"), ("η", "KeyH")],
    "X": [("x", "KeyX"), ("ч", "KeyX"), ("χ", "KeyX")],
    "R": [("r", "KeyR"), ("к", "KeyR"), ("ρ", "KeyR")],
    "[": [("[", "BracketLeft"), ("х", "BracketLeft"), ("บ", "BracketLeft"), ("[", "Digit8")],
    "]": [("]", "BracketRight"), ("ъ", "BracketRight"), ("ล", "BracketRight"), ("]", "Digit9")],
    "Ctrl+Z": [("z", "KeyZ"), ("я", "KeyZ"), ("ζ", "KeyZ"), ("ז", "KeyZ"), ("z", "KeyW")],
    "Ctrl+Shift+Z": [("Z", "KeyZ"), ("Я", "KeyZ"), ("Ζ", "KeyZ"), ("Z", "KeyW")],
    "Escape": [("Escape", "Escape")],
    "Enter": [("Enter", "Enter")],
    "Space": [(" ", "Space")],
}

pytestmark = pytest.mark.browser


def key(name, key, code, *, repeat=False):
    """The event of a key; where a bracket lies on a digit it is typed with AltGr, as Windows tells it."""
    ctrl, shift = "Ctrl" in name, "Shift" in name
    init = {"key": key, "code": code, "ctrlKey": ctrl, "shiftKey": shift, "repeat": repeat}
    if name in "[]" and code.startswith("Digit"):
        init |= {"ctrlKey": True, "altKey": True, "modifierAltGraph": True}
    return {"what": "key", "name": name, "repeat": repeat, "init": init}


class Hands:
    """Random events of a mouse, a pen and four fingers, any of which may be down, and of the keyboard."""

    def __init__(self, random, box):
        self.random, self.box = random, box
        self.buttons = {}  # pointer id → buttons that are down
        self.types = {1: "mouse", 2: "pen", **dict.fromkeys(range(11, 15), "touch")}

    def event(self):
        kinds, weights = zip(*self.choices().items(), strict=True)
        return getattr(self, self.random.choice(kinds, p=np.array(weights) / sum(weights)))()

    def choices(self):
        down = len(self.buttons)
        return {"press": [9, 3, 1, 0.5][min(down, 3)], "drag": 24 if down else 1, "lift": 9 if down else 0.1, "type": 4,
                "chord": 6, "cancel": 0.5, "blur": 0.5, "away": 1, "let_go": 2}  # fmt: skip

    def pointer(self, what, pointer, button=0, buttons=0, place=None):
        x, y = place or self.place()
        return {
            "what": what,
            "pointer": pointer,
            "type": self.types[pointer],
            "x": x,
            "y": y,
            "button": button,
            "buttons": buttons,
        }

    def place(self):
        left, top, width, height = self.box
        return float(left + self.random.uniform(0.2, 0.8) * width), float(top + self.random.uniform(0.2, 0.8) * height)

    def one(self, *, is_down):
        ids = [each for each in self.types if (each in self.buttons) == is_down]
        return int(self.random.choice(ids)) if ids else None

    def press(self):
        pointer = self.one(is_down=False)
        if pointer is None:
            return self.drag()
        button = {"mouse": [0, 0, 0, 1, 2, 3], "pen": [0, 0, 5], "touch": [0]}[self.types[pointer]]
        button = int(self.random.choice(button))
        self.buttons[pointer] = {0: 1, 1: 4, 2: 2, 3: 8, 5: 32}[button]
        return self.pointer("down", pointer, button, self.buttons[pointer])

    def drag(self):
        pointer = self.one(is_down=self.random.random() < 0.9)
        if pointer is None or (pointer not in self.buttons and self.types[pointer] == "touch"):
            return self.type()
        return self.pointer("move", pointer, -1, self.buttons.get(pointer, 0))

    def lift(self):
        pointer = self.one(is_down=True)
        if pointer is None:
            return self.type()
        self.buttons.pop(pointer)
        return self.pointer("up", pointer)

    def cancel(self):
        pointer = self.one(is_down=True)
        if pointer is None:
            return self.away()
        self.buttons.pop(pointer)
        return self.pointer("cancel", pointer)

    def chord(self):
        """One more button of the mouse, or one less: no pointerdown and no pointerup, as long as one is down."""
        held = self.buttons.get(1)
        if not held:
            return self.press()
        changed = held ^ int(self.random.choice([1, 2, 4]))
        if not changed:
            return self.lift()
        self.buttons[1] = changed
        return self.pointer("move", 1, 0, changed)

    def away(self):
        return self.pointer("away", 2)

    def blur(self):
        """The page loses the window, or the canvas its hold of a pointer."""
        pointer = self.one(is_down=True)
        return {"what": "blur", "lost": pointer} if pointer and self.random.random() < 0.5 else {"what": "blur"}

    def type(self):
        name = str(self.random.choice([*LAYOUTS, *["F", "B", "U", "E", "[", "]", "Ctrl+Z", "Ctrl+Shift+Z"]]))
        layouts = LAYOUTS[name]
        return key(name, *layouts[self.random.integers(len(layouts))], repeat=bool(self.random.random() < 0.15))

    def let_go(self):
        return {"what": "release_key", "name": "Space", "init": {"key": " ", "code": "Space"}}

    def end(self):
        """Everything up, the pen gone and no key down: the next sequence begins afresh."""
        ups = [self.pointer("up", pointer) for pointer in self.buttons]
        self.buttons.clear()
        return [*ups, self.away(), self.let_go(), key("Escape", "Escape", "Escape")]


class Studio(Person):
    """A person whose every event is also told to the model."""

    def open(self):
        self.begin()
        canvas = self.page.locator(".pane canvas").first.bounding_box()
        self.hands = Hands(self.random, [canvas[side] for side in ("x", "y", "width", "height")])
        self.model = Painter(self.page.evaluate("document.querySelector('.trimap-editor').editor.state.radius"))

    def do(self, events):
        """All at once; a hovering pen is gone before, since how long it stays is a matter of time."""
        for event in self.page.evaluate(DISPATCH, [self.hands.away(), *events]):
            self.model.take(event)

    def down(self, pointer, button=0, place=None, buttons=None):
        bits = {0: 1, 1: 4, 2: 2, 5: 32}[button] if buttons is None else buttons
        return self.hands.pointer("down", pointer, button, bits, place)

    def recorded(self, app):
        """The strokes on the server, as the model writes them."""
        strokes = Drafts(open_store(app.folder)).strokes(self.draft)
        numbers = {stroke.id: number for number, stroke in enumerate(strokes)}
        return strokes, [
            (
                stroke.kind,
                stroke.label,
                stroke.radius,
                stroke.points,
                numbers.get(stroke.target),
                stroke.does,
                stroke.value,
            )
            for stroke in strokes
        ]

    def agree(self, app, events=()):
        """Page, server, replay and model hold the same, and the page told no error."""
        self.settle()
        assert self.errors == [], events
        strokes, recorded = self.recorded(app)
        assert recorded == self.model.strokes, events
        replayed = hashlib.sha256(replay(picture()[2], strokes).tobytes()).hexdigest()
        assert self.page.evaluate(DIGEST) == app.get(f"/test/trimap/{self.draft}") == replayed, events


@pytest.fixture
def studio(browser, app):
    """Somebody with every kind of pointer who has just opened a photo."""
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    studio = Studio(context, app.address, 0, False)
    studio.open()
    yield studio
    context.close()


@pytest.mark.parametrize("seed", range(4))
def test_random_sequences_paint_what_the_model_says(browser, app, seed):
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    studio = Studio(context, app.address, seed, False)
    studio.open()
    for _ in range(-(-SEQUENCES // 4)):
        events = [studio.hands.event() for _ in range(int(studio.random.integers(40, 120)))]
        for part in np.array_split(np.array(events, object), 4):  # news of the server come in between
            studio.do(list(part))
        studio.do(studio.hands.end())
        studio.agree(app, events)
    assert len(studio.model.strokes) > SEQUENCES // 4
    context.close()


def test_the_model_agrees_on_what_each_hand_alone_paints(studio, app):
    """Mouse, pen, either end, and one finger: a stroke each, of the label it should have."""
    for pointer, button in ((1, 0), (2, 0), (2, 5), (11, 0)):
        studio.do([studio.down(pointer, button), studio.hands.pointer("move", pointer, -1, 32 if button else 1)])
        studio.do([studio.hands.pointer("up", pointer, button)])
    studio.agree(app)
    labels = [stroke.label for stroke in studio.recorded(app)[0]]
    assert labels == ["foreground", "foreground", "automatic", "foreground"]


@pytest.mark.parametrize("palm_comes", ["before", "while", "after"])
def test_a_palm_beside_a_pen_neither_paints_nor_zooms_nor_takes_the_stroke(studio, app, palm_comes):
    zoom = (
        "() => { const { view } = document.querySelector('.trimap-editor').editor; return [view.zoom, view.x, view.y] }"
    )
    before, hands = studio.page.evaluate(zoom), studio.hands
    palm = [studio.down(11), hands.pointer("move", 11, -1, 1), studio.down(12), hands.pointer("move", 12, -1, 1)]
    pen = [studio.down(2), hands.pointer("move", 2, -1, 1), hands.pointer("move", 2, -1, 1)]
    end = [hands.pointer("up", 2), hands.pointer("move", 2), hands.pointer("up", 11), hands.pointer("up", 12)]
    if palm_comes == "before":
        studio.do([studio.down(11), hands.pointer("move", 11, -1, 1), *pen, studio.down(12), *end])
    elif palm_comes == "while":
        studio.do([*pen, *palm, hands.pointer("move", 2, -1, 1), hands.pointer("move", 11, -1, 1), *end])
    else:
        studio.do([*pen, end[0], end[1], *palm, *end[2:]])
    studio.agree(app)
    (stroke,) = studio.recorded(app)[0]
    assert len(stroke.points) >= 3
    assert studio.page.evaluate(zoom) == before


def test_other_buttons_of_the_mouse_neither_end_a_stroke_nor_prolong_it(studio, app):
    """Left down, right down, left up, right up: only the first and the last are told as down and up."""
    hands = studio.hands
    drawn = [hands.pointer("move", 1, -1, 1), hands.pointer("move", 1, 2, 3), hands.pointer("move", 1, -1, 3)]
    after = [hands.pointer("move", 1, 0, 2), hands.pointer("move", 1, -1, 2), hands.pointer("up", 1, 2)]
    studio.do([studio.down(1), *drawn, *after])
    studio.agree(app)
    (stroke,) = studio.recorded(app)[0]
    assert len(stroke.points) == 1 + len(drawn)


INTERRUPTIONS = ["Escape", "p", "l", "g", "Control+z", "Enter", "0", "d", "?", "blur", "lost capture", "leave"]


@pytest.mark.parametrize("tool", ["p", "l", "g", "a"])
def test_whatever_comes_in_mid_stroke_leaves_no_phantom(studio, app, tool):
    """Then the next stroke is one stroke, and undo takes it back."""
    page = studio.page
    canvas = page.locator(".pane canvas").first.bounding_box()
    x, y = canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2
    for interruption in INTERRUPTIONS:
        earlier = len(studio.recorded(app)[0])
        studio.press(tool)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y)
        page.mouse.move(x + 60, y + 60)
        interrupt(page, interruption)
        page.mouse.move(x, y + 60)
        page.mouse.up()
        page.mouse.move(x - 30, y + 90)
        go_on(page, interruption)
        for keys in ("Escape", "p", "0"):
            studio.press(keys)
        studio.settle()
        before = studio.recorded(app)[0]
        assert all(stroke.points for stroke in before if stroke.kind != "undo"), interruption
        assert len(before) <= earlier + 1, interruption
        studio.drag([(x, y), (x + 30, y + 30)])
        studio.undo()
        studio.settle()
        after = studio.recorded(app)[0][len(before) :]
        assert [stroke.kind for stroke in after] == ["brush", "undo"], interruption
        assert after[1].target == after[0].id, interruption
        assert studio.errors == [], interruption


def interrupt(page, how):
    if how == "blur":
        page.evaluate("window.dispatchEvent(new Event('blur'))")
    elif how == "lost capture":
        page.evaluate("document.querySelector('.pane canvas').releasePointerCapture(1)")
    elif how == "leave":
        page.evaluate("document.querySelector('.trimap-editor').editor.leave()")
    else:
        page.keyboard.press(how)


def go_on(page, how):
    """Be where one was before."""
    if how == "leave":
        page.click(".shelf .card")
        page.wait_for_selector(".trimap-editor[data-state=open]")
    elif how == "?":
        page.keyboard.press("Escape")
    elif how == "d" and page.get_attribute("[data-does=split]", "aria-pressed") == "true":
        page.click("[data-does=split]")


STATE = """() => {
  const { state, history } = document.querySelector(".trimap-editor").editor;
  return [state.tool, state.label, state.radius, history.strokes.length, history.strokes.at(-1)?.kind];
}"""


def test_a_key_means_the_same_on_every_layout(studio):
    """After it the editor is in the same state, whichever layout typed it, and in another than before."""
    canvas = studio.page.locator(".pane canvas").first.bounding_box()
    place = (canvas["x"] + 200, canvas["y"] + 200)
    for name in set(LAYOUTS) - {"Space", "Enter", "Escape"}:
        outcomes = []
        for typed, code in LAYOUTS[name]:
            for keys in ("b" if name != "B" else "u", "p" if name != "P" else "l"):
                studio.press(keys)
            studio.page.evaluate("document.querySelector('.trimap-editor').editor.setRadius(8)")
            if "Z" in name:
                studio.drag([place])
            if "Shift" in name:
                studio.undo()
            before = studio.page.evaluate(STATE)
            studio.page.evaluate(DISPATCH, [key(name, typed, code)])
            after = studio.page.evaluate(STATE)
            assert after != before, (typed, code)
            outcomes.append((*after[:3], after[3] - before[3], after[4] if "Z" in name else None))
        assert len(set(outcomes)) == 1, outcomes


def test_what_is_typed_for_something_else_does_nothing(studio):
    """Shortcuts of browser and system, and characters that only lie where another layout has ours."""
    studio.press("b")
    before = studio.page.evaluate(STATE)
    for init in (
        {"key": "f", "code": "KeyF", "altKey": True},
        {"key": "f", "code": "KeyF", "ctrlKey": True, "altKey": True},
        {"key": "f", "code": "KeyF", "ctrlKey": True},
        {"key": "а", "code": "KeyF", "ctrlKey": True},
        {"key": "ü", "code": "BracketLeft"},
        {"key": "£", "code": "BracketRight", "shiftKey": True},
        {"key": "đ", "code": "KeyF", "modifierAltGraph": True},
    ):
        studio.page.evaluate(DISPATCH, [{"what": "key", "init": init}])
        assert studio.page.evaluate(STATE) == before, init


def test_a_held_key_is_let_go_however_it_comes_up(studio):
    """With Ctrl down by then, beside another one, or while the window is elsewhere."""
    held = """() => {
      const { state, stage } = document.querySelector(".trimap-editor").editor;
      return [state.isPanning, stage.panes[0].kind];
    }"""
    page = studio.page
    page.focus(".panes")
    page.keyboard.down(" ")
    page.keyboard.down("c")
    assert page.evaluate(held) == [True, "photo"]
    page.keyboard.down("Control")
    page.keyboard.up(" ")
    assert page.evaluate(held) == [False, "photo"]
    page.keyboard.up("c")
    page.keyboard.up("Control")
    assert page.evaluate(held) == [False, "trimap"]
    page.keyboard.down(" ")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert page.evaluate(held) == [False, "trimap"]
    page.keyboard.up(" ")


def test_a_button_is_pressed_by_the_keyboard(studio):
    for keys, value in ((" ", "background"), ("Enter", "unknown")):
        studio.page.focus(f"[data-value={value}]")
        studio.page.keyboard.press(keys)
        assert studio.page.get_attribute(f"[data-value={value}]", "aria-pressed") == "true"


def test_a_stroke_longer_than_one_may_be_goes_on_as_another(studio, app):
    """Nothing of it is lost: 20,000 points and more."""
    canvas = studio.page.locator(".pane canvas").first.bounding_box()
    x, y = canvas["x"] + 200, canvas["y"] + 200
    moves = [studio.hands.pointer("move", 2, -1, 1, (x + 40 * (step % 2), y)) for step in range(1, 20_010)]
    events = [studio.down(2, place=(x, y)), *moves, studio.hands.pointer("up", 2, place=(x, y))]
    studio.page.evaluate(DISPATCH, events)
    studio.settle()
    first, second = studio.recorded(app)[0]
    assert (len(first.points), first.points[-1]) == (20_000, second.points[0])
    assert len(second.points) == 11
