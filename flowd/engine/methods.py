"""What income of each account is made from, as flowd.yaml says: its change in value, or its ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from flowd.config import Settings
from flowd.config.models import IncomeMethod
from flowd.domain.flows import AccountKind

_ALL: Final = tuple(AccountKind)
_WORTH: Final = tuple(kind for kind in AccountKind if kind.is_valued)


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """One method per account: said of the account, else of its connection, else by what kind of account it is."""

    connections: Mapping[str, IncomeMethod] = field(default_factory=dict)
    accounts: Mapping[tuple[str, str], IncomeMethod] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read what is said of each connection and of its accounts."""
        return cls(
            connections={name: one.income for name, one in settings.connections.items() if one.income is not None},
            accounts={
                (name, account): said.income
                for name, one in settings.connections.items()
                for account, said in one.accounts.items()
                if said.income is not None
            },
        )

    def by_value(self, connection: str, account: str | None, kind: AccountKind) -> bool:
        """Say whether income of an account (None: of one of which nothing is said) is its change in value."""
        said = self.accounts.get((connection, account)) if account is not None else None
        said = said or self.connections.get(connection)
        return kind.is_valued if said is None else said is IncomeMethod.VALUE

    def kinds(self, connection: str) -> Sequence[AccountKind]:
        """Return the kinds whose accounts at `connection` are valued, where nothing is said of the account itself."""
        said = self.connections.get(connection)
        return _WORTH if said is None else _ALL if said is IncomeMethod.VALUE else ()

    def named(self, connection: str, method: IncomeMethod) -> list[str]:
        """Return the accounts of `connection` of which `method` is said."""
        return sorted(
            account for (name, account), said in self.accounts.items() if name == connection and said is method
        )

    def worth(self) -> Self:
        """Return the same without a word of ledgers: every account that is worth something is valued then."""
        return type(self)(
            connections={name: said for name, said in self.connections.items() if said is IncomeMethod.VALUE},
            accounts={key: said for key, said in self.accounts.items() if said is IncomeMethod.VALUE},
        )

    def key(self) -> Sequence[object]:
        """Return what a store has to be derived with: other methods lead to other rows."""
        return [
            sorted((name, said.value) for name, said in self.connections.items()),
            sorted((*key, said.value) for key, said in self.accounts.items()),
        ]
