"""Which addresses are asked without the proxy that the environment names."""

import os

OWN = ("localhost", "127.0.0.1", "::1")
NAMES = ("no_proxy", "NO_PROXY")
"""Programs read one or the other, the first one first."""


def ask_directly(*hosts: str) -> None:
    """From now on, ask this computer, and `hosts`, without a proxy.

    Networks of firms and universities often name a proxy (HTTP_PROXY) that cannot reach a program on this computer.
    """
    given = next((os.environ[name] for name in NAMES if os.environ.get(name)), "")
    kept = [host for host in given.split(",") if host.strip()]
    both = ",".join(dict.fromkeys([*kept, *OWN, *hosts]))
    os.environ.update(dict.fromkeys(NAMES, both))
