"""The documentation as a site: a small one is built as `make docs` does, and its links are followed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from trapline.isa.lang.load import load_core
from trapline.isa.lang.products.pages import pages

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TOY = DOCS / "examples" / "toy8" / "toy8.isa"
_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
OTHERS = ("README.md", "CONTRIBUTING.md", "editors/vscode/README.md")
PAGES = [*sorted(DOCS.rglob("*.md")), *(ROOT / name for name in OTHERS)]


class _Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        found = dict(attrs)
        self.anchors |= {name for key in ("id", "name") if (name := found.get(key))}
        if tag == "a" and (link := found.get("href")):
            self.links.add(link)


def _slug(heading: str) -> str:
    """A heading's anchor, as GitHub and MyST make it."""
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading.replace("`", ""))
    return re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")


def test_no_link_between_pages_is_dead() -> None:
    """Each relative link names a file or folder that is there, and a heading of it."""
    dead = []
    for page in PAGES:
        if "generated" in page.parts:
            continue
        for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
            if "://" in target or target.startswith("mailto:"):
                continue
            name, _, heading = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
            elif heading and path.suffix == ".md":
                headings = re.findall(r"(?m)^#+ (.*)$", path.read_text(encoding="utf-8"))
                if heading not in map(_slug, headings):
                    dead.append(f"{page.relative_to(ROOT)}: {target}, no such heading")
    assert dead == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of the toy's pages and two written ones, warnings being errors."""
    folder = tmp_path_factory.mktemp("site")
    docs = folder / "docs"
    docs.mkdir()
    for name in ("conf.py", "isa_highlight.py"):
        shutil.copy(DOCS / name, docs)
    shutil.copytree(ROOT / "editors", folder / "editors", ignore=shutil.ignore_patterns("node_modules"))
    made = pages(load_core("", entry=TOY), TOY.parent)
    for name, text in made.items():
        (docs / "toy8" / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / "toy8" / name).write_text(text)
    shutil.copy(DOCS / "reference" / "glossary.md", docs)
    (docs / "site.md").write_text("# Site\n\n```{toctree}\ntoy8/index\nglossary\n```\n")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(docs), str(folder / "html")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_every_instruction_has_a_section_with_its_encoding(site: Path) -> None:
    """A picture, the syntax and the description's own text, in colours."""
    description = load_core("", entry=TOY)
    names = {form.instruction for form in description.forms.values()}
    text = "".join(path.read_text() for path in (site / "toy8" / "instructions").glob("*.html"))
    assert {name for name in names if f'id="toy8-instruction-{name}"' not in text} == set()
    assert text.count("<svg ") >= len(description.forms)
    assert 'class="k' in text


def test_no_link_of_the_site_is_dead(site: Path) -> None:
    """Each link inside leads to a file, and to an anchor of it."""
    found: dict[Path, _Page] = {}
    for path in site.rglob("*.html"):
        found[path.resolve()] = page = _Page()
        page.feed(path.read_text())
    dead = []
    for path, page in found.items():
        for link in page.links:
            if "://" in link or link.startswith(("mailto:", "javascript:")):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.exists() or (anchor and target in found and anchor not in found[target].anchors):
                dead.append(f"{path.name}: {link}")
    assert dead == []


def test_the_site_can_be_searched(site: Path) -> None:
    """Its index knows an instruction's title and a word of the glossary."""
    index = (site / "searchindex.js").read_text()
    assert "ldi" in index
    assert "stencil" in index
