"""How much ordinary text is taken for an order to a model, and how many orders are found: counts, no timing.

    python benchmarks/untrusted_text.py FOLDER… [--show 20] [--json]

Every text file below the folders (Markdown, reStructuredText, plain text, source code, YAML, shell) is read twice:
line by line, as edits and messages are told, and whole, as a file is. A line or file that
:func:`proactive_inference.untrusted.suspicious` names counts. In ordinary text each is a false alarm; files that
are written for models (AGENTS.md, prompts) are left out.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path

from proactive_inference.untrusted import suspicious

SUFFIXES = (
    *(".md", ".mdx", ".rst", ".txt", ".py", ".pyi", ".ts", ".tsx", ".js", ".jsx", ".go", ".rs", ".c", ".h"),
    *(".java", ".rb", ".sh", ".yml", ".yaml", ".toml", ".cfg"),
)
FOR_MODELS = re.compile(
    r"(?:^|__|/)(?:agents|claude|gemini|copilot-instructions|skill)\.md$|prompt|\.cursor", re.IGNORECASE
)
LONGEST = 150_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=0, help="how many of the lines to print for each folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [count(folder, options.show) for folder in options.folders]
    if options.json:
        print(json.dumps(rows))
        return
    print("| folder | files | lines | lines found | per 10,000 | files found |\n|---|---|---|---|---|---|")
    for row in rows:
        share = 10_000 * row["found"] / max(row["lines"], 1)
        print(
            f"| {row['name']} | {row['files']} | {row['lines']} | {row['found']} | {share:.2f} | {row['whole']} |"
        )
    lines, found = sum(row["lines"] for row in rows), sum(row["found"] for row in rows)
    print(f"\n{found} of {lines} lines, {10_000 * found / max(lines, 1):.2f} in 10,000")


def count(folder: Path, show: int) -> dict[str, object]:
    files = lines = found = whole = 0
    sorts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in SUFFIXES or FOR_MODELS.search(name) or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if len(text) > LONGEST:
            continue
        files += 1
        whole += suspicious(text) is not None
        for line in text.splitlines():
            if not line.strip():
                continue
            lines += 1
            if (sort := suspicious(line)) is not None:
                found += 1
                sorts[sort.name] += 1
                if found <= show:
                    print(f"{sort.name}\t{path.name[-50:]}\t{line.strip()[:160]}")
    return {
        "name": folder.name,
        "files": files,
        "lines": lines,
        "found": found,
        "whole": whole,
        "sorts": dict(sorts),
    }


if __name__ == "__main__":
    main()
