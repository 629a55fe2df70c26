"""A server, a network or a browser that does not do its part: the page says what is wrong and what to do."""

import json
import re
import zlib

import pytest

from tests.annotation.editor.conftest import App
from tests.browser import free_port

pytestmark = pytest.mark.browser

SOCKET = re.compile(r"/correct/socket$")


@pytest.fixture
def page(browser, app):
    """The test app's page, with no photo open; fails the test at an uncaught error."""
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(app.address)
    yield page
    context.close()
    assert errors == []


def correct(page):
    """Begin a photo and look at the Correct tab, whatever comes of it."""
    page.click("#new")
    page.get_by_role("tab", name="Correct").click()


def opened(page, seconds=30):
    page.wait_for_selector(".trimap-editor[data-state=open]", timeout=1000 * seconds)


def trouble(page, words, where=".loading .trouble"):
    """Wait until the page says `words`, and no longer that the photo is being opened."""
    page.locator(where, has_text=words).wait_for(timeout=15_000)
    assert not page.locator(".opening").is_visible()


def paint(page):
    box = page.locator(".pane canvas").first.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.up()


def test_a_server_without_a_websocket_library_is_told_as_such(browser, tmp_path):
    """A real one: uvicorn finds neither websockets nor wsproto, and answers the upgrade with 404."""
    for library in ("websockets", "wsproto"):
        (tmp_path / f"{library}.py").write_text("raise ImportError('not here')\n")
    app = App(tmp_path, free_port(), path=tmp_path)
    app.start()
    page = browser.new_page()
    page.goto(app.address)
    correct(page)
    trouble(page, "pip install -r requirements.txt")
    page.get_by_role("button", name="Back to your photos").click()
    page.get_by_text("Every stroke is stored as you paint").wait_for()
    page.close()
    app.stop()


def test_a_connection_that_opens_later_opens_the_photo(page):
    """A proxy that ends what it accepted, for a while."""
    passes = []

    def proxy(route):
        if passes:
            route.connect_to_server()
        else:
            route.on_message(lambda _: route.close(code=1011, reason="the proxy is restarting"))

    page.route_web_socket(SOCKET, proxy)
    correct(page)
    trouble(page, "the proxy is restarting")
    passes.append(True)
    opened(page)
    assert page.locator(".bench .trouble").inner_text() == ""


def test_a_browser_that_opens_no_websockets_is_told(page):
    page.evaluate(
        "() => { window.WebSocket = class { constructor() { throw new Error('blocked by an extension'); } } }"
    )
    correct(page)
    trouble(page, "blocked by an extension")


