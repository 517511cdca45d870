"""Every public exception, grouped by what flowd does about it."""

from __future__ import annotations

from datetime import timedelta


class FlowdError(Exception):
    """Anything flowd says on purpose; its text names the place and the fix."""


# --- The user changes something, then starts again -----------------------------------------------------------------


class ConfigError(FlowdError):
    """The configuration is wrong: flowd stops this connection (or does not start) and shows file and line."""


class PluginError(FlowdError):
    """A plugin cannot be used: it is shown in `flowd plugins`, and everything else goes on."""


class DatabaseUnusable(FlowdError):
    """The database cannot be used as it is (disk full, wrong version, no rights): the text says what to change."""


class SchemaTooNew(DatabaseUnusable):
    """The database was written by a newer flowd: nothing is touched; install that version or restore a backup."""


class AlreadyRunning(DatabaseUnusable):
    """Another flowd holds this data folder: stop it first, or use another folder."""


class FileRefused(FlowdError):
    """A file cannot be read as a statement: nothing of it is kept, the text names line and reason."""


class BackupRefused(FlowdError):
    """A backup cannot be written or read back: nothing was changed, the text says why and what to do."""


class ExportRefused(FlowdError):
    """An export cannot be written: nothing half is left behind, the text says why."""


# --- Somebody has to log in again ----------------------------------------------------------------------------------


class AuthError(FlowdError):
    """The source refused the credentials: the connection pauses as *needs re-authentication*, with one notice."""


# --- It may work later ----------------------------------------------------------------------------------------------


class RetryLater(FlowdError):
    """The source cannot answer now: flowd tries again with growing pauses, or after `after` if the source said so."""

    def __init__(self, message: str = "the source asked to come back later", *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class OverTime(RetryLater):
    """The run passed its deadline and was ended; nothing after its last finished batch was kept."""


class PartlyRead(FlowdError):
    """Some of what a feed reads could not be read: the rest is kept, and what is missing keeps its last value and age.

    Raised after the batches that could be read; the text says what is missing and why.
    """


class BudgetSpent(RetryLater):
    """The credential's budget of requests is used up; `after` says when there is more."""


class DatabaseAway(FlowdError):
    """The database did not answer in time: readings go to the spool until it is back."""


# --- Somebody's mistake: the batch is refused, nothing of it lands ----------------------------------------------------


class BatchRefused(FlowdError):
    """A batch broke a rule of the store (not a number, out of range, too large): nothing of it was written."""


class SpoolDamaged(FlowdError):
    """The spool file cannot be read: it is set aside under another name and a new one is begun."""
