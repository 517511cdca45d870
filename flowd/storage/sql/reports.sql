-- What the command line and the daemon's summary read: report views only, as the service, for the session's tenant.

-- name: income
-- One row per period and stream, the newest period last: what is known, and partial where something is not.
SELECT
    date_trunc(%(bucket)s, i.day::timestamp)::date AS period,
    i.stream,
    i.name,
    i.grp AS "group",
    i.currency,
    sum(i.received) AS received,
    sum(i.earned) AS earned,
    sum(i.received_base) AS received_base,
    sum(i.earned_base) AS earned_base,
    i.base_currency,
    (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[greatest(
        max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], i.quality)),
        CASE WHEN bool_or(i.received_base IS NULL OR i.earned_base IS NULL) THEN 4 END)] AS quality
FROM report.income i
WHERE i.day BETWEEN %(since)s AND %(until)s
    AND (%(stream)s::text IS NULL OR i.stream = %(stream)s)
GROUP BY 1, 2, 3, 4, 5, 10
ORDER BY 1, 2, 5

-- name: today
SELECT today, base_currency, timezone FROM report.tenant

-- name: rates
SELECT stream, name, grp AS "group", base_currency, rate, rate_before, change, days, earned_30d, received_30d,
    last_receipt, quality
FROM report.daily_rate
ORDER BY rate DESC NULLS LAST, stream

-- name: connections
SELECT connection, feed, state, since, last_success, next_try, failures, late, reason, expires_at
FROM report.connection
ORDER BY connection, feed

-- name: activity
SELECT run, started_at, connection, feed, outcome, seconds, snapshots, rates, events, revised, unchanged,
    error_class, error
FROM report.activity
WHERE (%(connection)s::text IS NULL OR connection = %(connection)s)
    AND run > %(after)s
ORDER BY run DESC
LIMIT %(limit)s

-- name: returns
SELECT scope, name, "window", since, until, days, quality, reason, opening, closing, flow, pnl, pnl_pct, twr, twr_annual, xirr,
    mwr, volatility, sharpe, sortino, drawdown, max_drawdown, peak_day, trough_day, recovered_day, income, price, fx, fees,
    other, base_currency, label
FROM report.return_window
WHERE scope = %(scope)s
ORDER BY name, array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")

-- name: day_returns
SELECT name, day, day_return FROM report.performance
WHERE scope = %(scope)s AND day > %(since)s
ORDER BY name, day

-- name: missing
SELECT base, quote, first_day, last_day, days FROM report.rate_missing ORDER BY base, quote

-- name: disagreements
SELECT base, quote, sources, disagreement FROM report.rate_disagreement ORDER BY base, quote

-- name: studies
SELECT study, as_of, outdated FROM report.study ORDER BY study

-- name: waiting
SELECT count(*) FROM ops.pending

-- name: states
-- How every stream, every group and everything is doing, as of the last whole day.
SELECT scope, name, label, grp AS "group", as_of, health, health_reason, trend, trend_reason, slope, slope_pct, p_value,
    share, floor, volatility, cadence, next_due, next_amount, passive, tax_rate, tax_reserve, base_currency AS currency
FROM report.stream_state
ORDER BY array_position(ARRAY['stream', 'group', 'total'], scope), share DESC NULLS LAST, name

-- name: means
-- What a day earned on the mean, per window, as of the last whole day.
SELECT scope, name, "window", mean FROM report.statistic WHERE latest ORDER BY scope, name, "window"

-- name: resilience
SELECT as_of, hhi_streams, effective_streams, largest_stream, hhi_groups, effective_groups, largest_group, floor,
    floor_recurring, volatility, passive, expenses, covered, crossover, crossover_reason, cash, runway, runway_bare,
    runway_reason, unit AS currency
FROM report.resilience
WHERE latest

-- name: weeks
-- What each of the last weeks to `until` earned per day, per stream: NULL where more than half of it is not known. Days
-- without a row are zeros, also before the first.
SELECT stream, grp AS "group", (%(until)s::date - day) / 7 AS weeks_ago,
    CASE WHEN count(*) FILTER (WHERE earned_base IS NULL) < 4 THEN
        round(sum(earned_base) / (7 - count(DISTINCT day) FILTER (WHERE earned_base IS NULL)), 8)
    END AS earned
