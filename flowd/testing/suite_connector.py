"""The conformance suite of connectors: one class to subclass, and what every connector must do is tested."""

from __future__ import annotations

from flowd.testing.suite_cases import CaseChecks
from flowd.testing.suite_extras import ExtraChecks
from flowd.testing.suite_faults import FaultChecks
from flowd.testing.suite_hostile import HostileChecks
from flowd.testing.suite_registration import RegistrationChecks
from flowd.testing.suite_runs import RunChecks
from flowd.testing.suite_secrets import SecretChecks


class ConnectorSuite(RegistrationChecks, SecretChecks, RunChecks, FaultChecks, HostileChecks, CaseChecks, ExtraChecks):
    """What every connector must do; subclass it in a test module, with `connector` set.

        class TestAcme(ConnectorSuite):
            connector = CONNECTOR

    With a sample.yaml and recorded answers in `cases/` nothing else is needed. `config` adds settings, `source()` gives
    another source, `settings(source)` other settings, `tokens` what a link obtained; see ConnectorSetup.
    """
