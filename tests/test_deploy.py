"""What the image, the compose file and the Space name is there, and the app starts from what the image holds.

No container engine is needed: the files are copied as the Dockerfile says, and its command is run on them.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from annotation.store.database.opening import make_engine
from matting.weights import WEIGHTS
from tests.browser import ROOT, free_port, wait_until
from tests.test_structure import listed

DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
COMPOSE, GPU, STORAGE = (
    yaml.safe_load((DEPLOY / f"compose{name}.yaml").read_text()) for name in ("", ".gpu", ".storage")
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def instructions():
    """(instruction, its text) of the Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def all_of(name):
    return [text for instruction, text in instructions() if instruction == name]


def copied():
    """(source, target) of each COPY out of the project."""
    for text in all_of("COPY"):
        if not text.startswith("--from="):
            *sources, target = shlex.split(text)
            yield from ((source, target) for source in sources)


def requirements(path):
    """name → what stands behind it."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("-")]
    return {Requirement(line).name: str(Requirement(line).specifier) for line in lines}


def test_what_the_image_copies_is_there_and_not_left_out():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    admitted = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert {source for source, _ in copied()} == admitted
    assert [name for name in admitted if not (ROOT / name).exists()] == []


def test_the_image_runs_as_nobody_in_particular_on_a_supported_python():
    assert [text.split()[0] for text in all_of("USER")] == ["studio"]
    names = [name for name, _ in instructions()]
    assert names.index("USER") < names.index("CMD")
    versions = {re.match(r"python:(\d+\.\d+)-", text)[1] for text in all_of("FROM")}
    assert all(SpecifierSet(PROJECT["requires-python"]).contains(f"{version}.0") for version in versions)


def test_the_image_installs_what_the_project_asks_for():
    (install,) = (text for text in all_of("RUN") if "pip install" in text)
    pinned = requirements(ROOT / "requirements.txt")["torch"]
    assert f"torch{pinned} " in install
    assert all(f'"{one}"' in install for one in PROJECT["optional-dependencies"]["team"])


def test_the_image_fetches_the_weights_that_a_first_photo_needs(monkeypatch):
    (fetch,) = (text for text in all_of("RUN") if "find_weights" in text)
    program, *_ = [part for part in shlex.split(fetch) if "find_weights" in part]
    fetched = []
    monkeypatch.setattr("matting.weights.find_weights", fetched.append)
    exec(program, {})
    assert set(fetched) == {name for name, weights in WEIGHTS.items() if weights.by_default}


@pytest.mark.slow
def test_the_app_starts_from_what_the_image_holds(tmp_path, modnet, mobile_sam):
    """With the image's own command, and without a network."""
    image, data, port = tmp_path / "image", tmp_path / "data", free_port()
    image.mkdir()
    for source, target in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, image / target, ignore=shutil.ignore_patterns("__pycache__", "*.pyi"))
        elif target == "./":
            shutil.copy(ROOT / source, image)
    words = [str(data) if word == "/data" else word for word in json.loads(all_of("CMD")[-1])]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "MATTING_WEIGHTS") if name in os.environ}
    environment.setdefault("MATTING_WEIGHTS", str(ROOT / "weights"))
    nowhere = {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }  # nor can one reach this computer by it
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, *words[1:], "--port", str(port)],
            cwd=image,
            env=environment | nowhere,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            wait_until(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/readyz"), seconds=120)
            assert answers(f"http://127.0.0.1:{port}/"), (tmp_path / "log").read_text()
        finally:
            process.terminate()


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_the_healthcheck_and_the_port_are_those_of_the_app():
    (check,) = all_of("HEALTHCHECK")
    (port,) = all_of("EXPOSE")
    assert f":{port}/healthz" in check
    assert f"app:{port}" in (DEPLOY / "Caddyfile").read_text()
    compile(json.loads(check.partition("CMD")[2])[2], "healthcheck", "exec")


def substituted(text):
    """A value of the compose file as with nothing but what has to be set."""
    given = {"POSTGRES_PASSWORD": "p@ss", "STUDIO_HOST": "studio.example"}
    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: given.get(found[1], found[2] or ""), str(text))


def test_the_compose_file_fits_together():
    services, volumes = COMPOSE["services"], set(COMPOSE["volumes"])
    build = services["app"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in volumes or (DEPLOY / source).is_file(), volume
    environment = services["app"]["environment"]
    engine = make_engine(substituted(environment["MATTING_DATABASE"]).replace("p@ss", "p%40ss"))
    assert (engine.url.host in services, engine.url.get_backend_name()) == (True, "postgresql")
    database = services["database"]["environment"]
    assert (engine.url.username, engine.url.database) == (database["POSTGRES_USER"], database["POSTGRES_DB"])
    code = "".join((ROOT / path).read_text() for path in listed("*.py") if path.parts[0] != "tests")
    assert [name for name in environment if name.startswith("MATTING_") and name not in code] == []
    caddy = (DEPLOY / "Caddyfile").read_text()
    assert set(re.findall(r"\{\$(\w+)\}", caddy)) == set(services["proxy"]["environment"])
    ports = [service for service in services if "ports" in services[service]]
    assert ports == ["proxy"]  # the app has no login of its own


def test_no_secret_has_a_default():
    for name, service in [*COMPOSE["services"].items(), *STORAGE["services"].items()]:
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET", variable) and value is not None:
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), (name, variable)


def test_the_image_for_a_gpu_is_asked_for_by_an_argument_that_the_dockerfile_has():
    (given,) = GPU["services"]["app"]["build"]["args"].items()
    assert f"{given[0]}=cpu" in all_of("ARG")
    (install,) = (text for text in all_of("RUN") if "pip install" in text)
    choice = install.partition("&& ")[2].partition("&& /opt")[0]
    for processor, is_plain in (("cpu", False), (given[1], True)):
        said = subprocess.run(
            ["sh", "-c", f"{choice}; echo ${{index:-}}"], env={given[0]: processor}, capture_output=True, text=True
        )
        assert (said.stdout.strip() == "") == is_plain, said


def test_the_storage_of_files_is_the_one_that_the_app_is_told():
    app, storage = STORAGE["services"]["app"]["environment"], STORAGE["services"]["storage"]
    assert re.fullmatch(r"http://storage:(\d+)", app["AWS_ENDPOINT_URL"])[1] in storage["command"][4]
    key, secret = storage["command"][6].split(",")
    assert (key, secret) == (app["AWS_ACCESS_KEY_ID"], app["AWS_SECRET_ACCESS_KEY"])
    bucket = re.fullmatch(r"s3://(\w+)/\w+", app["MATTING_FILES"])[1]
    assert f"mkdir -p {storage['command'][-1]}/{bucket} " in storage["entrypoint"][2]
    assert "ports" not in storage and set(app) <= set(COMPOSE["services"]["app"]["environment"])


def test_the_space_says_what_it_needs():
    front = yaml.safe_load((DEPLOY / "space" / "README.md").read_text().split("---\n")[1])
    needed = requirements(ROOT / "requirements.txt")
    assert front["sdk"] == "gradio" and SpecifierSet(needed["gradio"]).contains(front["sdk_version"])
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{front['python_version']}.0")
    assert (ROOT / front["app_file"]).is_file()
    assert front["license"].lower() == PROJECT["license"].lower()
    assert len(front["short_description"]) <= 60
    assert requirements(DEPLOY / "space" / "requirements.txt") == needed