FROM report.income
WHERE day <= %(until)s AND day > %(until)s::date - 7 * %(weeks)s::int
GROUP BY 1, 2, 3
ORDER BY 1, 3

-- name: expected
-- What was due between two days, and what came of it.
SELECT stream, name, grp AS "group", payer, series, due, earliest, latest, amount, currency, source, state, received_on,
    received, days_late, difference, reason
FROM report.expected
WHERE due BETWEEN %(since)s AND %(until)s
ORDER BY due, stream, payer, series, currency

-- name: in_trouble
SELECT e.stream, e.state, count(*) AS receipts, max(e.due)::timestamp AT TIME ZONE t.timezone AS newest
FROM report.expected e
JOIN report.tenant t ON t.tenant = e.tenant
WHERE e.state IN ('late', 'missed', 'short') AND e.due > t.today - 90 AND e.due <= t.today
GROUP BY 1, 2, t.timezone
ORDER BY 1, 2

-- name: drawdowns
-- Over 90 days, or as long as it is known where that is less; of what is not known any more, nothing is said.
SELECT DISTINCT ON (w.scope, w.name) w.scope, w.name, -w.drawdown AS drawdown
FROM report.return_window w
WHERE w.scope IN ('connection', 'total') AND w."window" IN ('90d', 'total') AND w.drawdown IS NOT NULL
    AND w.quality <> 'stale'
ORDER BY w.scope, w.name, w."window"

-- name: goal_chances
SELECT goal, kind, probability FROM report.goal WHERE probability IS NOT NULL ORDER BY goal

-- name: foretold_rate
SELECT s.base_currency, s.p10 / 30 AS p10, s.p50 / 30 AS p50, s.p90 / 30 AS p90
FROM report.projection_sum s
JOIN report.tenant t ON t.tenant = s.tenant
WHERE s.scope = 'total' AND s.horizon = 30 AND s.made_on > t.today - 3

-- name: transfers_proposed
SELECT count(*)::int AS count FROM report.transfer WHERE state = 'proposed'

-- name: positions
SELECT connection, account, asset, method, quote, quantity, unexplained, opened, changed, cost, cost_fees, average_price,
    cost_base, price, price_day, value, value_base, unrealised, unrealised_base, unrealised_price, unrealised_fx, realised,
    realised_base, realised_price, realised_fx, dividends_base, interest_base, staking_base, other_base, fees_base, trades,
    base_currency, quality, reason
FROM report.position
WHERE method = %(method)s
ORDER BY connection, account, asset

-- name: gains
-- What is known, added up; `unknown` counts the rows that are left out of it.
SELECT extract(year FROM day)::int AS year, asset, held, sum(disposals) AS disposals, sum(quantity) AS quantity,
    sum(proceeds_base) FILTER (WHERE known) AS proceeds, sum(fee_base) FILTER (WHERE known) AS fee,
    sum(cost_base) FILTER (WHERE known) AS cost, sum(gain_base) AS gain, sum(price) FILTER (WHERE known) AS price,
    sum(fx) FILTER (WHERE known) AS fx, count(*) FILTER (WHERE NOT known) AS unknown, base_currency,
    (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
        max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS quality,
    coalesce(string_agg(DISTINCT reason, '; ') FILTER (WHERE reason <> ''), '') AS reason
FROM (
    SELECT *, gain_base IS NOT NULL AS known,
        CASE WHEN part = 'short' THEN 'owed' WHEN over_a_year THEN 'over a year' WHEN NOT over_a_year THEN 'up to a year'
            ELSE 'unknown' END AS held
    FROM report.realised
    WHERE method = %(method)s AND (%(since)s::date IS NULL OR day >= %(since)s)
        AND (%(until)s::date IS NULL OR day <= %(until)s)
) disposal
GROUP BY 1, 2, 3, base_currency
ORDER BY 1, 2, 3

-- name: balance_gaps
-- Those of the last year, by connection.
SELECT g.connection, count(*) AS gaps
FROM report.balance_gap g
JOIN report.tenant t ON t.tenant = g.tenant
WHERE g.what = 'gap' AND g.last_day > t.today - 365
GROUP BY g.connection
ORDER BY g.connection
