"""What pointers and keys should paint, written from docs/guide/correcting.md alone, to compare the browser with.

It knows nothing of the JavaScript: events come in as plain records, strokes go out.
"""

import math
from dataclasses import dataclass, field
from typing import Any

LABEL_KEYS = {"F": "foreground", "B": "background", "U": "unknown", "E": "automatic"}
RETOUCHING_KEYS = {"A": "alpha", "M": "soften", "H": "sharpen", "X": "erase", "R": "restore"}
TOOL_KEYS = {"P": "brush", "L": "lasso", "G": "island", **RETOUCHING_KEYS}
FIRST_VALUE = 128
BUTTON_BITS = {0: 1, 1: 4, 2: 2, 5: 32}


@dataclass
class Press:
    """The one pointer that does something."""

    pointer: int
    type: str
    button: int
    act: str
    label: str
    radius: int
    start: tuple[float, float]
    points: list[tuple[int, int]] = field(default_factory=list)
    does: str = ""


class Painter:
    """Takes events {what, …} one after the other.

    `strokes` are (kind, label, radius, points, index of the target, what it does to the alpha, the alpha it sets).
    """

    def __init__(self, radius: int) -> None:
        self.strokes: list[tuple[Any, ...]] = []
        self.done: list[int] = []
        self.undone: list[int] = []
        self.tool, self.label, self.radius = "brush", "foreground", radius
        self.space = self.erased = False
        self.outline: list[tuple[int, int]] = []
        self.was_fresh = False
        self.press: Press | None = None
        self.fingers: set[int] = set()
        """Those that pinch."""
        self.pen_hovers = False

    def take(self, event: dict[str, Any]) -> None:
        """One event."""
        getattr(self, event["what"])(event)

    # --- pointers ---

    def down(self, event: dict[str, Any]) -> None:
        pointer, kind, button = event["pointer"], event["type"], event["button"]
        if button not in BUTTON_BITS or (kind == "mouse" and button == 2):
            return
        if kind == "touch":
            if self.pen_hovers:
                return
            if self.fingers:
                self.fingers.add(pointer)
                return
            if self.press and self.press.type == "touch":
                self.fingers = {self.press.pointer, pointer}
                self.drop()
                return
        if kind == "pen":
            if self.press and self.press.type == "touch":
                self.drop()
            self.fingers.clear()
        if self.press or self.fingers:
            return
        self.begin(event)

    def begin(self, event: dict[str, Any]) -> None:
        erases = event["button"] == 5
        act = "pan" if event["button"] == 1 or self.space else self.tool
        place, pixel = (event["x"], event["y"]), pixel_of(event)
        retouches = act in RETOUCHING_KEYS.values()
        label = "automatic" if erases else "unknown" if retouches else self.label
        self.press = Press(event["pointer"], event["type"], event["button"], act, label, self.radius, place, [pixel])
        if retouches:
            self.press.act = "brush"
            self.press.does = "" if erases else act
        self.erased = erases
        if act == "lasso":
            self.was_fresh = not self.outline
            self.outline.append(pixel)

    def move(self, event: dict[str, Any]) -> None:
        press = self.press
        if event["type"] == "pen" and not (press and press.pointer == event["pointer"]):
            self.pen_hovers = True
        if not press or press.pointer != event["pointer"]:
            return
        if press.type == "mouse" and not event["buttons"] & BUTTON_BITS[press.button]:
            self.release(event)
            return
        points = {"brush": press.points, "lasso": self.outline}.get(press.act)
        if points and points[-1] != pixel_of(event):
            points.append(pixel_of(event))

    def up(self, event: dict[str, Any]) -> None:
        self.fingers.discard(event["pointer"])
        if self.press and self.press.pointer == event["pointer"]:
            self.release(event)

    def cancel(self, event: dict[str, Any]) -> None:
        self.fingers.discard(event["pointer"])
        if self.press and self.press.pointer == event["pointer"]:
            self.drop()

    def away(self, event: dict[str, Any]) -> None:
        """The pen left the screen's neighbourhood."""
        self.pen_hovers = False

    def release(self, event: dict[str, Any]) -> None:
        press, self.press = self.press, None
        assert press is not None
        slipped = math.dist(press.start, (event["x"], event["y"])) > 4
        if press.act == "brush":
            self.add("brush", press.label, press.radius, press.points, press.does)
        elif press.act == "island" and not slipped:
            self.add("island", "automatic" if self.erased else self.label, 0, [pixel_of(event)])
        elif press.act == "lasso":
            closes = len(self.outline) > 3 and math.dist(self.outline[0], self.outline[-1]) * event["zoom"] < 10
            if closes or (self.was_fresh and slipped):
                self.close()

    def drop(self) -> None:
        self.press, self.outline = None, []

    # --- keys and the window ---

    def key(self, event: dict[str, Any]) -> None:
        name, paints = event["name"], self.press is not None and self.press.act not in ("pan", "nothing")
        if event.get("repeat") and name not in ("[", "]", "Ctrl+Z", "Ctrl+Shift+Z"):
            return
        if name in LABEL_KEYS:
            self.label = LABEL_KEYS[name]
            if self.tool in RETOUCHING_KEYS.values():
                self.tool = "brush"
                self.fingers.clear()
                self.drop()
        elif name in TOOL_KEYS or name == "Escape":
            self.tool = TOOL_KEYS.get(name, self.tool)
            self.fingers.clear()
            self.drop()
        elif name in ("[", "]"):
            larger = name == "]"
            self.radius = min(500, math.ceil(self.radius * 1.25 + 0.01) if larger else int(self.radius / 1.25))
        elif name == "Enter":
            self.close()
        elif name == "Space":
            self.space = True
        elif not paints:
            self.switch(name)

    def release_key(self, event: dict[str, Any]) -> None:
        self.space = self.space and event["name"] != "Space"

    def blur(self, event: dict[str, Any]) -> None:
        """The page loses the window, or the window the pointer: what the brush did counts."""
        if event.get("lost") is None:
            self.space = False
        elif not self.press or self.press.pointer != event["lost"]:
            return
        press, self.press = self.press, None
        self.fingers.clear()
        if press and press.act == "brush":
            self.add("brush", press.label, press.radius, press.points, press.does)

    # --- the record ---

    def close(self) -> None:
        points, self.outline = self.outline, []
        if self.press and self.press.act == "lasso":
            self.press.act = "nothing"  # its stroke is done, though the button is still down
        if len(points) > 2:
            self.add("polygon", "automatic" if self.erased else self.label, 0, points)

    def add(self, kind: str, label: str, radius: int, points: list[tuple[int, int]], does: str = "") -> None:
        self.done.append(len(self.strokes))
        self.undone.clear()
        self.strokes.append((kind, label, radius, tuple(points), None, does, FIRST_VALUE if does == "alpha" else 0))

    def switch(self, name: str) -> None:
        if name == "Ctrl+Z" and self.outline:
            self.outline.pop()
            return
        kind, source, to = ("undo", self.done, self.undone) if name == "Ctrl+Z" else ("redo", self.undone, self.done)
        if source:
            to.append(source.pop())
            self.strokes.append((kind, "unknown", 0, (), to[-1], "", 0))


def pixel_of(event: dict[str, Any]) -> tuple[int, int]:
    """The image pixel under an event."""
    return math.floor((event["x"] - event["left"]) / event["zoom"]), math.floor(
        (event["y"] - event["top"]) / event["zoom"]
    )
