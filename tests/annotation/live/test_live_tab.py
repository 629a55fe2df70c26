"""The Live tab in a real browser whose camera plays a generated clip."""

import re

import cv2
import numpy as np
import pytest

from benchmarks.generated.clips import Clip, play, write_camera
from tests import browser
from tests.browser import running_app, wait_until

pytestmark = pytest.mark.browser

SIZE = (240, 320)
GREEN = (0, 177, 64)


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    """A file that chromium plays as its camera: the astronaut before a room."""
    return write_camera(tmp_path_factory.mktemp("camera") / "camera.y4m", Clip(20, SIZE, speed=0))


@pytest.fixture(scope="module")
def filming(chromium, camera):
    """A chromium with that camera."""
    opened = chromium.browser_type.launch(executable_path=browser.CHROMIUM, args=browser.camera_flags(camera))
    yield opened
    opened.close()


@pytest.fixture
def address(app):
    return app


def window(opened, address, **options):
    context = opened.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True, **options)
    page = context.new_page()
    page.failures = []
    page.on("pageerror", lambda error: page.failures.append(str(error)))
    page.goto(address)
    page.get_by_role("tab", name="Live").click()
    page.locator(".live[data-mounted]").wait_for()
    return page


@pytest.fixture
def page(filming, address):
    page = window(filming, address, permissions=["camera"])
    yield page
    page.context.close()
    assert not page.failures


def state(page, name, seconds=60):
    page.locator(f".live[data-state={name}]").wait_for(timeout=1000 * seconds)


def start(page):
    page.get_by_role("button", name="Start camera").click()
    state(page, "live")


def saved(page, path):
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download picture").click()
    waiting.value.save_as(path)
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_live_in_two_clicks_and_what_is_saved_is_never_mirrored(page, tmp_path):
    page.locator(".live-kinds label", has_text="Green screen").click()
    start(page)
    page.locator(".live[data-fps]").wait_for(timeout=30_000)
    frame, alpha = next(play(Clip(1, SIZE, speed=0)))

    def is_cut_out():  # on a slow machine the first alphas come from a very small picture
        green = np.abs(saved(page, tmp_path / "green.png")[..., 2::-1].astype(int) - GREEN).max(axis=2) < 12
        return green[alpha == 0].mean() > 0.7 and green[alpha == 1].mean() < 0.5

    wait_until(is_cut_out, seconds=60)
    picture = cv2.imread(str(tmp_path / "green.png"))[..., ::-1]
    assert picture.shape[:2] == SIZE
    subject = alpha > 0.99
    straight, mirrored = (np.abs(picture.astype(int) - one)[subject].mean() for one in (frame, frame[:, ::-1]))
    assert straight < 0.8 * mirrored  # on a slow machine much of the subject may still be green

    page.locator(".live-kinds label", has_text="Cut-out").click()
    cut = saved(page, tmp_path / "cut.png")
    assert cut.shape[2] == 4
    behind, before = (cut[..., 3][alpha == value].mean() for value in (0, 1))
    assert before > behind + 60


def test_a_picture_may_be_chosen_before_the_camera_is_started(page, tmp_path):
    cv2.imwrite(str(tmp_path / "beach.png"), np.full((40, 60, 3), 200, np.uint8))
    page.locator(".live-kinds label", has_text="Picture").click()
    page.locator(".live input[type=file]").set_input_files(tmp_path / "beach.png")
    for kind in ("Green screen", "Blur", "Green screen", "Picture", "Cut-out"):  # one of them after it was decoded
        page.locator(".live-kinds label", has_text=kind).click()
        page.wait_for_timeout(300)
    assert page.get_attribute(".live", "data-kind") == "cutout"


def test_a_reload_goes_on_by_itself(page):
    start(page)
    page.reload()
    page.get_by_role("tab", name="Live").click()
    state(page, "live")


STATES = """
    window.states = [];
    const live = document.querySelector(".live");
    const watcher = new MutationObserver(() => window.states.push(live.dataset.state));
    watcher.observe(live, { attributeFilter: ["data-state"] });
"""


def test_a_dropped_connection_comes_back_by_itself(page):
    page.add_init_script("""
        const Real = window.WebSocket;
        window.WebSocket = class extends Real { constructor(...all) { super(...all); window.lastSocket = this; } };
    """)
    page.reload()
    page.get_by_role("tab", name="Live").click()
    start(page)
    page.evaluate(STATES)
    page.evaluate("window.lastSocket.close()")
    page.wait_for_function("window.states.includes('waiting')")  # for half a second only
    state(page, "live")


