"""People correct alphas, the dataset grows and goes out."""

import matting  # noqa: F401 — says where libraries keep their caches, before Gradio and others look
