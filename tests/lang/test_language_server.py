"""The language server, asked through the protocol by pygls's client as an editor would."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from trapline.isa.editor.lenses import COVERAGE
from trapline.isa.editor.project import Project
from trapline.isa.editor.server import make_server
from trapline.isa.lang.load import ARCH
from trapline.isa.lang.units import store
from trapline.isa.lang.units.unit import Unit

TOY = ARCH.parent.parent / "docs" / "examples" / "toy8" / "toy8.isa"
_PATIENCE = 60


class Editor:
    """A workspace with one description in two files, and a client with the first one open."""

    def __init__(self, folder: Path, client: LanguageClient) -> None:
        self.folder = folder
        self.client = client
        self.path = folder / "toy8.isa"
        self.text = self.path.read_text()
        self.uri = self.path.as_uri()
        self.document = lsp.TextDocumentIdentifier(self.uri)
        self._version = 1
        self._told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self._told.put_nowait(params)

        client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)

    async def begin(self, **options: str) -> lsp.InitializeResult:
        """Starts the server, and opens the file."""
        await self.client.start_io(sys.executable, "-m", "trapline", "isa", "lsp")
        root = lsp.WorkspaceFolder(self.folder.as_uri(), "toy")
        result = await self.client.initialize_async(
            lsp.InitializeParams(lsp.ClientCapabilities(), workspace_folders=[root], initialization_options=options)
        )
        self.client.initialized(lsp.InitializedParams())
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri, "trapline-isa", 1, self.text))
        )
        await self.told(self.uri)
        return result

    async def told(self, uri: str) -> list[lsp.Diagnostic]:
        """The first problems that are told of a file as it is now."""
        while True:
            params = await asyncio.wait_for(self._told.get(), _PATIENCE)
            if params.uri == uri and params.version == self._version:
                return [*params.diagnostics]

    async def type(self, old: str, new: str) -> list[lsp.Diagnostic]:
        """Changes the text, once; what is told of it then."""
        assert self.text.count(old) >= 1
        self.text = self.text.replace(old, new, 1)
        self._version += 1
        whole = [lsp.TextDocumentContentChangeWholeDocument(self.text)]
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(self._version, self.uri), whole)
        )
        return await self.told(self.uri)

    def place(self, text: str, into: int = 0) -> lsp.Position:
        """Where a piece of the text begins, and so many characters on."""
        at = self.text.index(text) + into
        line = self.text.count("\n", 0, at)
        return lsp.Position(line, at - (self.text.rfind("\n", 0, at) + 1))

    def applied(self, edits: list[lsp.TextEdit]) -> str:
        """The text after edits."""
        lines = self.text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        text = self.text
        for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            first = starts[edit.range.start.line] + edit.range.start.character
            last = min(starts[min(edit.range.end.line, len(lines))] + edit.range.end.character, len(self.text))
            text = text[:first] + edit.new_text + text[last:]
        return text


Session = Callable[[Callable[[Editor], Coroutine[Any, Any, None]]], None]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Runs a conversation with the server."""
    shutil.copy(TOY, tmp_path)

    def run(conversation: Callable[[Editor], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            client = LanguageClient("test", "1")
            editor = Editor(tmp_path, client)
            try:
                await conversation(editor)
            finally:
                await asyncio.wait_for(client.shutdown_async(None), _PATIENCE)
                client.exit(None)
                stop: Callable[[], Coroutine[Any, Any, None]] = client.stop
                await asyncio.wait_for(stop(), _PATIENCE)

        asyncio.run(whole())

    return run


def test_problems_are_told_as_one_types(session: Session) -> None:
    """A syntax mistake, a mistake in meaning and its quick fix, and nothing once it is mended."""

    async def talk(editor: Editor) -> None:
        result = await editor.begin()
        can = result.capabilities
        assert all((can.hover_provider, can.definition_provider, can.references_provider, can.rename_provider,
                    can.completion_provider, can.semantic_tokens_provider, can.code_action_provider,
                    can.document_formatting_provider, can.code_lens_provider))  # fmt: skip
        broken = await editor.type("instruction ", "instructoin ")
        assert len(broken) == 1
        assert broken[0].severity == lsp.DiagnosticSeverity.Error
        assert await editor.type("instructoin ", "instruction ") == []
        wrong = await editor.type("= loaded == 0", "= loadedd == 0")
        assert [one.code for one in wrong] == ["unknown-name"]
        actions = await editor.client.text_document_code_action_async(
            lsp.CodeActionParams(editor.document, wrong[0].range, lsp.CodeActionContext(wrong))
        )
        titles = [action.title for action in actions or ()]
        assert "Write loaded" in titles
        action = next(action for action in actions or () if action.title == "Write loaded")
        assert isinstance(action, lsp.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        mended = editor.applied([*action.edit.changes[editor.uri]])
        assert mended == editor.text.replace("loadedd", "loaded")
        assert await editor.type("loadedd", "loaded") == []

    session(talk)


def test_names_are_known(session: Session) -> None:
    """Hover, definition, references, renaming and completion, of a register, an instruction and a local name."""

    async def talk(editor: Editor) -> None:
        await editor.begin()
        client, document = editor.client, editor.document
        register = editor.place("register CAUSE ", len("register "))
        told = await client.text_document_hover_async(lsp.HoverParams(document, register))
        assert told is not None
        assert isinstance(told.contents, lsp.MarkupContent)
        assert "register" in told.contents.value
        assert "8 bits" in told.contents.value
        instruction = editor.place("instruction ld ", len("instruction "))
        told = await client.text_document_hover_async(lsp.HoverParams(document, instruction))
        assert told is not None
        assert isinstance(told.contents, lsp.MarkupContent)
        assert "+--" in told.contents.value
        local = editor.place("R[D] = loaded", len("R[D] = "))
        told = await client.text_document_hover_async(lsp.HoverParams(document, local))
        assert told is not None
        assert isinstance(told.contents, lsp.MarkupContent)
        assert told.contents.value == "**loaded** : u8: variable of ld"
        used = editor.place("CAUSE = ", 0)
        found = await client.text_document_definition_async(lsp.DefinitionParams(document, used))
        assert isinstance(found, list)
        assert [one.range.start for one in found if isinstance(one, lsp.Location)] == [register]
        context = lsp.ReferenceContext(include_declaration=True)
        places = await client.text_document_references_async(lsp.ReferenceParams(context, document, used))
        assert places is not None
        assert register in [one.range.start for one in places]
        assert used in [one.range.start for one in places]
        edit = await client.text_document_rename_async(lsp.RenameParams(document, used, "WHY"))
        assert edit is not None
        assert edit.changes is not None
        renamed = editor.applied([*edit.changes[editor.uri]])
        assert "register WHY " in renamed
        problems = await editor.type(editor.text, renamed)
        assert [one for one in problems if one.severity == lsp.DiagnosticSeverity.Error] == []
        body = editor.place("WHY = ", 1)
        offered = await client.text_document_completion_async(lsp.CompletionParams(document, body))
        assert isinstance(offered, list)
        assert {"WHY", "zero_extend"} <= {one.label for one in offered}

    session(talk)


def test_text_is_coloured_formatted_and_annotated(session: Session, tmp_path: Path) -> None:
    """Semantic tokens for the text's words; formatting a disordered text gives the file back; lenses tell coverage."""

    async def talk(editor: Editor) -> None:
        rows = [{"kind": "form", "name": "ld", "run": 2, "all": 3, "missing": {}}]
        (tmp_path / COVERAGE).write_bytes(msgspec.json.encode(rows))
        await editor.begin()
        client, document = editor.client, editor.document
        tokens = await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document))
        assert tokens is not None
        assert len(tokens.data) % 5 == 0
        assert len(tokens.data) // 5 > 300
        options = lsp.FormattingOptions(4, insert_spaces=True)
        asked = lsp.DocumentFormattingParams(document, options)
        assert not await client.text_document_formatting_async(asked)
        whole = editor.text
        await editor.type("\n    numbering", "\n  numbering")
        edits = await client.text_document_formatting_async(asked)
        assert editor.applied([*(edits or ())]) == whole
        lenses = await client.text_document_code_lens_async(lsp.CodeLensParams(document))
        texts = [lens.command.title for lens in lenses or () if lens.command is not None]
        assert any("2 of 3 statements executed" in text for text in texts)

    session(talk)


def test_a_keystroke_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody types in a shipped file, what is edited is made again, and aliases of it; nothing else."""
    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path / "cache"))
    path = ARCH / "riscv" / "integer.isa"
    opened: dict[Path, str] = {}
    project = Project((ARCH / "riscv" / "riscv.isa",), opened)
    project.check()
    made: list[str] = []
    own = store.Store.put

    def noted(self: store.Store, file: str, key: str, unit: Unit) -> None:
        made.append(file)
        own(self, file, key, unit)

    monkeypatch.setattr(store.Store, "put", noted)
    # Of an instruction that no alias, which would be made anew with it, names.
    opened[path] = path.read_text().replace("zero_extend(mem[address, 4", "zero_extended(mem[address, 4", 1)
    told = project.check(quickly=True)
    assert [one.code for one in told[path]] == ["unknown-name"]
    opened[path] = path.read_text() + "\nfunction typed(x : u64) -> u64 { return x }\n"
    assert project.check(quickly=True)[path] == []
    assert str(path) in made
    assert len(made) < 8


def test_the_server_can_be_made_without_a_client() -> None:
    """All that it answers to is registered once."""
    assert make_server().name == "trapline-isa"
