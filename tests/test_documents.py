"""What Markdown links to is there, and so are the pages that code and tests name."""

import re

import pytest

from tests.test_imports import ROOT
from tests.test_structure import listed

PAGES = listed("*.md")
CODE = [path for path in listed("*.py", "*.js", "*.toml") if path.name != "test_documents.py"]
NAME = re.compile(r"(?<![\w*])\*(?:↓ )?([A-Z][^*`]{1,60}?)\*(?![\w*])")
"""The name of a part of the page, as in: press *Save and next*."""
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def text_of(path):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.S | re.M)


def anchors(path):
    """What a link may name in a page, as GitHub writes it."""
    titles = re.findall(r"^#+ (.+)$", text_of(path), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [str(page) for page in PAGES])
def test_links_lead_somewhere(page):
    links = [
        (((ROOT / page).parent / path).resolve() if path else ROOT / page, part)
        for path, part in LINK.findall(text_of(page))
    ]
    assert [path for path, _ in links if not path.exists()] == []
    assert [(path, part) for path, part in links if part and part not in anchors(path)] == []


def test_pages_that_code_names_are_there():
    named = {
        name
        for path in CODE
        for name in re.findall(r"\bdocs/[\w/.-]+\.(?:md|png|svg|jpg)\b", (ROOT / path).read_text())
    }
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", [str(page) for page in PAGES])
def test_names_stand_in_the_files_that_are_said_to_hold_them(page):
    """As in: `MAX_PIXELS` in `matting/files/pixel_limit.py`; `Settings` (`matting/training/settings.py`)."""
    said = re.findall(r"`(\w*[A-Z]\w*)` (?:in |\()`([\w./-]+/[\w.-]+\.(?:py|js))`", text_of(page))
    wrong = [(name, path) for name, path in said if not re.search(rf"\b{name}\b", (ROOT / path).read_text())]
    assert wrong == []


def test_the_page_has_every_part_that_is_named():
    """In guides and in the page's own sentences: nobody looks for a button that has another name by now."""
    parts = [path for path in listed("*.py", "*.js", "*.html") if str(path).startswith("annotation/")]
    sources = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in parts)
    guides = [path for path in PAGES if str(path).startswith(("README.md", "docs/guide/"))]
    missing = [
        (str(path), name)
        for path in [*guides, *parts]
        for name in {" ".join(name.split()) for name in NAME.findall(text_of(path))}
        if not re.search(rf"""["'>`]{re.escape(name)}""", sources)
    ]
    assert missing == []
