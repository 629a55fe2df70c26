"""Numbers set by environment variables. An invalid one ends the program."""

import os


def whole_number(name: str, default: int, *, least: int = 1) -> int:
    """The variable's value, or `default` if it is not set.

    Raises:
        SystemExit: it is set to something other than a number of `least` or more; says so in one sentence. Limits are
            read while modules are imported, before a command could report an error, and no command works without them.
    """
    given = os.environ.get(name, str(default))
    try:
        value = int(given)
    except ValueError:
        value = least - 1
    if value < least:
        raise SystemExit(f"{name} must be a whole number of {least} or more, but is {given[:40]!r}; or leave it unset")
    return value
