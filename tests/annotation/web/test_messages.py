"""Both sides of both sockets say the same, and what is none of it is told in a sentence."""

import json
import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from annotation.editor import messages as editor
from annotation.live import messages as live
from annotation.strokes.stroke import from_wire, to_wire
from annotation.web.messages import Message, MessageError, name_of, read

TESTS = Path(__file__).parents[1]


def examples(socket, side):
    """The examples that TypeScript checks: type → messages."""
    text = (TESTS / socket / "messages.js").read_text()
    return json.loads(re.search(rf"export const {side} = (\{{.*?^\}});", text, re.DOTALL | re.MULTILINE)[1])


def models(module):
    """What `module` makes of each type, the words the server has for it: type → model."""
    of_type = {}
    for model in vars(module).values():
        if isinstance(model, type) and issubclass(model, Message) and "type" in model.model_fields:
            of_type |= dict.fromkeys(get_args(model.model_fields["type"].annotation), model)
    return of_type


def choices(model):
    """Every value of the fields of `model` that have one of a few: (field, value)."""
    literal = {name: field.annotation for name, field in model.model_fields.items()}
    return {(name, value) for name, form in literal.items() if get_origin(form) is Literal for value in get_args(form)}


EDITOR = (editor, examples("editor", "fromBrowser") | examples("editor", "fromServer"))
LIVE = (live, examples("live", "fromServer"))


@pytest.mark.parametrize("module, said", [EDITOR, LIVE], ids=["editor", "live"])
def test_python_takes_and_gives_every_example(module, said):
    of_type = models(module)
    assert set(said) == set(of_type)
    for kind, messages in said.items():
        model = of_type[kind]
        for message in messages:
            assert set(message) == set(model.model_fields)
            assert json.loads(model.model_validate_json(json.dumps(message)).model_dump_json()) == message
        missing = [(name, value) for name, value in choices(model) if value not in {one[name] for one in messages}]
        assert [pair for pair in missing if pair[0] != "type"] == []


def test_wishes_are_taken_as_they_come():
    for wishes in examples("live", "fromBrowser")["wishes"]:
        assert read(live.WISHES, json.dumps(wishes), 1000).model_dump(exclude_unset=True) == wishes


def test_strokes_are_taken_and_given_as_they_travel():
    said = examples("editor", "fromServer")
    strokes = [message["stroke"] for message in examples("editor", "fromBrowser")["stroke"] + said["painted"]]
    for stroke in strokes + said["opened"][0]["strokes"]:
        assert to_wire(from_wire(stroke)) == stroke


@pytest.mark.parametrize("kind", ["open", "stroke", "prepare", "select", "click"])
@given(data=st.data())
def test_an_example_with_one_field_spoilt_is_told_in_a_sentence(kind, data):
    """Left out, or of another kind of value."""
    message = dict(examples("editor", "fromBrowser")[kind][0])
    name = data.draw(st.sampled_from(sorted(message)))
    value = message.pop(name)
    others = {"text": "\0 other", "number": -0.5, "list": [None], "object": {"a": 1}, "nothing": None, "absent": ...}
    same = {str: "text", list: "list", dict: "object"}.get(type(value)) if name != "type" else None
    other = data.draw(st.sampled_from([value for key, value in others.items() if key != same]))
    if other is not ...:
        message[name] = other
    with pytest.raises(MessageError) as told:
        read(editor.OPEN if kind == "open" else editor.LATER, json.dumps(message), 1000)
    assert "\n" not in str(told.value) and len(str(told.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "id", "point"]) | st.text(), inner),
)


@given(st.text() | st.binary() | JSON.map(json.dumps))
def test_nothing_harms_the_reader(message):
    for form in (editor.OPEN, editor.LATER, live.WISHES):
        try:
            assert isinstance(read(form, message, 1000), Message)
        except MessageError as error:
            assert "\n" not in str(error) and len(str(error)) < 400
    assert name_of(message) is None or isinstance(name_of(message), str)


def test_what_a_newer_page_says_besides_is_passed_over():
    assert read(TypeAdapter(editor.Select), '{"type": "select", "id": "a", "colour": "red"}', 1000).id == "a"
