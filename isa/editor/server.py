"""The language server: pygls in front of `Project`. `trapline isa lsp` runs it over standard input and output."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from ..lang.load import ARCH
from ..lang.products.format import formatted
from ..lang.text.tokens import WORD
from ..lang.tree import Span
from ..lang.tree.diagnostics import Diagnostic
from . import asked
from .fixes import fixes
from .highlight import MODIFIERS, TYPES, highlighted
from .lenses import COVERAGE, lenses, read_coverage
from .project import Project, entries_for, syntax_problem

_REST_SECONDS: Final = 0.03
"""After a keystroke, before the description is looked at."""
_SETTLED_SECONDS: Final = 0.6
"""After the last one, before all cores and lints are."""
_COMPLETIONS: Final = {
    "keyword": lsp.CompletionItemKind.Keyword, "function": lsp.CompletionItemKind.Function,
    "register": lsp.CompletionItemKind.Variable, "view": lsp.CompletionItemKind.Variable,
    "const": lsp.CompletionItemKind.Constant, "enum": lsp.CompletionItemKind.Enum,
    "member": lsp.CompletionItemKind.EnumMember, "part": lsp.CompletionItemKind.Field,
    "operand": lsp.CompletionItemKind.TypeParameter, "format": lsp.CompletionItemKind.Struct,
    "instruction": lsp.CompletionItemKind.Operator, "variable": lsp.CompletionItemKind.Variable,
    "parameter": lsp.CompletionItemKind.Variable, "interrupt": lsp.CompletionItemKind.Event,
}  # fmt: skip
_SYMBOLS: Final = {
    "instruction": lsp.SymbolKind.Operator, "alias": lsp.SymbolKind.Operator, "function": lsp.SymbolKind.Function,
    "register": lsp.SymbolKind.Variable, "view": lsp.SymbolKind.Variable, "format": lsp.SymbolKind.Struct,
    "enum": lsp.SymbolKind.Enum, "bitfield": lsp.SymbolKind.Struct, "const": lsp.SymbolKind.Constant,
    "interrupt": lsp.SymbolKind.Event, "operand": lsp.SymbolKind.TypeParameter, "device": lsp.SymbolKind.Class,
}  # fmt: skip


class IsaServer(LanguageServer):
    """See the module. A description is known by its entry files."""

    def __init__(self) -> None:
        super().__init__("trapline-isa", "1", text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.opened: dict[Path, str] = {}
        self.projects: dict[tuple[Path, ...], Project] = {}
        self.arch = ""
        self.versions: dict[Path, int] = {}
        self.told: dict[Path, list[Diagnostic]] = {}
        self.waiting: dict[tuple[Path, ...], list[asyncio.TimerHandle]] = {}
        self._owners: dict[Path, tuple[Path, ...]] = {}

    # Projects

    def project_of(self, path: Path) -> Project:
        """The description that a file belongs to; looked at if it has not been."""
        entries = self._owners.get(path)
        if entries is None:
            folders = [Path(to_fs_path(one.uri) or "") for one in self.workspace.folders.values()]
            entries = self._owners[path] = entries_for(path, folders, self.opened, self.arch)
        project = self.projects.get(entries)
        if project is None:
            project = self.projects[entries] = Project(entries, self.opened)
            self.tell(project.check())
        return project

    def forget_owners(self) -> None:
        """Files may belong elsewhere: one was added, or names others."""
        self._owners.clear()

    def changed(self, path: Path) -> None:
        """A text has changed: its syntax is looked at now, its description soon, everything once nothing moves."""
        broken = syntax_problem(self.opened[path], path)
        project = self.project_of(path)
        for handle in self.waiting.pop(project.entries, []):
            handle.cancel()
        if broken:
            self.tell({path: broken})
            return
        loop = asyncio.get_running_loop()
        self.waiting[project.entries] = [
            loop.call_later(_REST_SECONDS, lambda: self.tell(project.check(quickly=True))),
            loop.call_later(_SETTLED_SECONDS, lambda: self.tell(project.check())),
        ]

    def tell(self, problems: dict[Path, list[Diagnostic]]) -> None:
        """Shows the problems of files; those of other files stay as they were told."""
        for path, found in problems.items():
            if found or self.told.get(path) or path in self.opened:
                self.told[path] = found
                self.text_document_publish_diagnostics(
                    lsp.PublishDiagnosticsParams(
                        _uri(path), [self._diagnostic(one) for one in found], self.versions.get(path)
                    )
                )

    def _diagnostic(self, one: Diagnostic) -> lsp.Diagnostic:
        related = [
            lsp.DiagnosticRelatedInformation(lsp.Location(_uri(_path(note.span.file)), _range(note.span)), note.message)
            for note in one.notes
        ]
        severity = lsp.DiagnosticSeverity.Error if one.severity == "error" else lsp.DiagnosticSeverity.Warning
        message = f"{one.message}\n{one.hint}" if one.hint else one.message
        return lsp.Diagnostic(
            _range(one.span), message, severity, code=one.code, source="trapline", related_information=related or None
        )

    def named(self, params: Any) -> tuple[Project, Path, Any]:  # noqa: ANN401 - any request with a place
        """The description, the file and the name that a request is about."""
        path = _path_of(params.text_document.uri)
        project = self.project_of(path)
        return project, path, asked.name_at(project.text(path), params.position.line, params.position.character)


def _path(name: str) -> Path:
    path = Path(name)
    return path if path.is_absolute() else (ARCH / path if (ARCH / path).exists() else path.resolve())


def _path_of(uri: str) -> Path:
    return Path(to_fs_path(uri) or uri).resolve()


def _uri(path: Path) -> str:
    return from_fs_path(str(path)) or str(path)


def _range(span: Span) -> lsp.Range:
    return lsp.Range(
        lsp.Position(max(span.line - 1, 0), max(span.column - 1, 0)),
        lsp.Position(max(span.end_line - 1, 0), max(span.end_column - 1, 0)),
    )


def _where(place: asked.Place) -> lsp.Location:
    line = lsp.Position(place.line, place.column)
    return lsp.Location(_uri(place.path), lsp.Range(line, lsp.Position(place.line, place.end)))


def make_server() -> IsaServer:
    """The server, with all that it answers to."""
    server = IsaServer()
    feature = server.feature

    @feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        options: Any = params.initialization_options
        server.arch = str(options.get("arch", "")) if isinstance(options, dict) else ""

    @feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        path = _path_of(params.text_document.uri)
        server.opened[path] = params.text_document.text
        server.versions[path] = params.text_document.version
        server.forget_owners()
        before = len(server.projects)
        project = server.project_of(path)
        if len(server.projects) == before:
            server.tell(project.check())

    @feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        path = _path_of(params.text_document.uri)
        server.opened[path] = server.workspace.get_text_document(params.text_document.uri).source
        server.versions[path] = params.text_document.version
        server.changed(path)

    @feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.forget_owners()
        server.changed(_path_of(params.text_document.uri))

    @feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.opened.pop(_path_of(params.text_document.uri), None)

    @feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        project, path, token = server.named(params)
        text = "" if token is None else asked.hover(project, path, token)
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None

    @feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        project, path, token = server.named(params)
        found = [] if token is None else asked.meant(project, path, token)
        return [lsp.Location(_uri(other), _range(one.span)) for other, one in found]

    @feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        project, path, token = server.named(params)
        return [] if token is None else [_where(one) for one in asked.references(project, path, token)]

    @feature(lsp.TEXT_DOCUMENT_RENAME)
    def rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        project, path, token = server.named(params)
        if token is None or not WORD.fullmatch(params.new_name) or not asked.meant(project, path, token):
            return None
        places = asked.references(project, path, token)
        changes: dict[str, list[lsp.TextEdit]] = {}
        for one in places:
            where = _where(one)
            changes.setdefault(where.uri, []).append(lsp.TextEdit(where.range, params.new_name))
        return lsp.WorkspaceEdit(changes)

    @feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=["."]))
    def completion(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        path = _path_of(params.text_document.uri)
        found: dict[str, lsp.CompletionItem] = {}
        project = server.project_of(path)
        for name, kind, detail in asked.completions(project, path, params.position.line, params.position.character):
            found.setdefault(name, lsp.CompletionItem(name, kind=_COMPLETIONS.get(kind), detail=detail))
        return [*found.values()]

    @feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        path = _path_of(params.text_document.uri)
        file = server.project_of(path).file(path)
        return [
            lsp.DocumentSymbol(
                one.name, _SYMBOLS[one.kind], _range(one.span), _range(one.span), detail=one.title or one.detail
            )
            for one in (file.declared if file is not None else ()) if one.kind in _SYMBOLS
        ]  # fmt: skip

    @feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        path = _path_of(params.text_document.uri)
        text = server.opened.get(path, "")
        if syntax_problem(text, path):
            return []
        made = formatted(text)
        end = lsp.Position(text.count("\n") + 1, 0)
        return [] if made == text else [lsp.TextEdit(lsp.Range(lsp.Position(0, 0), end), made)]

    @feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        path = _path_of(params.text_document.uri)
        text = server.opened.get(path, "")
        found = []
        for problem in server.told.get(path, []):
            where = _range(problem.span)
            if where.end.line < params.range.start.line or where.start.line > params.range.end.line:
                continue
            for fix in fixes(problem, text):
                place = lsp.Range(lsp.Position(fix.line, fix.column), lsp.Position(fix.end_line, fix.end_column))
                edit = lsp.WorkspaceEdit({params.text_document.uri: [lsp.TextEdit(place, fix.text)]})
                found.append(lsp.CodeAction(fix.title, lsp.CodeActionKind.QuickFix, edit=edit))
        return found

    @feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    def code_lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        path = _path_of(params.text_document.uri)
        folders = [Path(to_fs_path(one.uri) or "") for one in server.workspace.folders.values()]
        coverage = next(filter(None, (read_coverage(folder / COVERAGE) for folder in folders)), {})
        found = lenses(server.project_of(path), path, coverage)
        return [lsp.CodeLens(_range(one.span), lsp.Command(text, "")) for one, text in found]

    @feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, lsp.SemanticTokensLegend([*TYPES], [*MODIFIERS]))
    def semantic(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        path = _path_of(params.text_document.uri)
        return lsp.SemanticTokens([*_packed(highlighted(server.project_of(path), path))])

    return server


def _packed(found: Iterable[tuple[Any, str, tuple[str, ...]]]) -> Iterable[int]:
    line = column = 0
    for token, kind, modifiers in found:
        bits = sum(1 << MODIFIERS.index(one) for one in modifiers)
        first = token.column - column if token.line == line else token.column
        yield from (token.line - line, first, len(token.text), TYPES.index(kind), bits)
        line, column = token.line, token.column


def serve_standard_streams() -> None:
    """Serves one client over standard input and output, until it says that that is all."""
    make_server().start_io()
