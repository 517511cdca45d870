"""Checks that a source in trouble leads to flowd's own errors, and never to a zero."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from flowd.api import AuthError, Covers, PartlyRead, RetryLater, Snapshot
from flowd.errors import FlowdError
from flowd.testing.faults import FAULTS, WAIT, Fault, certificate
from flowd.testing.replay import Asked, Replay, Reply
from flowd.testing.rows import claimed, rows
from flowd.testing.suite_setup import ConnectorSetup, Outcome

_NONSENSE = (b"null", b'"what?"', b'{"surprise": "nothing you know"}')


class FaultChecks(ConnectorSetup):
    """Every fault of a source, for every feed and check()."""

    #: Faults by name whose error is another one here, or None where the connector can do without the answer.
    faults: ClassVar[Mapping[str, type[FlowdError] | None]] = {}

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make one check of each fault."""
        super().pytest_generate_tests(metafunc)
        if "fault" in metafunc.fixturenames:
            metafunc.parametrize("fault", FAULTS, ids=lambda fault: fault.name)

    def test_a_fault_is_told_as_the_error_flowd_reacts_to(self, target: str, fault: Fault) -> None:
        """401, 403 → AuthError; 429 → RetryLater with the source's wait; all else → RetryLater."""
        if not self.clean(target)[1]:
            return
        with self.opened() as (source, harness), source.altering(lambda _, reply: fault.change(reply)):
            harness.patience(fault.seconds)
            outcome = self.call(harness, target)
            assert source.asked, f"{target} asked nothing this time"
        self._judge(target, fault, outcome)

    def test_one_failed_request_is_not_passed_over(self, target: str) -> None:
        """One request after the other fails with 503: the run says so, and claims nothing it did not read."""
        clean, asked = self.clean(target)
        for number in range(1, min(len(asked), self.most_runs) + 1):
            outcome = self._with_one_failed(target, number)
            where = f"{target}: request {number} of {len(asked)} ({asked[number - 1].path}) answered 503"
            assert outcome.error or _says_more(outcome, clean) or _lost_nothing(outcome, clean), (
                f"{where}, and nothing was said of it: raise, or PartlyRead where the rest can be read"
            )
            assert outcome.error is None or isinstance(outcome.error, RetryLater | PartlyRead), (
                f"{where}, which became {type(outcome.error).__name__}: {outcome.error}"
            )
            _no_zero(clean, outcome, where)

    def test_a_failed_request_never_writes_zero(self, feed: str) -> None:
        """Whatever fails and however, no asset is said to be gone, and none to be zero."""
        clean, asked = self.clean(feed)
        for number in range(1, min(len(asked), self.most_runs // 3 + 1) + 1):
            for body in _NONSENSE:
                outcome = self._with_one_failed(feed, number, Reply(body=body))
                _no_zero(
                    clean, outcome, f"{feed}: request {number} ({asked[number - 1].path}) answered {body.decode()}"
                )

    def test_a_certificate_nobody_trusts_is_no_answer(self, target: str) -> None:
        """TLS fails → RetryLater."""
        if not self.clean(target)[1]:
            return
        with tempfile.TemporaryDirectory() as folder, Replay(certificate=certificate(Path(folder))) as source:
            outcome = self.call(self.harness(source), target)
            assert not source.asked, f"{target} talks to a source whose certificate nobody trusts"
        self._judge(target, Fault(name="tls", change=lambda reply: reply, error=RetryLater), outcome)

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _with_one_failed(self, target: str, number: int, instead: Reply | None = None) -> Outcome:
        seen = 0

        def change(_: Asked, reply: Reply) -> Reply:
            nonlocal seen
            seen += 1
            return reply if seen != number else instead or Reply(status=503)

        outcome, spun = self.altered(target, change)
        assert not spun, f"{target} asks without end after request {number} failed"
        return outcome

    def _judge(self, target: str, fault: Fault, outcome: Outcome) -> None:
        expected = self.faults.get(fault.name, fault.error)
        error = outcome.error
        warned = outcome.check is not None and (outcome.check.warnings or outcome.check.unread)
        if error is None:
            assert expected is None or (warned and expected is not AuthError), (
                f"{target} ends well although every request fails ({fault.name}): {fault.error.__name__} is expected"
            )
            return
        assert isinstance(error, expected or RetryLater), (
            f"{target}, fault {fault.name}: {(expected or RetryLater).__name__} is expected, "
            f"it raised {type(error).__name__}: {error}"
        )
        if fault.name == "429" and isinstance(error, RetryLater):
            assert error.after == WAIT, (
                f"{target}: the source said to wait {WAIT.seconds} s, the error says {error.after}: hand `after` on"
            )


def _says_more(outcome: Outcome, clean: Outcome) -> bool:
    if outcome.check is not None and clean.check is not None:
        return outcome.check != clean.check
    return (outcome.said, outcome.ran.log) != (clean.said, clean.ran.log)


def _lost_nothing(outcome: Outcome, clean: Outcome) -> bool:
    """Say whether all was read in spite of it: the connector asked again, or could do without."""
    return outcome.check is None and rows(outcome.ran.batches) == rows(clean.ran.batches)


def _no_zero(clean: Outcome, outcome: Outcome, where: str) -> None:
    """Check that what was held in the clean run is not said to be gone."""
    held = {
        (one.account, one.asset)
        for batch in clean.ran.batches
        if batch.covers is not Covers.NOTHING
        for one in batch.records
        if isinstance(one, Snapshot) and one.quantity != Decimal(0)
    }
    for one in outcome.ran.of(Snapshot):
        assert one.quantity or (one.account, one.asset) not in held, (
            f"{where}: {one.asset} of {one.account} became zero; what cannot be read keeps its last value"
        )
    for accounts, found in claimed(outcome.ran.batches):
        whole: Collection[tuple[str, str]] = held if accounts is None else [one for one in held if one[0] in accounts]
        missing = [f"{asset} of {account}" for account, asset in whole if (account, asset) not in found]
        assert not missing, (
            f"{where}, and a batch claims to be the whole truth without {', '.join(missing)}, which then counts as zero"
        )
