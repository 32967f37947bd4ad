"""Reads a settings file into a model, or says in one line what is wrong with it.

The environment may override a key of the file: `QMAN_<KEY>` for every key, `DATABASE_URL` and `CELERY_BROKER_URL` as
they are. Values that are not text are written as JSON.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

PLAIN_VARIABLES = ("DATABASE_URL", "CELERY_BROKER_URL")

M = TypeVar("M", bound=BaseModel)

_PYDANTIC_PHRASES = {
    "Value error, ": "",
    "Input should be ": "",
    "String should have ": "text with ",
    "String should match pattern ": "text that matches ",
    "List should have ": "a list with ",
    "Tuple should have ": "a list with ",
    "Dictionary should have ": "an object with ",
}
_SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "DATABASE_URL", "BROKER_URL", "KEY")
_CREDENTIALS = re.compile(r"//.*@")
"""What stands before the host of a URL."""
_OPEN_MEMBERS = ("id", "scope", "host")


class SettingsError(Exception):
    """The settings are missing or wrong. Its text is one line: file, key, what was found, what is expected."""


class SettingsModel(BaseModel):
    """The base of all settings: strict, frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in the file. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: the file is missing (copy an example, or set CONFIG_PATH)") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {_one_line(error)}") from error
    try:
        found = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {_one_line(error)}") from error
    if not isinstance(found, dict):
        raise SettingsError(f"{path}: found {type(found).__name__}, expected a JSON object")
    return found


def load(model: type[M], values: Mapping[str, Any], path: Path, environment: Mapping[str, str] | None = None) -> M:
    """The settings in `values` (from the file at `path`), with the environment's overrides. Raises SettingsError."""
    merged, origins = dict(values), {}
    for name, variable in _overrides(model, os.environ if environment is None else environment):
        merged[name] = _from_variable(model, name, variable[1])
        origins[name] = variable[0]
    try:
        # through JSON, so that strictness means JSON's types: a list may become a tuple, text never a number
        return model.model_validate_json(json.dumps(merged))
    except ValidationError as error:
        raise SettingsError(_first_fault(error, path, merged, origins)) from error


def _overrides(model: type[BaseModel], environment: Mapping[str, str]) -> list[tuple[str, tuple[str, str]]]:
    names = [(name, f"QMAN_{name}") for name in model.model_fields if name.isupper()]
    names += [(name, name) for name in PLAIN_VARIABLES if name in model.model_fields]
    return [(name, (variable, environment[variable])) for name, variable in names if variable in environment]


def _from_variable(model: type[BaseModel], name: str, text: str) -> Any:
    if "str" in str(model.model_fields[name].annotation).lower():
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _first_fault(error: ValidationError, path: Path, merged: Mapping[str, Any], origins: Mapping[str, str]) -> str:
    faults = error.errors(include_url=False, include_context=False)
    fault = min(faults, key=lambda each: each["type"] == "missing")
    where = _one_line(".".join(str(part) for part in fault["loc"]))
    source = f"environment {origins[where]}" if where in origins else str(path)
    message = fault["msg"]
    for phrase, ours in _PYDANTIC_PHRASES.items():
        message = message.replace(phrase, ours, 1) if message.startswith(phrase) else message
    if fault["type"] == "extra_forbidden":
        return f"{source}: {where}: found an unknown key, expected one of the documented keys"
    if fault["type"] == "missing":
        return f"{source}: {where}: found nothing, expected a value"
    if not where:  # a rule about several keys: its message names them
        return f"{source}: {_one_line(message)}"
    return f"{source}: {where}: found {_described(where, merged)}, expected {_one_line(message)}"


def _described(where: str, merged: Mapping[str, Any]) -> str:
    """The value at a dotted place; secrets, and what may contain some, by their kind only."""
    value: Any = merged
    for part in filter(None, where.split(".")):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return "another value"
    if any(word in where.upper() for word in _SECRET_WORDS) and where.rpartition(".")[2] not in _OPEN_MEMBERS:
        return f"a {type(value).__name__} (not shown)"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value)}"
    text = _CREDENTIALS.sub("//(not shown)@", json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line's worth


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
