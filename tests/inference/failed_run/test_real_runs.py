"""Break, run for real, take the offer, run again: the run passes."""

from __future__ import annotations

import pytest

from proactive_inference.proposal import Boundary


def mended(project, sort, *command):
    """Run, take the one edit that is offered, and run again."""
    assert project.run(*command).exit_code != 0
    proposal = project.only(project.propose(), sort)
    project.apply(proposal)
    again = project.run(*command)
    assert again.exit_code == 0, again.output
    assert project.propose() == []
    return proposal


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (
            "print(Path('x').name)\n",
            "from pathlib import Path\n\nprint(Path('x').name)\n",
            "Import 'Path' from pathlib",
        ),
        ("print(json.dumps({}))\n", "import json\n\nprint(json.dumps({}))\n", "Import json"),
        ("print(os.path.join('a', 'b'))\n", "import os\n\nprint(os.path.join('a', 'b'))\n", "Import os"),
        (
            "print(urllib.parse.quote('a b'))\n",
            "import urllib.parse\n\nprint(urllib.parse.quote('a b'))\n",
            "Import urllib.parse",
        ),
        (
            "import sys\n\nprint(datetime.now(), sys.path)\n",
            "import sys\nfrom datetime import datetime\n\nprint(datetime.now(), sys.path)\n",
            "Import 'datetime' from datetime",
        ),
        (
            "import sys\n\nprint(datetime.datetime.now(), sys.path)\n",
            "import datetime\nimport sys\n\nprint(datetime.datetime.now(), sys.path)\n",
            "Import datetime",
        ),
        (
            "from collections import Counter\n\nprint(Counter(defaultdict(int)))\n",
            "from collections import Counter, defaultdict\n\nprint(Counter(defaultdict(int)))\n",
            "Import 'defaultdict' from collections",
        ),
        (
            "@dataclass\nclass Point:\n    x: int\n\n\nPoint(1)\n",
            "from dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n    x: int\n\n\nPoint(1)\n",
            "Import 'dataclass' from dataclasses",
        ),
        (
            "import asyncio\n\n\nasync def main():\n    await sleep(0)\n\n\nasyncio.run(main())\n",
            "import asyncio\nfrom asyncio import sleep\n\n\nasync def main():\n    await sleep(0)\n\n\n"
            "asyncio.run(main())\n",
            "Import 'sleep' from asyncio",
        ),
        (
            "def f():\n    import json\n\n    return json\n\n\nprint(f(), json.dumps(1))\n",
            "import json\n\n\ndef f():\n    import json\n\n    return json\n\n\nprint(f(), json.dumps(1))\n",
            "Import json",
        ),
        (
            "def f(x: Optional[int]):\n    return x\n",
            "from typing import Optional\n\n\ndef f(x: Optional[int]):\n    return x\n",
            "Import 'Optional' from typing",
        ),
    ],
)
def test_a_script_lacks_an_import_of_the_standard_library(project, before, after, title):
    project.write({"main.py": before})
    proposal = mended(project, "missing_import", "python", "main.py")
    assert project.read("main.py") == after
    assert proposal.title == title
    assert proposal.confidence == 0.9


def test_a_test_lacks_an_import_from_a_package_of_the_project(project):
    project.write(
        {
            "app/__init__.py": "",
            "app/text.py": "def slugify(title):\n    return title.lower().replace(' ', '-')\n",
            "app/shop.py": "class Cart:\n    pass\n",
            "tests/test_text.py": (
                "import pytest\n\nfrom app.shop import Cart\n\n\n"
                "def test_cart():\n    assert Cart()\n\n\n"
                "def test_slugify():\n    assert slugify('A b') == 'a-b'\n\n\n"
                "def test_empty():\n    assert slugify('') == ''\n\n\n"
                "def test_raises():\n    with pytest.raises(ZeroDivisionError):\n        1 / 0\n"
            ),
        }
    )
    proposal = mended(project, "missing_import", "pytest", "-q")
    assert proposal.title == "Import 'slugify' from app.text"
    assert project.read("tests/test_text.py").startswith(
        "import pytest\n\nfrom app.shop import Cart\nfrom app.text import slugify\n\n\ndef"
    )


