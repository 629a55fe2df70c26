"""Who may import what: the table of the design, read from the source and from a fresh interpreter."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "gradio": ("app.py", "annotation/ui/", "annotation/web/", "annotation/editor/component.py"),
    "torch": ("matting/runtime.py", "matting/networks/", "matting/training/"),
    "onnxruntime": ("matting/runtime.py",),
    "huggingface_hub": ("matting/weights/", "annotation/transfer/hub.py"),
    "PIL": ("matting/files/pictures.py", "matting/files/picture_header.py"),
    "pillow_heif": ("matting/files/pictures.py",),
    "tifffile": ("matting/files/tiff.py",),
    "av": ("matting/video/files/",),
    "pymatting": ("matting/solving/pymatting_calls.py",),
    "pydantic": ("annotation/web/messages.py", "annotation/editor/messages.py", "annotation/live/messages.py"),
    "prometheus_client": ("matting/environment/prometheus.py", "annotation/web/prometheus.py"),
    "sqlalchemy": ("annotation/store/",),
    "alembic": ("annotation/store/database/",),
}
"""The only places of each package."""

FORBIDDEN = {"matting/": ("annotation", "app"), "annotation/": ("app",)}
"""Imports run one way: app → annotation.ui → annotation → matting."""


def sources():
    for path in [
        ROOT / "app.py",
        *sorted((ROOT / "matting").rglob("*.py")),
        *sorted((ROOT / "annotation").rglob("*.py")),
    ]:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                node.body = []  # read by type checkers only
        yield path.relative_to(ROOT).as_posix(), tree


def imported(tree):
    """Every module a file imports when it runs, wherever in it: dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a module is"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


TREES = dict(sources())


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_each_package_has_its_places(package):
    places = [path for path, tree in TREES.items() if any(name.split(".")[0] == package for name in imported(tree))]
    assert [path for path in places if not path.startswith(MAY_IMPORT[package])] == []
    assert places or package == "torch"


def test_imports_run_one_way():
    wrong = [
        (path, name)
        for path, tree in TREES.items()
        for name in imported(tree)
        for folder, above in FORBIDDEN.items()
        if path.startswith(folder) and name.split(".")[0] in above
    ]
    below_the_page = [
        (path, name)
        for path, tree in TREES.items()
        for name in imported(tree)
        if path.startswith("annotation/") and not path.startswith("annotation/ui/") and name.startswith("annotation.ui")
    ]
    assert wrong == below_the_page == []


def test_pictures_are_resized_in_one_place():
    calls = [
        path
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "resize" and getattr(node.value, "id", "") == "cv2"
    ]
    assert calls == ["matting/resize.py"]


PRIVATE = {
    "annotation/ui/page.py": {"_queue"},
    "matting/weights/package_index.py": {"pip._internal", "_build_session", "_build_package_finder"},
    "matting/solving/separate_process.py": {"_exit"},  # os._exit, which is public
    "matting/training/jobs/__main__.py": {"_exit"},
    "annotation/web/stopping.py": {"_exit"},
}
"""The only private names of other packages, each in one file, which says for which version it holds."""


def test_what_others_keep_private_stands_in_one_file_each():
    found = {}
    for path, tree in TREES.items():
        private = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_private(node.attr)]
        own = {node.attr for node in private if getattr(node.value, "id", "") in ("self", "cls")}
        modules = {".".join(name.split(".")[:2]) for name in imported(tree) if any(map(is_private, name.split(".")))}
        if names := modules | {node.attr for node in private} - own:
            found[path] = names
    assert found == PRIVATE


def is_private(name):
    """Whether `name` has one leading underscore."""
    return name.startswith("_") and not name.startswith("__")


HEAVY = (
    "torch",
    "gradio",
    "pymatting",
    "numba",
    "onnxruntime",
    "huggingface_hub",
    "sqlalchemy",
    "skimage",
    "matplotlib",
)


def loaded(statement):
    program = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("statement", ["import matting", "import matting.files, matting.trimap, matting.composite"])
def test_import_matting_is_light(statement):
    assert loaded(statement).isdisjoint(HEAVY)


def test_the_command_line_is_light_too():
    assert loaded("import matting.__main__").isdisjoint({"torch", "gradio", "pymatting", "numba", "sqlalchemy"})


def test_the_page_is_up_without_what_only_later_steps_need():
    later = {"alembic", "scipy", "torch", "onnxruntime", "pymatting", "numba", "matplotlib"}
    assert loaded("import annotation.ui.page").isdisjoint(later)
