"""What all parts of the report have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of the report: it can't be changed, and knows all of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
