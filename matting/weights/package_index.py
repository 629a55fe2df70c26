"""A source archive of the Python package index → a file; a program of its own, run by matting/weights/finding.py.

pip cannot download a source archive without running its build. So only pip's own search and session are used: they know
every index, folder, proxy and certificate this machine is configured for. They are not a public interface of pip,
though pip-tools has relied on them for years. They hold for pip 26.3, as tests/matting/weights/test_finding.py checks;
should they change, this source fails by name and the next one is asked.
"""

import shutil
import sys
from pathlib import Path


def download(requirement: str, target: Path) -> None:
    """Write the source archive that `requirement` (name==version) names to `target`; nothing of it is run.

    Raises:
        pip._internal.exceptions.PipError: no configured index or folder has it, or it cannot be fetched.
    """
    from pip._internal.commands import create_command
    from pip._internal.network.utils import HEADERS, raise_for_status
    from pip._internal.req.constructors import install_req_from_line

    command = create_command("download")
    options, _ = command.parse_args(["--quiet", "--no-deps", "--no-binary=:all:", requirement])
    with command._build_session(options) as session:  # type: ignore[attr-defined]
        finder = command._build_package_finder(options, session, ignore_requires_python=True)  # type: ignore[attr-defined]
        found = finder.find_requirement(install_req_from_line(requirement), upgrade=False)
        answer = session.get(found.link.url_without_fragment, headers=HEADERS, stream=True)
        raise_for_status(answer)
        with target.open("wb") as file:
            shutil.copyfileobj(answer.raw, file)


if __name__ == "__main__":
    try:
        download(sys.argv[1], Path(sys.argv[2]))
    except Exception as error:  # noqa: BLE001 — whatever ails it is told in the last line, which is what is shown
        sys.exit(" ".join(str(error).split()) or type(error).__name__)
