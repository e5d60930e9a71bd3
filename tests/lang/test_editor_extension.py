"""The VS Code extension: its grammar knows every word of the language, and its files name what is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from trapline.isa.lang.load import ARCH
from trapline.isa.lang.text.parse import ITEM_WORDS, parse

EXTENSION = ARCH.parent.parent / "editors" / "vscode"
LARK = ARCH.parent / "lang" / "text" / "grammar.lark"


def _json(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXTENSION / name).read_text())
    return found


def _patterns(part: object) -> list[tuple[str, str]]:
    """(scope, regular expression) of each rule of the TextMate grammar."""
    if isinstance(part, list):
        return [one for inner in part for one in _patterns(inner)]
    if not isinstance(part, dict):
        return []
    scope = str(part.get("name", part.get("captures", {}).get("1", {}).get("name", "")))
    own = [(scope, part[key]) for key in ("match", "begin", "end") if key in part]
    return own + [one for inner in part.values() for one in _patterns(inner)]


def test_the_textmate_grammar_knows_every_word() -> None:
    """Each word in the Lark grammar, and each that begins an item, is a keyword or a declaration of the other one."""
    words = {*re.findall(r'"([a-z_]{2,})"', LARK.read_text()), *ITEM_WORDS}
    for options in re.findall(r"/\(?([a-z_|]+)\)?\\b/", LARK.read_text()):
        words |= set(options.split("|"))
    words |= {"read", "write"}
    known: set[str] = set()
    for scope, expression in _patterns(_json("syntaxes/isa.tmLanguage.json")["repository"]):
        if scope.startswith(("keyword", "storage")):
            known |= set(re.findall(r"[a-z_]{2,}", expression))
    assert words - known == set()


def test_its_expressions_find_what_they_name() -> None:
    """Rule by rule, what is found in a line."""
    rules = dict(_patterns(_json("syntaxes/isa.tmLanguage.json")["repository"]))
    line = 'instruction {name}_x "Title" : XO(OPCD = 0x1F) { syntax  add{o if OE} RT, RA|0 } // why'
    found = {scope: match[0] for scope, expression in rules.items() if (match := re.search(expression, line))}
    assert found["string.quoted.double.trapline-isa"] == '"Title"'
    assert found["constant.numeric.trapline-isa"] == "0x1F"
    assert found["comment.line.double-slash.trapline-isa"] == "// why"
    assert found["variable.other.constant.trapline-isa"] == "XO"


def test_the_manifest_names_files_that_are_there() -> None:
    """Grammar, snippets, language configuration and program."""
    manifest = _json("package.json")
    contributes = manifest["contributes"]
    paths = [manifest["main"], *(one["path"] for kind in ("grammars", "snippets") for one in contributes[kind]),
             *(one["configuration"] for one in contributes["languages"])]  # fmt: skip
    assert [path for path in paths if not (EXTENSION / path).is_file()] == []
    _json("launch.json")
    _json("language-configuration.json")


def test_snippets_parse(tmp_path: Path) -> None:
    """Each snippet of an item, its places filled with what they suggest, is one."""
    wrong = {}
    for name, snippet in _json("snippets/isa.json").items():
        body = snippet["body"] if isinstance(snippet["body"], str) else "\n".join(snippet["body"])
        text = re.sub(r"\$\{\d+\|([^,|]*)[^}]*\|\}", r"\1", body)
        for _ in range(2):
            text = re.sub(r"\$\{\d+:([^{}]*)\}", r"\1", text)
        text = re.sub(r"\$\{?\d+\}?", "", text)
        if not text.startswith(tuple(ITEM_WORDS)):
            text = f"function f() {{ {text} }}"
        text = text.replace(": u5 = names ", ": u5 = names list").replace("=> \n", "=> 0\n")
        mistakes = parse(text, name)[1]
        if mistakes:
            wrong[name] = (mistakes[0].message, text)
    assert wrong == {}
