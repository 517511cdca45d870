"""The user's own rules for what a transaction is: conditions without regular expressions, so that none can hang."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from flowd.config.section import Section
from flowd.config.values import Asset, Texts, refused
from flowd.domain.flows import FlowClass

#: A size of an amount, without its sign.
Size = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=38)]


class Sign(StrEnum):
    """Whether money came in or went out."""

    IN = "in"
    OUT = "out"


class MatchSettings(Section):
    """What a transaction must be like for a rule to apply: every condition named must hold.

    A list holds when one of its texts does. Texts of a transaction (`text`, `counterparty`, `description`) are found
    anywhere inside, capital or small; `*` and `?` make it a pattern for the whole. Names (`connection`, `account`) are
    compared whole. Regular expressions are not offered: a bad one can take for ever.
    """

    connection: Texts | None = Field(None, description="name of the connection, or a pattern such as bank-*")
    account: Texts | None = Field(None, description="the source's name of the account, or a pattern")
    counterparty: Texts | None = Field(None, description="text in the name of the other side")
    description: Texts | None = Field(None, description="text in the description")
    text: Texts | None = Field(None, description="text in the counterparty or in the description")
    asset: Asset | None = Field(None, description="currency or asset of the amount")
    sign: Sign | None = Field(None, description="in (money came) or out (money went)")
    min: Size | None = Field(None, description="smallest size of the amount, without its sign")
    max: Size | None = Field(None, description="largest size of the amount, without its sign")
    kind: FlowClass | None = Field(None, description="what the source itself says it is")

    @model_validator(mode="after")
    def _whole(self) -> MatchSettings:
        if not self.model_fields_set:
            raise refused("has no condition, so it would match everything", "name at least one, such as text: ACME")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refused(f"has a min ({self.min}) above its max ({self.max})", "exchange the two")
        return self


class RuleSettings(Section):
    """One rule: the first rule whose conditions hold says the class of a transaction and the stream it counts for."""

    match: MatchSettings = Field(description="conditions, all of which must hold")
    flow_class: FlowClass | None = Field(None, alias="class", description="what such a transaction is")
    stream: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="the stream it counts for; by default connection/class"
    )

    @model_validator(mode="after")
    def _says_something(self) -> RuleSettings:
        if self.flow_class is None and self.stream is None:
            raise refused("says neither a class nor a stream", "add class: salary, or stream: NAME")
        return self


__all__ = ["MatchSettings", "RuleSettings", "Sign", "Size"]
