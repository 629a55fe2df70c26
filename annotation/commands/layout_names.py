"""The layouts, as an option of a command."""

from enum import StrEnum

from annotation.layouts import LAYOUTS

LayoutName = StrEnum("LayoutName", {name: name for name in LAYOUTS})  # type: ignore[misc]
