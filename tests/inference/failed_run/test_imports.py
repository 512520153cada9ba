"""Where an import goes."""

from __future__ import annotations

import pytest

from proactive_collectors.text import apply_edits
from proactive_inference.plays.failed_run.imports import import_edits
from proactive_inference.plays.failed_run.source import Source
from proactive_inference.plays.failed_run.stdlib import Import

OWN = {"app", "shop"}


def placed(text: str, new: Import) -> str | None:
    source = Source("file:///project/main.py", text)
    line = max(number for number, line in enumerate(source.lines) if "USE" in line)
    edits = import_edits(source, new, line, lambda module: module.split(".")[0] in OWN)
    return None if edits is None else apply_edits(text, edits)


PATH = Import("pathlib", "Path")


@pytest.mark.parametrize(
    ("new", "before", "after"),
    [
        # files without imports
        (PATH, "USE\n", "from pathlib import Path\n\nUSE\n"),
        (PATH, "def f():\n    USE\n", "from pathlib import Path\n\n\ndef f():\n    USE\n"),
        (PATH, '"""Doc."""\n\nUSE\n', '"""Doc."""\n\nfrom pathlib import Path\n\nUSE\n'),
        (PATH, '"""Doc."""\nUSE\n', '"""Doc."""\n\nfrom pathlib import Path\n\nUSE\n'),
        (
            PATH,
            '"""Doc\n\nand more.\n"""\n\n\ndef f():\n    USE\n',
            '"""Doc\n\nand more.\n"""\n\nfrom pathlib import Path\n\n\ndef f():\n    USE\n',
        ),
        (
            PATH,
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nUSE\n",
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nfrom pathlib import Path\n\nUSE\n",
        ),
        (PATH, "# Licence.\n\nUSE\n", "# Licence.\n\nfrom pathlib import Path\n\nUSE\n"),
        (PATH, "# Licence.\n\n# about f\nUSE\n", "# Licence.\n\nfrom pathlib import Path\n\n# about f\nUSE\n"),
        # the same section
        (PATH, "import os\nimport sys\n\nUSE\n", "import os\nimport sys\nfrom pathlib import Path\n\nUSE\n"),
        (Import("json"), "import os\nimport sys\n\nUSE\n", "import json\nimport os\nimport sys\n\nUSE\n"),
        (Import("re"), "import os\nimport sys\n\nUSE\n", "import os\nimport re\nimport sys\n\nUSE\n"),
        (Import("json"), "from os import path\nUSE\n", "import json\nfrom os import path\nUSE\n"),
        (
            Import("json"),  # sorted by module, whatever the form
            "from abc import ABC\nimport os\n\nUSE\n",
            "from abc import ABC\nimport json\nimport os\n\nUSE\n",
        ),
        (Import("json"), "import sys\nimport os\n\nUSE\n", "import sys\nimport os\nimport json\n\nUSE\n"),
        (PATH, "import os  # why\n\nUSE\n", "import os  # why\nfrom pathlib import Path\n\nUSE\n"),
        (PATH, "import os; import sys\n\nUSE\n", "import os; import sys\nfrom pathlib import Path\n\nUSE\n"),
        (
            Import("shop.cart", "Cart"),
            "import os\n\nimport requests\n\nfrom app.a import a\n\nUSE\n",
            "import os\n\nimport requests\n\nfrom app.a import a\nfrom shop.cart import Cart\n\nUSE\n",
        ),
        (
            Import(".cart", "Cart"),
            "import os\n\nfrom .a import a\nfrom .d import d\n\nUSE\n",
            "import os\n\nfrom .a import a\nfrom .cart import Cart\nfrom .d import d\n\nUSE\n",
        ),
        # a new section
        (
            PATH,
            "import requests\n\nUSE\n",
            "from pathlib import Path\n\nimport requests\n\nUSE\n",
        ),
        (
            Import("app.a", "a"),
            "import os\n\nimport requests\n\nUSE\n",
            "import os\n\nimport requests\n\nfrom app.a import a\n\nUSE\n",
        ),
        (
            Import("requests"),
            "import os\n\nfrom app.a import a\n\nUSE\n",
            "import os\n\nimport requests\n\nfrom app.a import a\n\nUSE\n",
        ),
        (
            Import("app.a", "a"),  # sections that stand together go on doing so
            "import os\nimport requests\nUSE\n",
            "import os\nimport requests\nfrom app.a import a\nUSE\n",
        ),
        (
            PATH,
            "from __future__ import annotations\n\nUSE\n",
            "from __future__ import annotations\n\nfrom pathlib import Path\n\nUSE\n",
        ),
        (
            PATH,
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\nUSE\n',
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\nfrom pathlib import Path\n\nUSE\n',
        ),
        # blocks that are not the head's own
        (
            PATH,
            "import os\n\nif TYPE_CHECKING:\n    from pathlib import PurePath\n\nUSE\n",
            "import os\nfrom pathlib import Path\n\nif TYPE_CHECKING:\n    from pathlib import PurePath\n\nUSE\n",
        ),
        (
            PATH,
            "import os\n\ntry:\n    from pathlib import PurePath\nexcept ImportError:\n    pass\n\nUSE\n",
            "import os\nfrom pathlib import Path\n\ntry:\n    from pathlib import PurePath\nexcept ImportError:\n"
            "    pass\n\nUSE\n",
        ),
        (
            PATH,
            "import os\n\n\ndef f():\n    USE\n\n\nimport sys\n",
            "import os\nfrom pathlib import Path\n\n\ndef f():\n    USE\n\n\nimport sys\n",
        ),
        # extending a list of names
        (PATH, "from pathlib import PurePath\n\nUSE\n", "from pathlib import Path, PurePath\n\nUSE\n"),
        (
            Import("typing", "Any"),
            "from typing import IO, Protocol, cast\nUSE\n",
            "from typing import IO, Any, Protocol, cast\nUSE\n",
        ),
        (Import("os", "walk"), "from os import path, sep\nUSE\n", "from os import path, sep, walk\nUSE\n"),
        (Import("os", "environ"), "from os import walk, sep\nUSE\n", "from os import walk, sep, environ\nUSE\n"),
        (
            Import("os", "environ"),
            "from os import (path, sep)\nUSE\n",
            "from os import (environ, path, sep)\nUSE\n",
        ),
        (
            Import("os", "sep"),
            "from os import path as p  # why\nUSE\n",
            "from os import path as p, sep  # why\nUSE\n",
        ),
        (
            Import("os", "sep", "s"),
            "from os import (\n    path,\n    walk,\n)\nUSE\n",
            "from os import (\n    path,\n    sep as s,\n    walk,\n)\nUSE\n",
        ),
        (
            Import("os", "walk"),
            "from os import (\n    path,\n    sep,  # why\n)\nUSE\n",
            "from os import (\n    path,\n    sep,  # why\n    walk,\n)\nUSE\n",
        ),
        (
            Import("os", "walk"),
            "from os import (\n    path,\n    sep\n)\nUSE\n",
            "from os import (\n    path,\n    sep,\n    walk\n)\nUSE\n",
        ),
        (
            Import("os", "walk"),
            "from os import (\n    path,\n    sep  # why\n)\nUSE\n",
            "from os import (\n    path,\n    sep,  # why\n    walk\n)\nUSE\n",
        ),
        (
            Import("os", "walk"),
            "from os import (\n    path, sep,\n    times,\n)\nUSE\n",
            "from os import (\n    path, sep,\n    times, walk,\n)\nUSE\n",
        ),
        (PATH, "from pathlib import *\n\nUSE\n", "from pathlib import *\nfrom pathlib import Path\n\nUSE\n"),
        (
            Import("os", "walk"),  # no room left on the line
            f"from os import {', '.join(f'name_{number:02}' for number in range(9))}\nUSE\n",
            f"from os import {', '.join(f'name_{number:02}' for number in range(9))}\nfrom os import walk\nUSE\n",
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_import_stands_where_it_belongs(new, before, after, end):
    assert placed(before.replace("\n", end), new) == after.replace("\n", end)


def test_an_import_that_would_come_too_late_is_not_placed():
    assert placed('"""Doc."""; USE\n', PATH) is None


def test_a_text_of_one_line_gets_plain_line_ends():
    assert placed("USE", PATH) == "from pathlib import Path\n\nUSE"
