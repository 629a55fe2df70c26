"""Numbers in sentences."""


def counted(number: int, noun: str) -> str:
    """`number` of what `noun` names in the singular: 1 sample, 2 samples."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
