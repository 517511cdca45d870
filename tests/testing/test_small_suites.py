"""The suites of importers, rate providers, analytics and notifiers, on flowd's own, and on bad ones."""

from __future__ import annotations

from datetime import date

from flowd.api import RateQuery
from flowd.engine.notifiers import WebhookNotifier
from flowd.testing import NotifierSuite, RateSuite, Replay
from flowd_ecb.provider import BundledRates


class TestBundledRates(RateSuite):
    provider = BundledRates()
    query = RateQuery(base="USD", quote="CHF", days=[date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 4)])


class TestWebhook(NotifierSuite):
    notifier = WebhookNotifier()
    module = "flowd.engine.notifiers"

    def settings(self, source: Replay) -> dict[str, object]:
        return {"url": source.url + "/hook", "headers": {"authorization": self.secret}}
