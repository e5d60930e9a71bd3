"""A description as JSON for other tools, and the schema of that JSON (JSON Schema, 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from ...model import items as model

FORMAT: Final = 1
"""Counted up whenever something that was there changes its name or meaning."""
_LEFT_OUT: Final = {"body", "functions", "fingerprint", "edition"}
"""Bodies are typed trees of the loader's own, digests are for its cache."""


def export(description: model.Description) -> dict[str, Any]:
    """Plain data: all that a core has, but what its functions and instructions do."""
    made = _plain(description)
    assert isinstance(made, dict)
    return {"format": FORMAT, **made}


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        fields = (name for name in value.__struct_fields__ if name not in _LEFT_OUT)
        made = {name: _plain(getattr(value, name)) for name in fields}
        tag = value.__struct_config__.tag
        return made if tag is None else {"kind": tag, **made}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value


def schema() -> dict[str, Any]:
    """What `export` gives, as a schema."""
    definitions: dict[str, Any] = {}
    _struct(model.Description, definitions)
    described = definitions["Description"]
    described["properties"] = {"format": {"const": FORMAT}, **described["properties"]}
    described["required"] = ["format", *described["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A description of a core, as `trapline isa export` prints it",
        "$ref": "#/$defs/Description",
        "$defs": dict(sorted(definitions.items())),
    }


def _struct(kind: type[Any], definitions: dict[str, Any]) -> dict[str, str]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = made = {"type": "object"}
        info = inspect.type_info(kind)
        assert isinstance(info, inspect.StructType)
        fields = [field for field in info.fields if field.name not in _LEFT_OUT]
        properties = {field.name: _type(field.type, definitions) for field in fields}
        if info.tag is not None:
            properties = {"kind": {"const": info.tag}, **properties}
        title = (kind.__doc__ or "").split("\n\n")[0].replace("\n    ", " ").strip()
        described: dict[str, Any] = {"properties": properties, "required": [*properties], "additionalProperties": False}
        made.update(({"description": title} if title else {}) | described)
    return {"$ref": f"#/$defs/{name}"}


def _type(info: inspect.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    match info:
        case inspect.StructType():
            return _struct(info.cls, definitions)
        case inspect.IntType():
            return {"type": "integer"}
        case inspect.StrType():
            return {"type": "string"}
        case inspect.NoneType():
            return {"type": "null"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.VarTupleType() | inspect.ListType() | inspect.CollectionType():
            return {"type": "array", "items": _type(info.item_type, definitions)}
        case inspect.TupleType():
            return {
                "type": "array",
                "prefixItems": [_type(one, definitions) for one in info.item_types],
                "items": False,
            }
        case inspect.DictType():
            return {"type": "object", "additionalProperties": _type(info.value_type, definitions)}
        case inspect.UnionType():
            return {"anyOf": [_type(one, definitions) for one in info.types]}
    return {}
