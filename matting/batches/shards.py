"""One shard of a batch: several processes or machines do a folder together, each a shard of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import typer

Picture = TypeVar("Picture")


@dataclass(frozen=True)
class Shard:
    """Every `count`-th picture, from the `number`-th on; `number` is 1 to `count`."""

    number: int = 1
    count: int = 1

    def holds(self, index: int) -> bool:
        """Whether the picture at `index` of the list, which begins at 0, is one of them."""
        return index % self.count == self.number - 1

    def of(self, pictures: Sequence[Picture]) -> Sequence[Picture]:
        """Those of `pictures` that are in it."""
        return pictures[self.number - 1 :: self.count]


WHOLE = Shard()
EVERYTHING = "1/1"
"""The same, as a person writes it."""


def read_shard(text: str) -> Shard:
    """The shard that a person writes as "2/8".

    Raises:
        typer.BadParameter: it is not one.
    """
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise typer.BadParameter(f"a shard is I/N, such as 1/4 to 4/4, but got {text}")
    return Shard(int(match[1]), int(match[2]))


ShardOption = Annotated[
    str,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Do only every N-th picture, from the I-th on. N commands, 1/N to N/N, share the work.",
    ),
]