def test_a_source_layout_and_an_undefined_name_deep_in_a_module(project):
    project.write(
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
            "src/shop/__init__.py": "",
            "src/shop/money.py": "RATE = 2\n\n\ndef exchange(x):\n    return x * RATE\n",
            "src/shop/cart.py": '"""Carts."""\n\nfrom __future__ import annotations\n\n\ndef total(x):\n'
            "    return exchange(x)\n",
            "tests/test_cart.py": "from shop.cart import total\n\n\ndef test_total():\n    assert total(2) == 4\n",
        }
    )
    proposal = mended(project, "missing_import", "pytest", "-q", "--tb=short")
    assert proposal.anchor.uri == project.uri("src/shop/cart.py")
    assert project.read("src/shop/cart.py") == (
        '"""Carts."""\n\nfrom __future__ import annotations\n\nfrom shop.money import exchange\n\n\n'
        "def total(x):\n    return exchange(x)\n"
    )


def test_a_package_that_imports_relatively_stays_so(project):
    project.write(
        {
            "shop/__init__.py": "",
            "shop/money.py": "def exchange(x):\n    return 2 * x\n",
            "shop/tax.py": "def tax(x):\n    return x\n",
            "shop/cart.py": "from .tax import tax\n\n\ndef total(x):\n    return exchange(tax(x))\n",
            "test_cart.py": "from shop.cart import total\n\n\ndef test_total():\n    assert total(2) == 4\n",
        }
    )
    mended(project, "missing_import", "pytest", "-q")
    assert project.read("shop/cart.py").startswith("from .money import exchange\nfrom .tax import tax\n\n\n")


def test_the_package_around_a_file_makes_no_circle(project):
    project.write(
        {
            "shop/__init__.py": "from .cart import total\n",
            "shop/tax.py": "def tax(x):\n    return x\n",
            "shop/money.py": "from . import tax\n\n\ndef exchange(x):\n    return 2 * tax.tax(x)\n",
            "shop/cart.py": "from .tax import tax\n\n\ndef total(x):\n    return exchange(tax(x))\n",
            "test_cart.py": "from shop import total\n\n\ndef test_total():\n    assert total(2) == 4\n",
        }
    )
    mended(project, "missing_import", "pytest", "-q")
    assert project.read("shop/cart.py").startswith("from .money import exchange\nfrom .tax import tax\n\n\n")


def test_the_form_that_most_files_use_wins(project):
    project.write(
        {
            "app/__init__.py": "from app.client import Client\n",
            "app/client.py": "class Client:\n    pass\n",
            "a.py": "from app import Client\n",
            "b.py": "from app import Client\n",
            "c.py": "from app.client import Client\n",
            "main.py": "print(Client())\n",
        }
    )
    mended(project, "missing_import", "python", "main.py")
    assert project.read("main.py") == "from app import Client\n\nprint(Client())\n"


def test_an_alias_is_imported_as_the_others_do(project):
    project.write(
        {
            "numbers_of_ours.py": "def array(x):\n    return x\n",
            "other.py": "import numbers_of_ours as np\n\nprint(np)\n",
            "main.py": "import sys\n\nprint(np.array([1]), sys.path)\n",
        }
    )
    mended(project, "missing_import", "python", "main.py")
    assert project.read("main.py").startswith("import sys\n\nimport numbers_of_ours as np\n\nprint(")


def test_a_name_that_moved_to_another_module(project):
    project.write(
        {
            "app/__init__.py": "",
            "app/util.py": "",
            "app/text.py": "def slugify(title):\n    return title.lower()\n",
            "old.py": "from app.util import slugify\n",
            "main.py": "from app.util import slugify\n\nprint(slugify('A'))\n",
        }
    )
    proposal = mended(project, "missing_import", "python", "main.py")
    assert proposal.title == "Import 'slugify' from app.text"
    assert project.read("main.py").startswith("from app.text import slugify\n")


def test_one_of_two_names_moved(project):
    project.write(
        {
            "a.py": "def one():\n    pass\n",
            "b.py": "def two():\n    pass\n",
            "main.py": "from a import one, two as second\n\none()\nsecond()\n",
        }
    )
    mended(project, "missing_import", "python", "main.py")
    assert project.read("main.py").startswith("from a import one\nfrom b import two as second\n\n")


