"""The connector: a creator's campaigns, and the members of each with their whole history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from flowd.api import (
    AccountInfo,
    AccountKind,
    AuthError,
    Batch,
    Check,
    ConfigError,
    Context,
    Cursor,
    Json,
    Linked,
    LinkStep,
    PartlyRead,
    RetryLater,
)
from flowd_patreon.config import PatreonConfig
from flowd_patreon.members import EVENT_FIELDS, MEMBER_FIELDS, Campaign, Reader, campaign_of, included_of
from flowd_patreon.shape import listed
from flowd_patreon.source import CursorGone, Source, application

_MEMBERS: Final = {
    "include": "pledge_history",
    "fields[member]": MEMBER_FIELDS,
    "fields[pledge-event]": EVENT_FIELDS,
    "page[count]": "500",
}
#: A run stops at the next page when so little time is left.
_SHORT: Final = timedelta(seconds=10)


class Patreon:
    """A creator's memberships."""

    def __init__(self, config: PatreonConfig) -> None:
        self.config = config

    def check(self, ctx: Context) -> Check:
        """Ask for the campaigns."""
        found = self._campaigns(Source(self.config, ctx))
        names = ", ".join(one.name for one in found)
        warnings = [] if found else ["this login has no campaign: use the account of the creator"]
        if self.config.access_token is not None:
            warnings.append("a creator's token ends after a month; `flowd link` obtains one that is renewed")
        return Check(
            summary=f"{len(found)} campaign{'' if len(found) == 1 else 's'} of Patreon: {names}"
            if found
            else "no campaign",
            permissions=["read campaigns", "read members"],
            covers=[one.name for one in found],
            unread=["payouts to the bank: Patreon's API has none", "fees of each payment: Patreon's API has none"],
            warnings=warnings,
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - only one
        """Yield the members of each campaign, page by page, all of them each time: Patreon cannot say what changed."""
        source = Source(self.config, ctx)
        data: Mapping[str, Any] = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
        campaigns = self._campaigns(source)
        ids = [one.id for one in campaigns]
        going_on = data.get("campaign") in ids
        missing: list[str] = []
        refused: list[AuthError] = []
        for number, campaign in enumerate(campaigns):
            if going_on and number < ids.index(data["campaign"]):
                continue
            page = data.get("page") if going_on and campaign.id == data["campaign"] else None
            following = ids[number + 1] if number + 1 < len(ids) else None
            reader = Reader(campaign, self.config, ctx.tick)
            try:
                for batch in _members(source, campaign, reader, page if isinstance(page, str) else None, following):
                    yield batch
                    if batch.cursor is not None and batch.cursor.data and ctx.time_left() < _SHORT:
                        return
            except AuthError as error:
                refused.append(error)
                missing.append(f"{campaign.name}: {error}")
            if reader.incomplete:
                missing.append(f"{campaign.name}: the history of {reader.incomplete} members is not whole")
        if refused and len(refused) == len(campaigns):
            raise refused[0]
        if missing:
            raise PartlyRead("; ".join(missing))

    # --- Linking -----------------------------------------------------------------------------------------------------

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:  # noqa: ARG002 - the interface's
        """Return the address of Patreon's page on which the creator agrees."""
        return application(self.config).begin(redirect, state)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        """Turn the code that Patreon sent back into tokens."""
        return application(self.config).finish(answer, step, ctx, summary="linked with Patreon")

    def _campaigns(self, source: Source) -> list[Campaign]:
        """Return the creator's campaigns, by number: the one that is configured, or all."""
        params = {"fields[campaign]": "creation_name,vanity,is_monthly,patron_count"}
        found = {}
        for answer, _ in source.pages("campaigns", params):
            for thing in listed(answer, "data", "campaigns"):
                found[thing.id] = campaign_of(thing)
        chosen = self.config.campaign
        if chosen is not None and chosen not in found:
            raise ConfigError(
                f"campaign: this login has no campaign {chosen}; it has {', '.join(sorted(found)) or 'none'}"
            )
        return [found[name] for name in sorted(found, key=lambda name: (len(name), name)) if chosen in (None, name)]


def _members(
    source: Source, campaign: Campaign, reader: Reader, page: str | None, following: str | None
) -> Iterator[Batch]:
    where = f"campaigns/{campaign.id}/members"
    info = AccountInfo(account=campaign.account, name=f"Patreon: {campaign.name}"[:200], kind=AccountKind.PAYOUT)
    try:
        for answer, cursor in source.pages(where, _MEMBERS, page):
            records = list(reader.records(listed(answer, "data", where), included_of(answer, where)))
            data: dict[str, Json] = {"campaign": campaign.id, "page": cursor}
            if cursor is None:
                # The campaign is read; after the last one the next run begins anew.
                data = {} if following is None else {"campaign": following, "page": None}
            yield Batch(records=[info, *records], cursor=Cursor(data=data))
    except CursorGone as error:
        if page is None:
            raise RetryLater(str(error)) from None
        # the page to go on with is not there any more: the campaign is read again
        yield from _members(source, campaign, reader, None, following)
