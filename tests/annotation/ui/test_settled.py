"""Cut out hands out no earlier result: while a control's edges are worked out, nothing that takes one can be pressed.

The models are replaced by slow ones, which answer when the test lets them.
"""

import re
from io import BytesIO
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from annotation.studio import Studio
from annotation.ui import page as pages
from annotation.ui.cut_out import clicking, compare, steps
from annotation.ui.getting_ready import Warmup
from matting.files import read_alpha
from matting.metrics.comparing import Entry, Measured
from matting.models.auto.model import Choice
from matting.models.base import answer
from matting.solving.progress import report
from matting.weights.credit import Credit
from tests.browser import free_port, wait_until

pytestmark = pytest.mark.browser
HEIGHT, WIDTH = 120, 160
ASKING = re.compile("gradio_api/(queue/join|run/predict)")
WAITING = "#download, .results button:is(:text-is('Correct by hand'), :text-is('Compare the models'))"


class SlowModels:
    """Stands for every model: waits for `go`, or fails with `error`; each answer differs from the ones before."""

    def __init__(self):
        self.go, self.error, self.calls = Event(), "", []

    def call(self, name):
        self.calls.append(name)
        while not self.go.wait(0.02):
            report(0.5)  # which ends what nobody waits for
        if self.error:
            raise ValueError(self.error)

    def find(self, name, image):
        self.call(name)
        return Choice(self.marked(square()), (Credit(name, seconds=0.1),), "")

    def solve(self, name, image, trimap):
        def solved(*_):
            self.call(name)
            return self.marked(np.zeros_like(trimap, np.float32))

        return answer(solved, image, np.full_like(trimap, 128), name=name)

    def select(self, points):
        self.call("click")
        return square() > 0.5

    def marked(self, alpha):
        """`alpha` with the number of the call in its corner."""
        alpha[0, 0] = len(self.calls) / 64
        return alpha

    def is_newest(self, alpha):
        """Whether `alpha` is what the last call answered; a click leaves no mark."""
        return round(float(alpha[0, 0]) * 64) == (0 if self.calls[-1] == "click" else len(self.calls))


def square():
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    alpha[40:80, 60:100] = 1
    return alpha


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """(address, models) of an app in this process whose models are slow."""
    models, patch = SlowModels(), pytest.MonkeyPatch()
    patch.setattr(steps, "subject_apart", models.find)
    patch.setattr(steps, "solve_apart", models.solve)
    patch.setattr(clicking, "_selector", lambda job: models)
    patch.setattr(clicking, "used_weights", lambda name: SimpleNamespace(sha256="", licence=""))
    patch.setattr(compare, "entries", lambda subject: [Entry("u2netp", "shared")])
    patch.setattr(compare, "measure", lambda *_: Measured(square(), 0.1, 0.2, {}))
    studio = Studio.open(tmp_path_factory.mktemp("data"))
    app = pages.build(studio, Warmup())
    _, address, _ = app.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield address, models
    app.close()
    patch.undo()


@pytest.fixture
def opened(running, chromium):
    """(page, models): a photo is cut out, and the next answer waits for `go`."""
    address, models = running
    models.error = ""
    models.go.set()
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto(address)
    page.get_by_text("More: every model").click()
    upload(page)
    wait_until(lambda: states(page) == {True}, seconds=20)
    models.go.clear()
    models.calls.clear()
    yield page, models
    models.go.set()
    context.close()


def upload(page):
    page.get_by_text("Your photo").first.wait_for()
    photo = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)).save(photo, "PNG")
    file = {"name": "noise.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    page.locator(".given input[type=file]").first.set_input_files(file)


def choose(label, option):
    def by_mouse(page):
        page.get_by_label(label).click()
        page.get_by_role("option", name=option).click()

    return by_mouse


def choose_by_keys(label):
    def by_keys(page):
        page.get_by_label(label).focus()
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)

    return by_keys


def number(label):
    def typed(page):
        field = page.get_by_label(f"number input for {label}")
        field.fill("3")
        field.press("Tab")

    return typed


def slide(page):
    handle = page.get_by_label("range slider for Unknown inside the edge, px")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=5)
    page.mouse.up()


def click_photo(page):
    page.locator(".given img").first.click(position={"x": 200, "y": 200})


def take_compared(page):
    page.locator("#compared .thumbnail-item").click()


def compare_models(page):
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare the models").click()
    page.locator("#compared .caption-label").wait_for(timeout=60_000)
    wait_until(lambda: states(page) == {True}, seconds=20)


CONTROLS = {
    "subject": choose("Subject", "U²-NetP"),
    "subject by keys": choose_by_keys("Subject"),
    "worked out by": choose("Worked out by", "Shared matting"),
    "worked out by, by keys": choose_by_keys("Worked out by"),
    "edges": lambda page: page.get_by_label("Fastest").check(),
    "inside": number("Unknown inside the edge, px"),
    "outside": number("Unknown outside the edge, px"),
    "a slider's handle": slide,
    "a click on the photo": click_photo,
    "a compared picture": take_compared,
    "another photo": upload,
}
HAS_NO_MODEL = {"inside", "outside", "a slider's handle"}
"""Controls that ask a model only where one works out the edges."""


