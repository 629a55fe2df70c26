"""The session against a slow model of itself, and a stroke's wire form."""

import numpy as np
import pytest

from annotation.correction.session import Session
from annotation.strokes.boxes import around
from annotation.strokes.raster import paint
from annotation.strokes.stroke import Stroke, from_bytes, from_wire, seconds_spent, to_bytes, to_wire
from matting.arrays import UNKNOWN
from matting.solving.box import Box
from tests.annotation.editor.conftest import random_stroke

SIZE = (40, 56)


def random_session(random):
    image = random.integers(0, 256, (*SIZE, 3), np.uint8)
    return Session(image, random.choice(np.array([0, 128, 255], np.uint8), SIZE))


def slow_trimap(automatic, done):
    """The model: paint every stroke that is done, in order, on a copy of what the last start says."""
    starts = [trimap for stroke, trimap in done if stroke.kind == "start"]
    base = starts[-1] if starts else automatic
    trimap = base.copy()
    for stroke, _ in done:
        paint(trimap, stroke, base)
    return trimap


def test_random_strokes_undos_and_redos_equal_a_slow_model():
    random = np.random.default_rng(0)
    for _ in range(25):
        session = random_session(random)
        order, switched_off = [], set()
        for number in range(30):
            painted = [entry for entry in order if entry[0].id not in switched_off]
            choice = random.random()
            if choice < 0.25 and painted:
                target = painted[-1 if random.random() < 0.7 else int(random.integers(len(painted)))][0].id
                switched_off.add(target)
                session.add(Stroke(f"undo-{number}", "undo", target=target))
            elif choice < 0.4 and switched_off:
                target = sorted(switched_off)[0]
                switched_off.discard(target)
                session.add(Stroke(f"redo-{number}", "redo", target=target))
            elif choice < 0.45:
                session.starts[f"{number}"] = random.choice(np.array([0, 128, 255], np.uint8), SIZE)
                order.append((Stroke(f"start-{number}", "start", target=f"{number}"), session.starts[f"{number}"]))
                session.add(order[-1][0])
            else:
                order.append((random_stroke(random, SIZE, number=number), None))
                session.add(order[-1][0])
            wanted = slow_trimap(session.automatic, [entry for entry in order if entry[0].id not in switched_off])
            assert np.array_equal(session.trimap, wanted)


def test_strokes_that_change_the_alpha_outlast_every_solve():
    """Strokes, undo, redo, new starts and answers of a solver in any order: the alpha is what a new session makes."""
    random = np.random.default_rng(4)
    for _ in range(12):
        session = random_session(random)
        for number in range(40):
            painted = [stroke.id for stroke in session.strokes if stroke.kind not in ("undo", "redo")]
            before, choice = session.alpha.copy(), random.random()
            if choice < 0.3 and painted:
                kind = str(random.choice(["undo", "undo", "redo"]))
                box = session.add(Stroke(f"{kind}-{number}", kind, target=str(random.choice(painted))))
            elif choice < 0.35:
                session.starts[f"{number}"] = random.choice(np.array([0, 128, 255], np.uint8), SIZE)
                box = session.add(Stroke(f"start-{number}", "start", target=f"{number}"))
            elif choice < 0.6:
                top, left = int(random.integers(0, 20)), int(random.integers(0, 30))
                box = session.put(Box(top, left, top + 15, left + 20), random.random((15, 20)).astype(np.float32))
            else:
                box = session.add(random_stroke(random, SIZE, number=number))
            anew = Session(session.image, session.automatic, strokes=session.strokes, starts=session.starts)
            anew.put(around(anew.trimap), session.solved)
            assert np.array_equal(session.alpha, anew.alpha)
            before[box.slices] = session.alpha[box.slices]
            assert np.array_equal(before, session.alpha)  # nothing else changed, so the tabs hear of all
            known = session.trimap != UNKNOWN
            assert np.array_equal(session.alpha[known], session.trimap[known] / np.float32(255))


def test_what_changes_lies_in_the_box_given_back():
    random = np.random.default_rng(1)
    session = random_session(random)
    for number in range(200):
        before = session.trimap.copy()
        if number % 5 == 4:
            targets = [stroke.id for stroke in session.strokes if stroke.kind not in ("undo", "redo")]
            stroke = Stroke(f"{number}", "undo", target=str(random.choice(targets)))
        else:
            stroke = random_stroke(random, SIZE, number=number)
        box = session.add(stroke)
        before[box.slices] = session.trimap[box.slices]
        assert np.array_equal(before, session.trimap)


def test_a_stroke_survives_its_wire_form():
    random = np.random.default_rng(2)
    strokes = [random_stroke(random, SIZE, number=number) for number in range(100)]
    assert [from_wire(to_wire(stroke)) for stroke in strokes] == strokes
    assert from_bytes(to_bytes(strokes)) == strokes


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "spray"}, {"label": "maybe"}, {"radius": 1001}, {"radius": -1}, {"radius": True}, {"radius": 2.5},
        {"points": [1]}, {"points": [1, 2.5]}, {"points": [30000, 0]}, {"points": []}, {"points": "no"}, {"id": ""},
        {"id": "x" * 81}, {"id": 5}, {"time": "now"}, {"points": [0, 0] * 20001}, {"author": None},
    ],
    ids=lambda change: str(change)[:30],
)  # fmt: skip
def test_a_malformed_stroke_is_refused(change):
    good = to_wire(Stroke("a", "brush", "foreground", 3, ((1, 2),)))
    from_wire(good)
    with pytest.raises(ValueError, match="stroke"):
        from_wire({**good, **change})


def test_time_spent_leaves_out_pauses():
    strokes = [Stroke(f"{time}", "brush", points=((0, 0),), time=time * 1000) for time in (0, 10, 12, 500, 501)]
    assert seconds_spent(strokes) == 10 + 2 + 30 + 1
