"""A Patreon that tests write: campaigns, and members with their histories, page by page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowd.testing.harness import Harness, MemoryTokens
from flowd.testing.replay import Asked, Replay, Reply
from flowd_patreon import CONNECTOR

TOKEN = "creatorTokenSecretSecret"
SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "apis" / "patreon"


class FakePatreon:
    """What is in `members` is answered by campaign, `page` at a time; `tokens` are those that are let in."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.campaigns: list[dict[str, Any]] = [campaign("11539233")]
        self.members: dict[str, list[tuple[dict[str, Any], list[dict[str, Any]]]]] = {"11539233": []}
        self.tokens: set[str] | None = {TOKEN}
        self.refreshes: list[str] = []
        self.closed: set[str] = set()
        self.page = 500
        replay.otherwise(self.answer)

    def answer(self, asked: Asked) -> Reply:
        """Answer as Patreon does."""
        if asked.path == "/api/oauth2/token":
            return self._token(asked)
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens is not None and given not in self.tokens:
            return error(401, "The server could not verify that you are authorized")
        name = asked.path.removeprefix("/api/oauth2/v2/")
        if name == "campaigns":
            return Reply(body={"data": self.campaigns, "meta": {"pagination": {"total": len(self.campaigns)}}})
        _, number, _ = name.split("/")
        if number in self.closed:
            return error(403, "You do not have permission to view these members")
        return self._members(asked, self.members[number])

    def _members(self, asked: Asked, members: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> Reply:
        cursor = asked.query.get("page[cursor]", "c0")
        first = int(cursor[1:])
        if first > len(members):
            return error(400, "Invalid cursor")
        shown = members[first : first + self.page]
        following = f"c{first + self.page}" if first + self.page < len(members) else None
        pagination = {"cursors": {"next": following}, "total": len(members)}
        body: dict[str, Any] = {"data": [one for one, _ in shown], "meta": {"pagination": pagination}}
        body["included"] = [event for _, events in shown for event in events]
        return Reply(body=body)

    def _token(self, asked: Asked) -> Reply:
        form = asked.form
        if form.get("client_secret") != "clientSecret" or form.get("refresh_token") == "spent":
            return Reply(status=401, body={"error": "invalid_grant"})
        self.refreshes.append(form.get("refresh_token", form.get("code", "")))
        number = len(self.refreshes)
        if self.tokens is not None:
            self.tokens = {f"access-{number}"}
        return Reply(
            body={
                "access_token": f"access-{number}",
                "refresh_token": f"refresh-{number}",
                "expires_in": 2678400,
                "token_type": "Bearer",
            }
        )

    def add(self, name: str, *history: dict[str, Any], campaign: str = "11539233", **fields: Any) -> None:
        """Add a member who pays 5.00 a month, with a history."""
        attributes = {
            "full_name": f"Patron {name} \U0001f98a",
            "patron_status": "active_patron",
            "currently_entitled_amount_cents": 500,
            "will_pay_amount_cents": 500,
            "campaign_lifetime_support_cents": 1500,
            "last_charge_date": "2026-02-01T08:00:00.000+00:00",
            "last_charge_status": "Paid",
            "pledge_cadence": 1,
            "pledge_relationship_start": "2026-01-03T10:00:00.000+00:00",
            "is_free_trial": False,
            "is_gifted": False,
            **fields,
        }
        data = [{"id": one["id"], "type": "pledge-event"} for one in history]
        member = {
            "id": f"member-{name}",
            "type": "member",
            "attributes": attributes,
            "relationships": {"pledge_history": {"data": data}},
        }
        self.members[campaign].append((member, list(history)))

    def harness(self, tokens: MemoryTokens | None = None, **config: Any) -> Harness:
        """A connection to it: with a creator's token, or with `tokens` that were linked."""
        access = {"access_token": TOKEN} if tokens is None else {"client_id": "me", "client_secret": "clientSecret"}
        return Harness(CONNECTOR, {**access, "url": self.replay.url, **config}, tokens=tokens)


def campaign(number: str, **fields: Any) -> dict[str, Any]:
    """A campaign."""
    attributes = {"creation_name": f"creating things {number}", "is_monthly": True, "patron_count": 3, **fields}
    return {"id": number, "type": "campaign", "attributes": attributes}


def pledge(
    number: int, at: str, what: str = "subscription", status: str | None = "Paid", **fields: Any
) -> dict[str, Any]:
    """An event of a history: a payment of 5.00 USD, unless told otherwise."""
    attributes = {
        "type": what,
        "date": f"{at}T08:00:00.000+00:00",
        "amount_cents": 500,
        "currency_code": "USD",
        "payment_status": status,
        "tier_title": "Bib",
        **fields,
    }
    return {"id": f"{what}:{number}", "type": "pledge-event", "attributes": attributes}


def error(status: int, detail: str, **more: Any) -> Reply:
    """An error as Patreon says it."""
    return Reply(status=status, body={"errors": [{"status": str(status), "title": "Error", "detail": detail, **more}]})
