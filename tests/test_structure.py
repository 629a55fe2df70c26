"""The rules of the house: few entries a folder, no imports in a circle, nothing too long to read."""

import ast
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.test_imports import ROOT, TREES, imported

ENTRIES, FILE_LINES, FUNCTION_LINES = 20, 300, 60
ANYS = 30
"""How often the page may leave a type open; Gradio leaves many."""


def listed(*patterns):
    """The project's own files that match git's `patterns`; in a copy without git, those that lie there."""
    found = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    names = found.stdout.split() or [
        path.relative_to(ROOT).as_posix()
        for folder in ("matting", "annotation", "tests", "docs", "benchmarks")
        for path in (ROOT / folder).rglob("*.*")
        if "__pycache__" not in path.parts
    ]
    return [PurePosixPath(name) for name in names if (ROOT / name).is_file()]


def file_of(name):
    """The file that the dotted `name`, of a module or of something in one, is in; "" if it is not ours."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        path = "/".join(parts[:end])
        for file in (f"{path}.py", f"{path}/__init__.py"):
            if file in TREES:
                return file
    return ""


@cache
def needs():
    """file → the files it imports."""
    return {file: {file_of(name) for name in imported(tree)} - {"", file} for file, tree in TREES.items()}


def circle(graph):
    """Some nodes of `graph` (node → those it needs) that need each other in a circle; [] if there are none."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        path.append(node)
        found = next(filter(None, map(visit, sorted(graph.get(node, ())))), [])
        path.pop()
        done.add(node)
        return found

    return next(filter(None, map(visit, sorted(graph))), [])


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []


def test_no_files_go_round_in_a_circle():
    assert circle(needs()) == []


@pytest.mark.parametrize("folder", sorted({str(parent) for file in TREES for parent in PurePosixPath(file).parents}))
def test_what_lies_in_a_folder_goes_round_in_no_circle(folder):
    """Each entry, a file or a folder with all that is in it, against the others."""
    graph = defaultdict(set)

    def entry(file):
        return file if folder == "." else file.removeprefix(f"{folder}/")

    inside = [file for file in TREES if folder == "." or file.startswith(f"{folder}/")]
    for file in inside:
        for other in needs()[file] & set(inside):
            here, there = entry(file).split("/")[0], entry(other).split("/")[0]
            if here != there:
                graph[here].add(there)
    assert circle(graph) == []


def test_a_folder_has_few_entries():
    entries = defaultdict(set)
    for path in listed():
        for parent, child in zip(path.parents, [path, *path.parents], strict=False):
            entries[str(parent)].add(child.name)
    crowded = {folder for folder, names in entries.items() if len(names) > ENTRIES} - {"."}
    assert crowded == set()


def test_no_file_is_too_long():
    files = listed("*.py", "*.js", "*.ts", "*.css")
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in files}
    code = {path: length for path, length in lengths.items() if not path.startswith("tests/")}
    assert {path: length for path, length in code.items() if length > FILE_LINES} == {}


def test_no_function_is_too_long():
    lengths = {
        f"{file}: {node.name}": node.end_lineno - node.lineno + 1
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


def test_tests_lie_as_the_code_does():
    """Each folder of tests is one of the code."""
    folders = {path.parent for path in listed("tests/*") if path.name.startswith("test_")} - {PurePosixPath("tests")}
    missing = [str(folder) for folder in folders if not Path(ROOT, *folder.parts[1:]).is_dir()]
    assert missing == []


def test_the_page_says_what_its_types_are():
    pages = [tree for file, tree in TREES.items() if file.startswith("annotation/ui/")]
    names = [node.id for tree in pages for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert 0 < names.count("Any") < ANYS
