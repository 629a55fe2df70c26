"""Whose draft is served next: everybody's in turn, however fast one of them is painted on."""

from collections import Counter
from types import SimpleNamespace

from annotation.correction.open_draft import in_turn


def draft(name, *, is_urgent):
    return SimpleNamespace(name=name, is_urgent=is_urgent, served={})


def serve(drafts, thread="answer"):
    """The draft that a thread serves, if the first it looks at has something to do."""
    return next(in_turn(drafts, lambda one: one.is_urgent, thread)).name


def test_one_that_is_painted_on_all_the_time_does_not_starve_the_others():
    drafts = [draft(name, is_urgent=True) for name in "abcde"]
    order = [serve(drafts) for _ in range(50)]
    assert order[:5] == list("abcde")
    assert Counter(order) == Counter(dict.fromkeys("abcde", 10))


def test_urgent_drafts_come_before_all_others_and_each_thread_has_its_own_turns():
    drafts = [draft("slow", is_urgent=False), draft("a", is_urgent=True), draft("b", is_urgent=True)]
    assert [serve(drafts) for _ in range(4)] == ["a", "b", "a", "b"]
    assert serve(drafts, thread="refine") == "a"
    assert [one.name for one in in_turn(drafts, lambda one: one.is_urgent, "refine")][-1] == "slow"
