"""The appearance of the page: theme, header and style sheet."""

from pathlib import Path

import gradio as gr

THEME = gr.themes.Soft(
    primary_hue=gr.themes.colors.teal,
    secondary_hue=gr.themes.colors.teal,
    neutral_hue=gr.themes.colors.slate,
    radius_size=gr.themes.sizes.radius_md,
    font=("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"),
    font_mono=("ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace"),
).set(
    block_label_background_fill="*background_fill_primary",
    block_label_background_fill_dark="*background_fill_secondary",
    block_label_text_color="*body_text_color_subdued",
    block_label_text_color_dark="*body_text_color_subdued",
    block_title_background_fill="none",
    block_title_background_fill_dark="none",
    block_title_padding="0",
    block_title_text_color="*body_text_color",
    block_title_text_color_dark="*body_text_color",
    block_border_width="1px",
    block_shadow="none",
    body_text_color_subdued="*neutral_600",
    input_placeholder_color="*neutral_500",
    input_placeholder_color_dark="*neutral_400",
    color_accent="*primary_700",
    link_text_color="*primary_700",
    link_text_color_visited="*primary_700",
    link_text_color_hover="*primary_800",
    link_text_color_active="*primary_800",
    slider_color="*primary_700",
    button_secondary_background_fill_hover_dark="*neutral_700",  # of those that cannot be pressed, too
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_hover_dark="*primary_800",
    checkbox_border_color="*neutral_500",  # else an empty box is white on white
    checkbox_border_color_dark="*neutral_400",
    checkbox_label_background_fill_selected="*primary_700",
    checkbox_label_background_fill_selected_dark="*primary_700",
)
"""System fonts: nothing is fetched from elsewhere, so the page is complete without a network.

Text has a contrast of 4.5 and more.
"""

CSS = Path(__file__).with_name("page.css")
SCRIPT = Path(__file__).with_name("page.js")
"""Names and keys that Gradio's parts lack."""
WORDS = gr.I18n(en={"common.complete": "Done"})
"""Gradio's texts for screen readers that it does not translate."""

HEADER = """
<header class="studio-header">
  <svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true">
    <defs><linearGradient id="studio-fade"><stop offset="0.35" stop-color="#0d9488"/>
    <stop offset="1" stop-color="#0d9488" stop-opacity="0"/></linearGradient></defs>
    <rect width="32" height="32" rx="7" fill="#0d94881a"/>
    <circle cx="16" cy="16" r="10" fill="url(#studio-fade)"/>
    <circle cx="16" cy="16" r="10" fill="none" stroke="#0d9488" stroke-width="1.5" stroke-dasharray="2 3"/>
  </svg>
  <div><h1>Matting studio</h1><p>Cut subjects out of photos, hair and all.</p></div>
</header>
"""