def states(page):
    return {button.is_enabled() for button in page.locator(WAITING).all()}


def downloaded(page, path):
    with page.expect_download(timeout=20_000) as waiting:
        page.get_by_role("button", name="↓ Alpha", exact=True).click()
    waiting.value.save_as(path)
    return read_alpha(path)


def solve_by(page, models, name="Fine hair"):
    """Work out the edges by a model, so that their widths matter to one."""
    models.go.set()
    page.get_by_label(name).check()
    page.locator("#what-took-part", has_text="edges:").wait_for(timeout=20_000)
    page.locator("#download:enabled").wait_for()
    models.go.clear()
    models.calls.clear()


@pytest.mark.parametrize("control", CONTROLS)
def test_nothing_earlier_is_handed_out_once_a_control_is_changed(opened, control, tmp_path):
    page, models = opened
    if control in HAS_NO_MODEL:
        solve_by(page, models)
    if control == "a compared picture":
        compare_models(page)
    held, is_holding = [], True
    page.route(ASKING, lambda route: held.append(route) if is_holding else route.continue_())
    CONTROLS[control](page)
    if control != "another photo":  # which has to arrive first
        wait_until(lambda: states(page) == {False}, seconds=5)  # though the server has not heard of it
    wait_until(lambda: held or page.wait_for_timeout(50), seconds=5)
    is_holding = False
    for route in held:
        route.continue_()
    wait_until(lambda: models.calls or page.wait_for_timeout(50), seconds=20)
    page.unroute(ASKING)
    page.wait_for_timeout(300)
    assert states(page) == {False}
    models.go.set()
    wait_until(lambda: states(page) == {True}, seconds=20)
    page.wait_for_timeout(300)
    assert states(page) == {True}
    if control != "a slider's handle":  # of which every place on the way is a change
        assert len(models.calls) == len(set(models.calls))  # nothing is worked out twice
    assert models.is_newest(downloaded(page, tmp_path / "alpha.png"))


def fail(page, models):
    models.error = "too dark"
    models.go.set()
    page.get_by_text("too dark").first.wait_for()


def cancel(page, models):
    page.locator("#cancel-edges").click()
    page.get_by_text("Cancelled.").first.wait_for()


def test_a_field_that_is_only_left_changes_nothing(opened):
    """A list of Gradio's says that something was chosen whenever it loses the focus."""
    page, models = opened
    click_photo(page)
    models.go.set()
    wait_until(lambda: states(page) == {True}, seconds=20)
    models.calls.clear()
    page.evaluate(
        "selector => { window.off = 0; new MutationObserver(changes => { window.off += changes.length; })"
        ".observe(document.querySelector(selector), { attributes: true, attributeFilter: ['disabled'] }); }",
        "#download",
    )
    page.get_by_label("Subject").focus()
    while page.evaluate("document.activeElement.ariaLabel") != "range slider for Unknown outside the edge, px":
        page.keyboard.press("Tab")
    page.wait_for_timeout(800)
    assert page.evaluate("window.off") == 0 and not models.calls


def test_the_chosen_model_can_be_chosen_again_instead_of_clicks(opened):
    page, models = opened
    click_photo(page)
    models.go.set()
    wait_until(lambda: models.calls == ["click"] and states(page) == {True}, seconds=20)
    choose("Subject", "Automatic")(page)
    wait_until(lambda: models.calls == ["click", "auto"] and states(page) == {True}, seconds=20)


@pytest.mark.parametrize(
    ("control", "end"),
    [
        ("subject", fail),
        ("edges", fail),
        ("a click on the photo", fail),
        ("edges", cancel),
    ],
)
def test_what_ends_without_a_result_leaves_the_earlier_one_to_be_taken(opened, control, end, tmp_path):
    page, models = opened
    before = downloaded(page, tmp_path / "before.png")
    CONTROLS[control](page)
    wait_until(lambda: models.calls or page.wait_for_timeout(50), seconds=20)
    assert states(page) == {False}
    end(page, models)
    wait_until(lambda: states(page) == {True}, seconds=20)
    assert np.array_equal(downloaded(page, tmp_path / "alpha.png"), before)
    models.error = ""
    models.go.set()
    page.get_by_label("As found").check()  # and what failed can be asked again
    page.get_by_label("Fastest").check()
    wait_until(lambda: states(page) == {True} and models.calls[-1] == "shared", seconds=20)
    assert models.is_newest(downloaded(page, tmp_path / "again.png"))
    assert page.locator("#cancel-edges").is_visible() and page.locator("#cancel-edges").is_disabled()


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("edges", "a click on the photo"),
        ("edges", "worked out by, by keys"),
        ("subject", "another photo"),
        ("a click on the photo", "subject"),
    ],
)
def test_of_two_changes_the_newer_one_is_handed_out(opened, older, newer, tmp_path):
    page, models = opened
    CONTROLS[older](page)
    wait_until(lambda: models.calls or page.wait_for_timeout(50), seconds=20)
    CONTROLS[newer](page)
    page.wait_for_timeout(300)
    assert states(page) == {False}
    models.go.set()
    wait_until(lambda: states(page) == {True}, seconds=20)
    page.wait_for_timeout(500)
    assert states(page) == {True} and models.is_newest(downloaded(page, tmp_path / "alpha.png"))
