-- Returns of days are linked as long as there is one every day: a day without starts a new chain behind it, unless nothing
-- was there and nothing happened. The innermost query is sorted as the key is, and all windows divide by scope and name:
-- asking for one portfolio reads only its rows.

CREATE OR REPLACE VIEW report.performance WITH (security_barrier = true) AS
SELECT
    p.day,
    p.scope,
    p.name,
    p.value,
    p.flow,
    p.pnl,
    p.day_return,
    CASE WHEN p.linked THEN round((p.linked_to - 1)::numeric, 10) END                       AS twr,
    CASE WHEN p.linked THEN p.chain_since END                                               AS twr_since,
    CASE WHEN p.linked THEN round((p.linked_to / greatest(p.peak, 1) - 1)::numeric, 10) END AS drawdown,
    p.income,
    p.price,
    p.fx,
    p.fees,
    p.other,
    p.quality,
    p.reason,
    p.base_currency,
    t.name                                                                                  AS tenant
FROM (
    SELECT
        i.*,
        max(i.linked_to) OVER so_far                                                        AS peak,
        min(i.day) FILTER (WHERE i.linked) OVER so_far                                      AS chain_since
    FROM (
        SELECT
            c.*,
            exp(sum(CASE WHEN c.linked THEN ln((1 + coalesce(c.day_return, 0))::double precision) ELSE 0 END)
                OVER so_far)
                                                                                            AS linked_to
        FROM (
            SELECT
                d.*,
                l.linked,
                count(*) FILTER (WHERE NOT l.linked) OVER so_far                            AS chain
            FROM derived.performance d
            CROSS JOIN LATERAL (
                SELECT coalesce(d.day_return > -1, d.value = 0 AND d.flow = 0 AND d.pnl = 0, false) AS linked
            ) l
            WHERE d.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
            WINDOW so_far AS (PARTITION BY d.tenant_id, d.scope, d.name ORDER BY d.day)
        ) c
        WINDOW so_far AS (PARTITION BY c.tenant_id, c.scope, c.name, c.chain ORDER BY c.day)
    ) i
    WINDOW so_far AS (PARTITION BY i.tenant_id, i.scope, i.name, i.chain ORDER BY i.day)
) p
JOIN ops.tenant t ON t.id = p.tenant_id;

COMMENT ON VIEW report.performance IS 'What accounts, connections, groups and everything were worth at the end of each day, and why that changed: pnl = income + price + fx + fees + other.';
COMMENT ON COLUMN report.performance.day IS 'The day, in the tenant''s time zone.';
COMMENT ON COLUMN report.performance.scope IS 'What it is about: account, connection, group or total.';
COMMENT ON COLUMN report.performance.name IS 'CONNECTION/ACCOUNT, the connection''s or the group''s name; empty for the total.';
COMMENT ON COLUMN report.performance.value IS 'What it was worth at the end of the day, in base_currency; NULL where that is not known. Within a gap that is over: with the change spread.';
COMMENT ON COLUMN report.performance.flow IS 'Money that came from outside (below zero: left); what was there at the first reading came from outside.';
COMMENT ON COLUMN report.performance.pnl IS 'What it gained: change in value less flow.';
COMMENT ON COLUMN report.performance.day_return IS 'The same as a share of what was there the day before and came in since: 0.01 is one per cent. NULL where that is not above zero.';
COMMENT ON COLUMN report.performance.twr IS 'Time-weighted return since twr_since, as a share: the returns of the days linked; not per year.';
COMMENT ON COLUMN report.performance.twr_since IS 'The first day of the chain that twr links. A day without a return (unless nothing was there and nothing happened), or on which everything was lost, breaks it; the next begins a new one.';
COMMENT ON COLUMN report.performance.drawdown IS 'How far below its highest point since then, as a share: -0.2 is a fifth below.';
COMMENT ON COLUMN report.performance.income IS 'Of pnl: what the ledger states as income, such as realised_pnl, funding, staking, dividends, interest, rebates.';
COMMENT ON COLUMN report.performance.price IS 'Of pnl: what was held changed its price in the currency it is quoted in.';
COMMENT ON COLUMN report.performance.fx IS 'Of pnl: currencies changed, those held and those that assets are quoted in.';
COMMENT ON COLUMN report.performance.fees IS 'Of pnl: fees charged by themselves, below zero.';
COMMENT ON COLUMN report.performance.other IS 'Of pnl: the rest. Trades at another price than the day''s last, open positions, what the source does not state.';
COMMENT ON COLUMN report.performance.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';
COMMENT ON COLUMN report.performance.reason IS 'Why a number is NULL or less than exact, in words; else empty.';
COMMENT ON COLUMN report.performance.base_currency IS 'The currency of the amounts.';
COMMENT ON COLUMN report.performance.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.performance TO flowd_app, flowd_report, flowd_admin;
