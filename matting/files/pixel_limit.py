"""Limits on the pictures that are read: pixels, and passes of a JPEG."""

import re

from matting.environment.variables import whole_number

MAX_PIXELS = whole_number("MATTING_MAX_PIXELS", 50_000_000)
"""Photos and video frames with more pixels are refused by their header; set by MATTING_MAX_PIXELS."""

SCAN, MAX_SCANS = re.compile(rb"\xff\xda\x00[\x06\x08\x0a\x0c][\x01-\x04]"), 100
"""The marker before each pass of a progressive JPEG, of which there are about ten; thousands would take minutes."""