HIDE = """
    Object.defineProperty(document, "hidden", { configurable: true, get: () => window.isHidden });
    window.setHidden = (hidden) => { window.isHidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };
"""


def test_in_the_background_nothing_is_sent_and_the_seat_comes_back(filming, tmp_path, monkeypatch):
    """Headless browsers call every page visible, so the page is told that it is hidden as a browser would."""
    monkeypatch.setenv("MATTING_LIVE_SEATS", "1")
    monkeypatch.setenv("MATTING_LIVE_IDLE", "3")
    with running_app(tmp_path) as address:
        first, second = (window(filming, address, permissions=["camera"]) for _ in range(2))
        first.evaluate(HIDE)
        start(first)
        first.evaluate("window.setHidden(true)")
        state(first, "waiting")  # nothing was sent, so the server gave the seat away
        start(second)
        second.locator(".live-stop").click()
        assert first.locator(".live").get_attribute("data-state") == "waiting"
        first.evaluate("window.setHidden(false)")
        state(first, "live")
        for page in (first, second):
            assert not page.failures
            page.context.close()


def test_a_frame_goes_to_the_correct_tab_whole(page):
    start(page)
    page.get_by_role("button", name="Correct this frame").first.click()
    page.locator("[role=tab][aria-selected=true]", has_text="Correct").wait_for(timeout=60_000)
    page.get_by_role("button", name="Select from strokes").wait_for(timeout=60_000)


def test_stopping_switches_the_camera_off(page):
    start(page)
    page.locator(".live-stop").click()
    state(page, "stopped")
    assert page.evaluate("document.querySelector('.live video').srcObject") is None


def test_a_denied_camera_is_told_in_words(filming, address):
    page = window(filming, address)
    page.get_by_role("button", name="Start camera").click()
    state(page, "denied")
    assert "does not let this page use the camera" in page.locator(".live-words").inner_text()
    assert page.get_by_role("button", name="Try again").is_visible()
    assert not page.failures
    page.context.close()


def test_who_comes_when_it_is_full_is_told(filming, tmp_path, monkeypatch):
    monkeypatch.setenv("MATTING_LIVE_SEATS", "1")
    with running_app(tmp_path) as address:
        first, second = (window(filming, address, permissions=["camera"]) for _ in range(2))
        start(first)
        second.get_by_role("button", name="Start camera").click()
        state(second, "full")
        assert "1 live seats are taken" in second.locator(".live-words").inner_text()
        first.locator(".live-stop").click()
        state(second, "live")
        first.context.close()
        second.context.close()


def test_a_connection_that_does_not_open_is_told_and_opens_later(page):
    """A proxy that lets no upgrade pass, for a while."""
    passes = []
    page.route_web_socket(
        re.compile("/live/socket$"), lambda route: route.connect_to_server() if passes else route.close(code=1006)
    )
    page.get_by_role("button", name="Start camera").click()
    page.locator(".live-words", has_text="WebSocket").wait_for(timeout=20_000)
    page.route("**/correct/works", lambda route: route.abort())
    page.locator(".live-words", has_text="The server does not answer").wait_for(timeout=20_000)
    passes.append(True)
    state(page, "live")


def test_frames_that_cannot_be_understood_are_told_and_end_it_not(page):
    """Text that is no JSON, an answer cut short, an alpha that does not inflate."""
    bad = ["{", "null", b"\x01\x00", b"\x01\x00\x00\x00" + bytes(12) + b"no zlib"]

    def spoil(route):
        server = route.connect_to_server()
        server.on_message(lambda message: route.send(bad.pop() if bad else message))

    page.route_web_socket(re.compile("/live/socket$"), spoil)
    page.get_by_role("button", name="Start camera").click()
    page.locator(".live-note", has_text="does not understand").wait_for(timeout=30_000)
    state(page, "live")
    assert bad == []


def test_without_storage_live_works(filming, address):
    context = filming.new_context(permissions=["camera"])
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
        "{ get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } });"
    )
    page = context.new_page()
    page.goto(address)
    page.get_by_role("tab", name="Live").click()
    page.locator(".live[data-mounted]").wait_for()
    start(page)
    context.close()