def test_all_names_of_a_module_that_is_gone(project):
    project.write(
        {
            "lib/__init__.py": "",
            "lib/text.py": "def one():\n    pass\n\n\ndef two():\n    pass\n",
            "main.py": "from lib.words import one, two\n\none()\ntwo()\n",
        }
    )
    mended(project, "missing_import", "python", "main.py")
    assert project.read("main.py").startswith("from lib.text import one, two\n\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f():\n    pritn('x')\n\n\nf()\n", "def f():\n    print('x')\n\n\nf()\n"),
        (
            "import json\n\njson.laods('1') + json.laods('2')\n",
            "import json\n\njson.loads('1') + json.loads('2')\n",
        ),
        ("amount = 3\nprint(amuont, 'amuont')  # amuont\n", "amount = 3\nprint(amount, 'amuont')  # amuont\n"),
        (
            "class A:\n    def __init__(self, size):\n        self.size = size\n        assert self.size\n\n\n"
            "a = A(1)\nprint(a.size, a.sizze)\n",
            "class A:\n    def __init__(self, size):\n        self.size = size\n        assert self.size\n\n\n"
            "a = A(1)\nprint(a.size, a.size)\n",
        ),
        (
            "def fetch(url, timeout=3):\n    return timeout\n\n\nfetch('', tiemout=2)\n",
            "def fetch(url, timeout=3):\n    return timeout\n\n\nfetch('', timeout=2)\n",
        ),
        ("prefix = 'é'; print(f'{prefix}é {prefx}')\n", "prefix = 'é'; print(f'{prefix}é {prefix}')\n"),
        (
            "def calcualte(x):\n    return x\n\n\nprint(calculate(1))\nprint(calculate(2))\n",
            "def calculate(x):\n    return x\n\n\nprint(calculate(1))\nprint(calculate(2))\n",
        ),
        (
            "class A:\n    def __init__(self, timeout):\n        self.tiemout = timeout\n\n"
            "    def get(self):\n        return self.timeout\n\n\nA(1).get()\n",
            "class A:\n    def __init__(self, timeout):\n        self.timeout = timeout\n\n"
            "    def get(self):\n        return self.timeout\n\n\nA(1).get()\n",
        ),
        (
            "class A:\n    size = 1\n\n    def f(self):\n        return size\n\n\nA().f()\n",
            "class A:\n    size = 1\n\n    def f(self):\n        return self.size\n\n\nA().f()\n",
        ),
        (
            "def fetch(url, timeout=3):\n    return timeout\n\n\nfetch(\n    '',\n    tiemout=2,\n)\n",
            "def fetch(url, timeout=3):\n    return timeout\n\n\nfetch(\n    '',\n    timeout=2,\n)\n",
        ),
        (
            "from json import laods\n\nprint(laods('1'))\n",
            "from json import loads\n\nprint(loads('1'))\n",
        ),
    ],
)
def test_a_script_has_a_misspelling(project, before, after):
    project.write({"main.py": before})
    mended(project, "misspelt", "python", "main.py")
    assert project.read("main.py") == after


def test_a_misspelt_module_of_the_project(project):
    project.write({"utils.py": "def f():\n    pass\n", "main.py": "import utlis\n\nutlis.f()\n"})
    mended(project, "misspelt", "python", "main.py")
    assert project.read("main.py") == "import utils\n\nutils.f()\n"


def test_misspellings_in_tests_are_found_without_a_hint_too(project):
    project.write(
        {
            "client.py": "class Client:\n    def __init__(self, timeout=1):\n        self.timeout = timeout\n\n"
            "    def fetch(self):\n        return self.timeout\n",
            "test_client.py": "from client import Client\n\n\n"
            "def test_keyword():\n    assert Client(tiemout=2).fetch() == 2\n\n\n"
            "def test_attribute():\n    client = Client()\n    assert client.fetch() == client.timeuot\n\n\n"
            "def test_name():\n    client = Client()\n    assert cleint.fetch() == 1\n",
        }
    )
    assert project.run("pytest", "-q").exit_code == 1
    proposals = project.propose()
    assert sorted(proposal.title for proposal in proposals) == [
        "Change 'cleint' to 'client'",
        "Change 'tiemout' to 'timeout'",
        "Change 'timeuot' to 'timeout'",
    ]
    for proposal in proposals:
        (edit,) = [one for one in project.propose() if one.key == proposal.key]
        project.apply(edit)
    assert project.run("pytest", "-q").exit_code == 0


