"""The project's manners as tests: small files that say what they are, and nothing that should not be committed."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Files that may be longer than 400 lines, each with its reason.
LONG: dict[str, str] = {}
VAGUE = {"utils", "base", "manager", "helpers", "common_utils", "misc"}


def tracked(*patterns: str) -> list[Path]:
    """Every file of the project that matches, as git sees it; every file there is where this is not a checkout."""
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    return [ROOT / line for line in found.stdout.splitlines() if (ROOT / line).is_file()]


def modules() -> list[Path]:
    return [path for path in tracked("flowd/*.py", "plugins/*.py", "grafana/*.py") if "tests" not in path.parts]


def test_every_module_and_public_name_says_what_it_is() -> None:
    silent = []
    for path in modules():
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                text = ast.get_docstring(node)
                if not text and "register" not in node.name:
                    silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent, f"these say nothing: {silent}"


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py")
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert set(long) <= set(LONG), f"split these, or argue for them in LONG: {long}"


def test_names_say_something() -> None:
    assert not [path for path in modules() if path.stem in VAGUE or path.parent.name in VAGUE]


def test_nothing_is_committed_that_belongs_to_one_machine() -> None:
    hosts = r"https?://[a-z.]*(?:npm" + r"js|py" + r"pi|python" + r"hosted|deb" + r"ian)[a-z.]*/"
    places = r"/(?:wo" + r"rk|fa" + r"rm)/(?:main|steering|in|shared)|/tm" + r"p/notes|/\.lib" + r"rary"
    pattern = re.compile(f"{hosts}|{places}")
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    assert not found, f"machine paths or registry hosts in: {found}"


def test_no_secret_is_committed() -> None:
    keys = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|sk_live_[0-9a-zA-Z]{10}|ghp_[0-9A-Za-z]{30}")
    found = [path for path in tracked() if path.suffix not in {".png"} and keys.search(path.read_text(errors="ignore"))]
    assert not found


def test_the_lock_pins_with_hashes_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text()
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.M)
    assert len(names) > 20
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, f"no hash: {block.splitlines()[0]}"
    assert "://" not in text


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"], ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?://|mailto:|#)([^)#]+)", page.read_text()):
        if not (page.parent / target).exists():
            broken.append(target)
    assert not broken, f"{page.name} links to what is not there: {broken}"
