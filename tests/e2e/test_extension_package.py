"""The packaged VS Code extension: what a user gets with it, and that it matches the server that it brings."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
CLIENT = REPOSITORY / "vscode-client"


@pytest.fixture(scope="module")
def vsix(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The built extension; ``PROACTIVE_VSIX`` names one that scripts/build_extension.sh has made."""
    path = Path(os.environ.get("PROACTIVE_VSIX") or tmp_path_factory.mktemp("vsix") / "proactive.vsix")
    if not path.exists():
        script = ["bash", str(REPOSITORY / "scripts/build_extension.sh"), str(path)]
        done = subprocess.run(script, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, f"{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def manifest(vsix: zipfile.ZipFile) -> dict[str, Any]:
    return json.loads(vsix.read("extension/package.json"))


def test_extension_and_server_have_one_version(vsix: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert manifest["version"] == version
    assert json.loads((CLIENT / "package-lock.json").read_text())["version"] == version
    assert f"## {version}" in vsix.read("extension/changelog.md").decode()


def test_it_brings_the_server_whole(vsix: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    (name,) = [name for name in vsix.namelist() if name.endswith(".whl")]
    wheel = zipfile.ZipFile(io.BytesIO(vsix.read(name)))
    (metadata,) = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
    about = Parser().parsestr(wheel.read(metadata).decode())
    assert (about["Name"], about["Version"]) == ("proactive-lsp", manifest["version"])
    sources = {
        str(path.relative_to(folder.parent))
        for folder in (REPOSITORY / "server/proactive_server", REPOSITORY / "inference/proactive_inference")
        for path in folder.rglob("*")
        if path.suffix in {".py", ".npz", ".json"} and "__pycache__" not in path.parts
    }
    assert sources <= set(wheel.namelist()), f"build it anew: it lacks {sorted(sources - set(wheel.namelist()))}"


def test_its_icon_is_a_picture_of_the_right_size(vsix: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    icon = vsix.read(f"extension/{manifest['icon']}")
    assert icon.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", icon[16:24]) == (256, 256)


def test_its_licence_is_the_projects(vsix: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    assert manifest["license"] == "Apache-2.0"
    assert vsix.read("extension/LICENSE.txt") == (REPOSITORY / "LICENSE").read_bytes()


def test_it_brings_the_licences_of_the_packages_in_the_bundle(
    vsix: zipfile.ZipFile, manifest: dict[str, Any]
) -> None:
    notices = vsix.read("extension/ThirdPartyNotices.txt").decode()
    lock = json.loads((CLIENT / "package-lock.json").read_text())["packages"]
    bundled = re.findall(r"^(\S+) (\d\S*) \((.+)\)$", notices, re.MULTILINE)
    assert set(manifest["dependencies"]) <= {name for name, _, _ in bundled}
    for name, version, licence in bundled:
        about = next(
            one
            for path, one in lock.items()
            if path.endswith(f"node_modules/{name}") and one["version"] == version
        )
        assert not about.get("dev"), f"{name} is for development only"
        assert licence in {"MIT", "ISC", "BlueOak-1.0.0", "Apache-2.0", "BSD-3-Clause"}, name
    assert notices.count("WITHOUT WARRANTY") + notices.count("AS IS") + notices.count("as is") >= len(bundled)


def test_it_holds_no_path_of_the_machine_that_built_it(vsix: zipfile.ZipFile) -> None:
    for name in vsix.namelist():
        if not name.endswith((".png", ".whl")):
            text = vsix.read(name).decode()
            assert str(REPOSITORY) not in text, name
            assert str(Path.home()) + "/" not in text, name


def test_the_lock_names_no_registry() -> None:
    lock = (CLIENT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert all(re.match(r"sha512-", found) for found in re.findall(r'"integrity": "([^"]+)"', lock))


def test_its_page_names_the_keys_and_settings_that_there_are(
    vsix: zipfile.ZipFile, manifest: dict[str, Any]
) -> None:
    page = vsix.read("extension/readme.md").decode()
    for binding in manifest["contributes"]["keybindings"]:
        chord = " ".join("`" + "+".join(map(str.title, keys.split("+"))) + "`" for keys in binding["key"].split())
        assert f"| {chord} |" in page, f"{chord} for {binding['command']}"
    settings = {key for one in manifest["contributes"]["configuration"] for key in one["properties"]}
    named = set(re.findall(r"`(proactive\.[\w.]+)`", page))
    assert named <= settings, sorted(named - settings)


def test_its_page_needs_nothing_beside_itself(vsix: zipfile.ZipFile) -> None:
    page = vsix.read("extension/readme.md").decode()
    assert not re.findall(r"\]\((?!https://)[^)]*\)", page), "a link that leads nowhere in the extensions view"
