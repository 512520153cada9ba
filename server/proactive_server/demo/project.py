"""The sample project of the demo: a shopping cart with a test for a method that is still to be written."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": '''"""A shopping cart."""

from dataclasses import dataclass, field


@dataclass
class Line:
    name: str
    price: str
    count: int = 1


@dataclass
class Cart:
    lines: list[Line] = field(default_factory=list)

    def add(self, name, price, count=1):
        self.lines.append(Line(name, price, count))
''',
    "shop/cli.py": '''"""The command line of the shop."""

import argparse


def parser():
    made = argparse.ArgumentParser(prog="shop")
    made.add_argument("--cfg", help="where the shop is described")
    return made
''',
    "tests/__init__.py": "",
    "tests/test_cart.py": """import unittest
from decimal import Decimal

from shop.cart import Cart


class CartTest(unittest.TestCase):
    def test_an_empty_cart_costs_nothing(self):
        self.assertEqual(Cart().total(), 0)

    def test_prices_are_added_up_exactly(self):
        cart = Cart()
        cart.add("tea", "0.10", count=3)
        self.assertEqual(cart.total(), Decimal("0.30"))


if __name__ == "__main__":
    unittest.main()
""",
    "README.md": """# Shop

Run `shop --cfg shop.toml` to open the shop.

Without `--cfg` it looks for `shop.toml` in the current folder.
""",
    "docs/usage.md": """# Usage

A second shop needs a file of its own: `shop --cfg other.toml`.

Several shops share one till if `--cfg` is given more than once.
""",
}

TOTAL = """
    def total(self):
        return sum((Decimal(line.price) * line.count for line in self.lines), Decimal(0))
"""
"""What the person types at the end of ``shop/cart.py``: right, but for an import that is missing."""

TEST_COMMAND = ("-m", "unittest", "-q")
"""How the project's tests are run; the interpreter comes first."""


def write(folder: Path) -> None:
    """Lay the project down in an empty folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
