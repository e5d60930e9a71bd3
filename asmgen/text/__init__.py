"""Source text: files, lines, statements and their arguments; and the errors that point into it."""

from __future__ import annotations

from .diagnostics import AssemblyErrors, Diagnostic, Place, SourceError
from .source import CommentSyntax, Source, Statement

__all__ = ["AssemblyErrors", "CommentSyntax", "Diagnostic", "Place", "Source", "SourceError", "Statement"]
