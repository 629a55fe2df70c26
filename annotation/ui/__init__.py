"""The app's page and its tabs.

Importing gradio rewrites a file of type stubs for each of its components, which is half of the time it takes. It leaves
out those whose source file it cannot tell, so here it cannot tell any. This holds for Gradio 6.31;
tests/annotation/ui/test_import.py says when it no longer does.
"""

from unittest.mock import patch

with patch("inspect.getfile", side_effect=OSError("no stubs wanted")):
    import gradio as gradio
