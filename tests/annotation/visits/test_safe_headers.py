"""What browsers are told of a demo, in headers; and that a real one runs all tabs under them."""

import pytest

from annotation.web.safe_headers import read_ancestors


def policy_of(answer):
    """The directives of an answer's policy: name → its sources."""
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in parts}


def test_what_people_gave_runs_nothing(demo):
    client = demo.visitor()
    (path,) = client.post("/gradio_api/upload", files={"files": ("a.svg", b"<svg onload='alert(1)'/>")}).json()
    answer = client.get(f"/gradio_api/file={path}")
    assert answer.status_code == 200
    assert policy_of(answer)["default-src"] == ["'none'"]
    assert "sandbox" in policy_of(answer)


@pytest.mark.parametrize("path", ["/config", "/healthz", "/robots.txt", "/correct/works", "/no/such"])
def test_every_answer_forbids_guessing_types_and_telling_other_sites_where_one_was(demo, path):
    answer = demo.visitor().get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "said, frames",
    [("", "'none'"), ("'self'", "'self'"), ("https://huggingface.co, *.example.org:8443", None), ("*", "*")],
)
def test_who_may_frame_the_page_is_chosen(said, frames):
    assert read_ancestors(said) == (frames or said.replace(",", ""))


@pytest.mark.parametrize("said", ["'unsafe-inline'", "a b;c", "https://x/ y;", "x; script-src *", "javascript:x"])
def test_a_source_that_is_none_ends_the_program(said, monkeypatch):
    from annotation.web.safe_headers import chosen_ancestors

    monkeypatch.setenv("MATTING_FRAME_ANCESTORS", said)
    with pytest.raises(SystemExit, match="MATTING_FRAME_ANCESTORS: who may frame the page looks like"):
        chosen_ancestors()


def test_a_space_is_framed_by_the_hub(monkeypatch):
    from annotation.web.safe_headers import chosen_ancestors

    monkeypatch.setenv("SPACE_ID", "somebody/matting")
    assert chosen_ancestors() == "'self' https://huggingface.co"


def test_too_many_requests_are_told_when_to_come_again(demo):
    client, other = demo.visitor(), demo.visitor()
    demo.limit(client, requests_a_minute=3)
    statuses = [client.get("/correct/works") for _ in range(5)]
    assert [each.status_code for each in statuses] == [200] * 3 + [429] * 2
    assert 1 <= int(statuses[-1].headers["retry-after"]) <= 60
    assert statuses[-1].json()["detail"].startswith("This demo answers 1200 requests a minute")
    assert other.get("/correct/works").status_code == 200


def test_new_visits_are_bounded_by_address_behind_a_proxy_too(demo):
    from dataclasses import replace

    client = demo.visitor()
    demo.visits.limits = replace(demo.visits.limits, visits_an_hour=2)

    def begin(forwarded):
        client.cookies.clear()
        return client.get("/config", headers={"x-forwarded-for": forwarded}).status_code

    assert [begin("8.8.8.8") for _ in range(3)] == [200, 200, 429]
    assert begin("1.1.1.1, 8.8.8.8, 10.0.0.2") == 429  # what came before the proxy's own word is anybody's claim
    assert begin("8.8.8.8, 1.1.1.1, 10.0.0.2") == 200
