"""The app's page and its tabs.

Importing gradio rewrites a file of type stubs for each of its components, which takes half of the import. It skips
components whose source file it cannot find, so here it finds none. This holds for Gradio 6.31;
tests/annotation/ui/test_import.py says when it no longer does.
"""

from unittest.mock import patch

from matting.environment.certificates import forget_missing

forget_missing()  # importing gradio makes a client of httpx
with patch("inspect.getfile", side_effect=OSError("no stubs wanted")):
    import gradio as gradio
