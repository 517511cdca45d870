"""What every group of settings has in common: unknown keys are refused, nothing changes once read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from flowd.config.values import refused


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, data: Any) -> Any:
        """Take a known key without a value (all its lines commented out) as one that is not there.

        Unknown ones stay, to be refused: `{target: 4,200}` is YAML for a target of 4 and a key 200 without a value.
        """
        if isinstance(data, dict):
            known = {field.alias or name for name, field in cls.model_fields.items()}
            return {key: value for key, value in data.items() if value is not None or key not in known}
        if isinstance(data, BaseModel):
            return data
        raise refused("must be a group of settings", "write `key: value` lines, indented below it")
