"""The last message of a stream is still that message, and a reader of lines learns of it only at the end."""

import json
import re

import pytest
from gradio.server_messages import CloseStreamMessage, EstimationMessage
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from annotation.web.stream_end import StreamEnd

WORDS = 'a "msg":"close_stream" said in a text'
FIRST = EstimationMessage(rank=0, queue_size=1).model_dump_json()
ENDS = [CloseStreamMessage().model_dump_json(), json.dumps({"msg": "done"})]


def client(messages):
    async def stream():
        for message in messages:
            yield f"data: {message}\n\n"

    routes = [
        Route("/stream", lambda _: StreamingResponse(stream(), media_type="text/event-stream")),
        Route("/text", lambda _: PlainTextResponse(f"data: {ENDS[0]}\n\n")),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(StreamEnd)]))


def events(text, *, at_end=True):
    """The data of each event, as the HTML standard parses a stream: lines end in CRLF, LF or CR.

    Before the end, a CR that comes last may be the first half of a CRLF, so its line is not yet told.
    """
    *lines, _ = re.split(r"\r\n|\n|\r" if at_end else r"\r\n|\n|\r(?!\Z)", text)
    found, data = [], []
    for line in lines:
        if line:
            data.append(line.removeprefix("data: "))
        elif data:
            found.append("\n".join(data))
            data = []
    return found


@pytest.mark.parametrize("end", ENDS)
def test_the_last_message_is_told_at_the_end_and_not_before(end):
    text = client([FIRST, end]).get("/stream").content.decode()
    assert events(text) == [FIRST, end]
    assert events(text, at_end=False) == [FIRST]


def test_messages_before_the_last_are_not_held_back():
    messages = [FIRST, json.dumps(WORDS), FIRST]
    text = client(messages).get("/stream").text
    assert events(text, at_end=False) == events(text) == messages


def test_what_is_no_stream_stays_as_it_is():
    assert client([]).get("/text").text == f"data: {ENDS[0]}\n\n"
