"""Reading settings from the environment and ``.env``, with one line for each that is missing or wrong.

No line repeats a value: it may be a secret that was pasted into the wrong setting.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.sources.utils import parse_env_vars

__all__ = ["Chosen", "Fix", "SettingsError", "given_in"]


class SettingsError(Exception):
    """Some settings are missing or wrong; ``problems`` has one line each, saying what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do when a setting is missing or wrong; metadata in the annotation of its field."""

    text: str


class Chosen(BaseSettings):
    """Base class of settings, whose fields are checked values of what :func:`given_in` has read."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are pydantic-settings' own
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use the constructor's arguments only: the environment is read by :func:`given_in`."""
        return (init_settings,)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Check the given values, and return those that are settings.

        Raises:
            SettingsError: some are missing or wrong.
        """
        try:
            return cls(**_Given(cls, given)())
        except ValidationError as error:
            problems = [_line(detail, cls) for detail in error.errors()]
        # Raised outside ``except``, and so without pydantic's error as context: its text repeats values.
        raise SettingsError(problems)


class _Given(EnvSettingsSource):
    """pydantic's environment source, which reads the given mapping instead of the environment."""

    def __init__(self, settings_cls: type[BaseSettings], given: Mapping[str, str]) -> None:
        self._given = given
        super().__init__(settings_cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return parse_env_vars(self._given, self.case_sensitive, self.env_ignore_empty)


def given_in(environment: Mapping[str, str] | None, env_file: str | Path | None) -> dict[str, str]:
    """Values that are not empty, by upper-case name; the environment overrides the file."""
    in_file = dotenv_values(env_file, interpolate=False) if env_file else {}
    return {
        name.upper(): value.strip()
        for source in (in_file, os.environ if environment is None else environment)
        for name, value in source.items()
        if value and value.strip()
    }


_REASONS = {
    "missing": "is missing",
    "bool_parsing": "must be yes or no",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "zoneinfo_str": "is no time zone",
}


def _line(error: ErrorDetails, settings: type[BaseSettings]) -> str:
    """One of pydantic's errors as one line, with what to do about it."""
    name = str(error["loc"][0])
    context: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            reason = str(context["error"])
        case "literal_error":
            reason = f"must be {context['expected']}"
        case kind if kind in _REASONS:
            reason = _REASONS[kind]
        case kind if kind.startswith("date"):
            reason = "is no date"
        case _:
            reason = error["msg"].replace("Input should be", "must be")
    fixes = [part.text for part in settings.model_fields[name].metadata if isinstance(part, Fix)]
    return " ".join([f"{name.upper()} {reason}.", *fixes])
