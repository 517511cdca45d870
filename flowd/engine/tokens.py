"""The tokens of connections, from the daemon's side: opened for a run, renewed by one process at a time, never lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from flowd.domain.json import Json
from flowd.engine.token_words import secrets_in
from flowd.errors import AuthError, DatabaseAway, DatabaseUnusable, RetryLater
from flowd.storage.aside import Aside, Sealed
from flowd.storage.sealing import Keyring, KeyTrouble
from flowd.storage.tokens import Change, TokenStore

_log = logging.getLogger(__name__)
_SECRETS_KEPT: Final = 60
_AWAY: Final = (DatabaseAway, DatabaseUnusable)


class TokenKeeper:
    """Keeps the tokens of one tenant's connections.

    New tokens go to a file first, sealed and on disk, then into the database, and only then is the file removed: so
    neither a database that goes away nor a killed flowd loses what a source gave out once. `keys` reads the keys anew,
    `away` says that the database need not be asked just now.
    """

    def __init__(
        self, *, store: TokenStore, aside: Aside, keys: Callable[[], Keyring], away: Callable[[], bool]
    ) -> None:
        self._store = store
        self._aside = aside
        self._keys = keys
        self._away = away
        self._ring: Keyring | None = None
        self._lock = threading.Lock()
        self._known: dict[str, Sealed] = {}
        self._unsaved: dict[str, Sealed] = {}
        self._secrets: dict[str, dict[str, None]] = {}

    def use(self, keys: Callable[[], Keyring]) -> None:
        """Read the keys with `keys` from now on."""
        self._keys, self._ring = keys, None

    def forget(self, connection: str) -> None:
        """Forget what is remembered of a connection: it was unlinked."""
        with self._lock:
            self._known.pop(connection, None)

    def forget_keys(self) -> None:
        """Read the keys anew when they are needed next."""
        self._ring = None

    def secrets(self, connection: str) -> Sequence[SecretStr]:
        """Return what no text may show of the tokens that were used for a connection."""
        with self._lock:
            return [SecretStr(secret) for secret in self._secrets.get(connection, ())]

    def ring(self) -> Keyring:
        """Return the keys; KeyTrouble if there is none that seals."""
        if self._ring is None:
            self._ring = self._keys()
        return self._ring

    # --- Reading -----------------------------------------------------------------------------------------------------

    def read(self, connection: str) -> tuple[int, Mapping[str, Json]]:
        """Return a connection's tokens and their version.

        AuthError if it was never linked, KeyTrouble if they cannot be opened, RetryLater while the database is away
        and nothing is remembered.
        """
        sealed = self._newest(connection)
        if sealed is None:
            raise AuthError(f"{connection} was never linked: run `flowd link {connection}`")
        return sealed.version, self.open(sealed)

    def open(self, sealed: Sealed) -> Mapping[str, Json]:
        """Return the tokens in `sealed`; KeyTrouble if no key there is opens them."""
        if sealed.key_id not in self.ring().ids:
            # Put back, or made by `flowd key rotate`, since the keys were read.
            self.forget_keys()
        tokens = self.ring().open(self._store.tenant, sealed.connection, sealed.ciphertext, sealed.key_id)
        self._remember_secrets(sealed.connection, tokens)
        return tokens

    def _newest(self, connection: str) -> Sealed | None:
        waiting = [sealed for _, sealed in self._aside.of(connection)]
        with suppress(KeyError):
            waiting.append(self._unsaved[connection])
        try:
            if self._away():
                raise DatabaseAway("the database is away")
            stored = self._store.load(connection)
        except _AWAY:
            stored = self._known.get(connection)
            if stored is None and not waiting:
                raise RetryLater(f"the tokens of {connection} are in the database, which is away") from None
        else:
            with self._lock:
                self._known.pop(connection, None)
                if stored is not None:
                    self._known[connection] = stored
        return max((one for one in [stored, *waiting] if one is not None), key=_version, default=None)

    # --- Keeping -----------------------------------------------------------------------------------------------------

    def seal(self, connection: str, version: int, tokens: Mapping[str, Json], ring: Keyring | None = None) -> Sealed:
        """Return `tokens` sealed; KeyTrouble without a key."""
        self._remember_secrets(connection, tokens)
        ring = ring or self.ring()
        sealed = ring.seal(self._store.tenant, connection, tokens)
        return Sealed(connection=connection, version=version, key_id=ring.current, ciphertext=sealed)

    def hold(self, connection: str, seconds: float) -> tuple[ExitStack, Change]:
        """Return a connection's tokens, held until the stack is closed, with nothing newer waiting in a file."""
        if self._away():
            raise DatabaseAway("the database is away")
        for _ in range(3):
            self._take_up(connection)
            with ExitStack() as stack:
                change = stack.enter_context(self._store.change(connection, seconds=seconds))
                newer = [one for _, one in self._aside.of(connection) if _newer(one, change.now)]
                if not newer:
                    return stack.pop_all(), change
        raise RetryLater(f"the newest tokens of {connection} wait in a file that cannot be taken up")

    def keep(self, sealed: Sealed, held: ExitStack | None = None, change: Change | None = None) -> None:
        """Make `sealed` durable, through what is `held` or else anew; never raises for a database that is away."""
        path: Path | None = None
        with self._lock:
            self._unsaved[sealed.connection] = sealed
        try:
            path = self._aside.put(sealed)
        except OSError as error:
            _log.error("new tokens of %s cannot be laid aside on disk: %s", sealed.connection, error)
        try:
            if held is not None and change is not None:
                with held:
                    change.hurry()
                    change.save(sealed)
            else:
                with self._store.change(sealed.connection) as change:
                    change.save(sealed)
        except (*_AWAY, RetryLater) as error:
            where = "in the state folder" if path is not None else "in memory only"
            _log.warning("new tokens of %s wait %s for the database: %s", sealed.connection, where, error)
            if path is None:
                return
        else:
            if path is not None:
                self._aside.drop(path)
            with self._lock:
                self._known[sealed.connection] = sealed
        with self._lock:
            if self._unsaved.get(sealed.connection) is sealed:
                del self._unsaved[sealed.connection]

    def link(self, connection: str, tokens: Mapping[str, Json]) -> None:
        """Keep the tokens that linking obtained, in place of all before."""
        before = [one.version for _, one in self._aside.of(connection)]
        with suppress(KeyError):
            before.append(self._known[connection].version)
        try:
            held, change = self.hold(connection, 0.0)
        except (*_AWAY, RetryLater):
            self.keep(self.seal(connection, max(before, default=0) + 1, tokens))
            return
        if change.now is not None:
            before.append(change.now.version)
        self.keep(self.seal(connection, max(before, default=0) + 1, tokens), held, change)

    def unlink(self, connection: str) -> bool:
        """Delete a connection's tokens; say whether there were any."""
        with self._store.change(connection) as change:
            there = change.now is not None or bool(self._aside.of(connection))
            change.remove(connection)
        self._aside.forget(connection)
        with self._lock:
            self._known.pop(connection, None)
            self._unsaved.pop(connection, None)
        return there

    # --- Looking after -----------------------------------------------------------------------------------------------

    def take_up(self) -> None:
        """Bring into the database what waits in files; what cannot be brought now waits on."""
        for connection in {*self._aside.connections(), *self._unsaved}:
            try:
                if self._away():
                    return
                self._take_up(connection)
            except (*_AWAY, RetryLater) as error:
                _log.debug("the tokens of %s wait on: %s", connection, error)
                return

    def rotate(self) -> list[str]:
        """Seal everything with the newest key, all or nothing; return the connections."""
        for connection in self._aside.connections():
            self._take_up(connection)
        self.forget_keys()
        done = self._store.seal_anew(self.ring())
        with self._lock:
            self._known.clear()
        return done

    def _take_up(self, connection: str) -> None:
        unsaved = self._unsaved.get(connection)
        if unsaved is None and not self._aside.of(connection):
            return
        with self._store.change(connection) as change:
            # Looked at now: whoever held the tokens may have brought in, and removed, what was there before.
            laid = self._aside.of(connection)
            for sealed in [*(one for _, one in laid), *([] if unsaved is None else [unsaved])]:
                if _newer(sealed, change.now):
                    change.save(sealed)
                    _log.info("the tokens of %s that waited are in the database now", connection)
        for path, _ in laid:
            self._aside.drop(path)
        with self._lock:
            if self._unsaved.get(connection) is unsaved:
                self._unsaved.pop(connection, None)

    def _remember_secrets(self, connection: str, tokens: Mapping[str, Json]) -> None:
        with self._lock:
            known = self._secrets.setdefault(connection, {})
            for secret in secrets_in(tokens):
                known.pop(secret, None)
                known[secret] = None
            # What was replaced long ago is in nobody's hands any more.
            while len(known) > _SECRETS_KEPT:
                del known[next(iter(known))]


def _version(sealed: Sealed) -> int:
    return sealed.version


def _newer(sealed: Sealed, than: Sealed | None) -> bool:
    return than is None or sealed.version > than.version


__all__ = ["KeyTrouble", "TokenKeeper"]
