"""A rectangle of a picture's pixels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """Rows top … bottom - 1 and columns left … right - 1 of a picture."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """To index an array: `image[box.slices]`."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.bottom - self.top, self.right - self.left

    @property
    def area(self) -> int:
        """Number of pixels."""
        return (self.bottom - self.top) * (self.right - self.left)
