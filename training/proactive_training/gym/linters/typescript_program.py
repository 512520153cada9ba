"""Where TypeScript's server stands on this machine, and whether it is one that can be talked to."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import orjson

from proactive_training.errors import DataError

MAJORS = (5, 6)
"""The versions of TypeScript whose server this can talk to."""


def tsserver(given: Path | None = None) -> Path | None:
    """The server's program: of the package or file that is named, else of the one on ``PATH``; ``None`` without.

    Raises:
        DataError: what is named has none, or is of another version. To find none on ``PATH`` is no error.
    """
    if given is not None:
        places = [
            given,
            given / "lib" / "tsserver.js",
            given / "node_modules" / "typescript" / "lib" / "tsserver.js",
        ]
        found = next((place.resolve() for place in places if place.is_file()), None)
        if found is None and (given / "package.json").is_file():
            check_version(given / "lib" / "tsserver.js")
        if found is None:
            raise DataError(
                f"there is no lib/tsserver.js in {given}; name the folder of the npm package typescript"
            )
        check_version(found)
        return found
    if shutil.which("node") is None:
        return None
    for name in ("tsserver", "tsc"):
        program = shutil.which(name)
        for folder in Path(program).resolve().parents if program else ():
            inner = (
                folder,
                folder / "node_modules" / "typescript",
                folder / "lib" / "node_modules" / "typescript",
            )
            for place in inner:
                file = place / "lib" / "tsserver.js"
                if file.is_file():
                    with contextlib.suppress(DataError):
                        check_version(file)
                        return file
    return None


def check_version(file: Path) -> str:
    """The version of the TypeScript whose ``tsserver.js`` this is.

    Raises:
        DataError: it is not there, or is none that this can talk to.
    """
    try:
        about = orjson.loads((file.parent.parent / "package.json").read_bytes())
        version = str(about["version"])
        major = int(version.split(".")[0])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{file} is no tsserver.js of an npm package; install typescript 5 or 6") from error
    if about.get("name") != "typescript" or major not in MAJORS or not file.is_file():
        raise DataError(
            f"TypeScript {version} has no server that this can talk to; name one of 5 or 6 "
            "(npm install typescript@6)"
        )
    return version