def test_a_misspelt_fixture(project):
    project.write({"test_a.py": "def test_a(tmp_pth):\n    assert tmp_pth.exists()\n"})
    mended(project, "misspelt", "pytest", "-q")
    assert project.read("test_a.py") == "def test_a(tmp_path):\n    assert tmp_path.exists()\n"


def test_unsaved_text_that_moved_since_the_run_is_mended_where_it_is_now(project, writing):
    project.write({"main.py": "import sys\n\nprint(Path(sys.path[0]))\n"})
    project.edited("main.py", writing(0, "import sys\n"))
    project.run("python", "main.py")
    project.open("main.py", "import sys\r\n\r\n# a note\r\n\r\nprint(Path(sys.path[0]))\r\n", version=9)
    proposal = project.only(project.propose(), "missing_import")
    assert proposal.edits[0].version == 9
    assert proposal.anchor.range.start.line == 4
    assert proposal.evidence == (0, 1)
    project.apply(proposal)
    assert project.text("main.py").startswith("import sys\r\nfrom pathlib import Path\r\n\r\n# a note")


def test_two_equally_good_sources_are_two_offers(project):
    project.write(
        {
            "shop/__init__.py": "",
            "shop/a.py": "class Basket:\n    pass\n",
            "shop/b.py": "class Basket:\n    pass\n",
            "main.py": "print(Basket())\n",
        }
    )
    project.run("python", "main.py")
    proposals = project.propose()
    assert [proposal.title for proposal in proposals] == [
        "Import 'Basket' from shop.a",
        "Import 'Basket' from shop.b",
    ]
    assert all(proposal.confidence == 0.5 for proposal in proposals)


def test_a_failed_assertion_is_pointed_at_and_explained(project):
    project.write({"test_a.py": "def test_timeout():\n    x = 3\n    assert x == 4\n"})
    project.run("pytest", "-q")
    (proposal,) = project.propose()
    assert proposal.play == "failed_run.go_to"
    assert proposal.title == "Go to the failure: test_timeout, assert 3 == 4"
    assert proposal.reason == "The assertion does not hold: the left side came out as 3, the right side as 4."
    assert proposal.edits == ()
    assert proposal.anchor.range.start.line == 2
    assert proposal.confidence < 0.5


def test_tests_that_fail_at_one_spot_are_one_offer(project):
    project.write(
        {
            "app.py": "def parse(x):\n    return {}[x]\n",
            "test_a.py": "from app import parse\n\n\n"
            + "\n\n".join(f"def test_{name}():\n    parse('{name}')\n" for name in "abc"),
        }
    )
    project.run("pytest", "-q")
    (proposal,) = project.propose()
    assert proposal.title.startswith("Go to the failure: 3 tests fail here, KeyError")
    assert proposal.anchor.uri == project.uri("app.py")


def test_a_changed_signature_is_named(project, writing):
    project.write(
        {
            "app.py": "def fetch(url, timeout):\n    return timeout\n",
            "main.py": "from app import fetch\n\nfetch('x')\n",
        }
    )
    project.edited("app.py", writing(0, "def fetch(url, timeout):\n"))
    project.run("python", "main.py")
    (proposal,) = project.propose()
    assert proposal.play == "failed_run.go_to"
    assert proposal.anchor.uri == project.uri("main.py")
    assert "`fetch` was changed in this sitting, in app.py" in proposal.reason


def test_at_a_quiet_moment_only_what_can_be_mended_is_repeated(project):
    project.write({"main.py": "print(Path('x'))\n", "test_a.py": "def test_a():\n    assert 1 == 2\n"})
    project.run("python", "main.py")
    assert [proposal.play for proposal in project.propose(Boundary.QUIET)] == ["failed_run.missing_import"]
    project.run("pytest", "-q", "test_a.py")
    assert project.propose(Boundary.QUIET) == []
    assert project.propose(Boundary.COMMITTED) == []
