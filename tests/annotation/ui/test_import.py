"""The page is imported without Gradio's rewriting of type stubs, and Gradio still would rewrite them."""

import subprocess
import sys

import pytest

OPENED = """
import sys
stubs = set()
sys.addaudithook(lambda event, args: stubs.add(args[0]) if event == "open" and str(args[0]).endswith(".pyi") else None)
import {name}
print(len(stubs))
"""


@pytest.mark.parametrize(("name", "is_free"), [("annotation.ui", True), ("gradio", False)])
def test_the_page_opens_no_stubs(name, is_free):
    """If the second fails, Gradio rewrites none any more, and annotation/ui/__init__.py may import it plainly."""
    done = subprocess.run([sys.executable, "-c", OPENED.format(name=name)], capture_output=True, text=True, check=True)
    assert (int(done.stdout) == 0) == is_free