@pytest.mark.parametrize(
    "fault, words",
    [
        (lambda route: route.abort(), "The server does not answer"),
        (lambda route: route.fulfill(status=403, json={"error": "log in first"}), "log in"),
        (lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"), "502"),
        (lambda route: route.fulfill(status=200, body="<h1>Welcome</h1>"), "Something other than the studio"),
        (lambda route: route.fulfill(status=404, body="nothing"), "Something other than the studio"),
    ],
    ids=["unreachable", "logged-out", "bad-gateway", "another-page", "not-found"],
)
def test_what_plain_requests_tell_is_told(page, fault, words):
    page.route_web_socket(SOCKET, lambda route: route.close(code=1006))
    page.route("**/correct/works", fault)
    correct(page)
    trouble(page, words)


def test_a_lost_server_is_told_below_the_bar_and_strokes_wait(page):
    sockets = []

    def once(route):
        sockets.append(route.connect_to_server() if not sockets else route.close(code=1011))

    page.route_web_socket(SOCKET, once)
    correct(page)
    opened(page)
    page.route("**/correct/works", lambda route: route.abort())
    page.evaluate("document.querySelector('.trimap-editor').editor.link.socket.close()")
    trouble(page, "The server does not answer", ".bench .trouble")
    paint(page)
    assert "1 stroke waits in this browser" in page.inner_text(".saved")


FRAMES = [
    "",
    "null",
    "17",
    "[]",
    '"opened"',
    "{",
    '{"type": "opened"}',
    b"",
    b"\xff\xff\xff\xff{}",
    b"\x02\x00\x00\x00{}x",
]


@pytest.mark.parametrize("frame", FRAMES, ids=repr)
def test_a_frame_that_cannot_be_understood_ends_in_a_sentence(page, frame):
    page.route_web_socket(SOCKET, lambda route: route.on_message(lambda _: route.send(frame)))
    correct(page)
    page.locator(
        ".loading .trouble, .shelf .problem", has_text=re.compile("does not understand|cannot be opened")
    ).locator("visible=true").wait_for(timeout=15_000)


LATER = [
    '{"type": "painted"}', '{"type": "painted", "number": "x", "stroke": {"id": "a", "points": []}}',
    '{"type": "unsure"', b"\x02\x00\x00\x00{}\x00",
]  # fmt: skip


@pytest.mark.parametrize("frame", [*LATER, "patch outside"], ids=repr)
def test_a_frame_that_cannot_be_understood_harms_no_open_photo(page, app, frame):
    """It is told, and painting goes on."""
    if frame == "patch outside":
        text = json.dumps(
            {"type": "patch", "left": 0, "top": 0, "right": 9000, "bottom": 1, "quality": "fine", "number": 1}
        )
        frame = len(text).to_bytes(4, "little") + text.encode() + zlib.compress(bytes(9000))
    routes = []

    def pass_on(route):
        routes.append(route)
        route.connect_to_server()

    page.route_web_socket(SOCKET, pass_on)
    correct(page)
    opened(page)
    routes[0].send(frame)
    page.locator(".message", has_text="does not understand").wait_for(timeout=10_000)
    paint(page)
    page.wait_for_function("document.querySelector('.trimap-editor').dataset.saved === '1'", timeout=20_000)


@pytest.mark.parametrize("plane", ["photo", "alpha", "start/automatic"])
@pytest.mark.parametrize(
    "answer, words",
    [
        ({"status": 404, "json": {"error": "there is no such photo"}}, "there is no such photo"),
        ({"status": 500, "body": "Internal Server Error"}, "500"),
        ({"status": 200, "body": "<h1>Log in</h1>"}, "cannot be opened"),
    ],
    ids=["404", "500", "another-page"],
)
def test_a_picture_that_does_not_come_is_told_in_the_list(page, plane, answer, words):
    page.route(f"**/correct/works/*/{plane}", lambda route: route.fulfill(**answer))
    correct(page)
    said = page.locator(".shelf .problem", has_text=words)
    said.wait_for(timeout=15_000)
    assert said.inner_text().startswith("This photo cannot be opened: ")


def test_a_list_that_is_none_is_told(page):
    page.route("**/correct/works", lambda route: route.fulfill(json={"works": []}))
    page.get_by_role("tab", name="Correct").click()
    page.locator(".shelf .problem", has_text="is not a list").wait_for()
    assert page.get_by_text("Every stroke is stored as you paint").is_visible()


def test_a_list_without_pictures_and_a_card_that_stays_are_no_errors(page):
    correct(page)
    opened(page)
    page.route("**/correct/works/*/thumbnail", lambda route: route.fulfill(status=500))
    page.route("**/correct/works/*/close", lambda route: route.fulfill(status=500))
    page.click("[data-does=leave] >> visible=true")
    page.click(".shelf .remove")
    page.locator(".shelf .problem", has_text="could not be removed from the list").wait_for()


STORAGES = {
    "forbidden": "get() { throw new DOMException('The operation is insecure.', 'SecurityError'); }",
    "absent": "get() { return null; }",
    "full": "get() { return { getItem: () => null, removeItem() {}, "
    "setItem() { throw new DOMException('full', 'QuotaExceededError'); } }; }",
}


@pytest.mark.parametrize("storage", STORAGES)
def test_without_storage_the_page_works_and_says_what_is_not_kept(browser, app, storage):
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    context.add_init_script(
        f"for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) "
        f"Object.defineProperty(window, name, {{ configurable: true, {STORAGES[storage]} }});"
    )
    page = context.new_page()
    page.goto(app.address)
    correct(page)
    opened(page)
    assert page.get_by_text("This browser keeps nothing for this page").is_visible()
    for count in ("1", "2"):
        paint(page)
        page.wait_for_function(f"document.querySelector('.trimap-editor').dataset.saved === '{count}'")
    page.click("[data-does=leave] >> visible=true")
    page.click(".shelf .card")
    opened(page)
    context.close()


def test_damaged_storage_harms_nothing(browser, app):
    """What another version or a person left there."""
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(app.address)
    for text in ("{", "null", "[17]", '"x"', '{"brush": "x", "opacity": null, "colour": 3}'):
        page.evaluate(
            "text => { localStorage['matting-studio-editor'] = text; localStorage['matting-live'] = text; }", text
        )
        page.reload()
        correct(page)
        opened(page)
        assert page.inner_text(".size-text") == "13 px"
        assert errors == []
    context.close()
