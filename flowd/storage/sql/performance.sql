Statements that keep derived.performance: what portfolios were worth at the end of each day, and why that changed.

-- name: work
CREATE TEMPORARY TABLE IF NOT EXISTS work_performance (
    scope text, name text, day date, value numeric, flow numeric, pnl numeric, day_return numeric, income numeric,
    price numeric, fx numeric, fees numeric, other numeric, quality text, reason text, PRIMARY KEY (scope, name, day)
) ON COMMIT DELETE ROWS

-- name: clear
TRUNCATE work_performance

-- name: copy
COPY work_performance FROM STDIN

-- name: accounts
SELECT DISTINCT account FROM raw.series WHERE tenant_id = %(tenant)s AND connection = %(connection)s
UNION
SELECT account FROM derived.known_account WHERE tenant_id = %(tenant)s AND connection = %(connection)s

-- name: first_day
SELECT min(d.day)
FROM raw.series r
CROSS JOIN LATERAL (
    SELECT b.day FROM app.snapshot_daily b
    WHERE b.tenant_id = %(tenant)s AND b.series_id = r.id ORDER BY b.day LIMIT 1
) d
WHERE r.tenant_id = %(tenant)s AND r.connection = %(connection)s AND r.account NOT IN (
    SELECT o.account FROM derived.account_left_out o
    WHERE o.tenant_id = %(tenant)s AND o.connection = %(connection)s)

-- name: delete_gone
WITH changed AS (
    DELETE FROM app.performance p
    WHERE p.tenant_id = %(tenant)s AND p.scope = %(scope)s AND p.day BETWEEN %(since)s AND %(until)s
        AND (%(names)s::text[] IS NULL OR p.name = ANY (%(names)s::text[]))
        AND NOT EXISTS (
            SELECT FROM work_performance n WHERE n.scope = p.scope AND n.name = p.name AND n.day = p.day)
    RETURNING p.day
)
SELECT count(*), count(*) FILTER (WHERE day <> %(today)s) FROM changed

-- name: upsert
WITH changed AS (
    INSERT INTO app.performance (
        tenant_id, scope, name, day, value, flow, pnl, day_return, income, price, fx, fees, other, base_currency, quality,
        reason)
    SELECT %(tenant)s, n.scope, n.name, n.day, trim_scale(n.value), trim_scale(n.flow), trim_scale(n.pnl),
        trim_scale(n.day_return), trim_scale(n.income), trim_scale(n.price), trim_scale(n.fx), trim_scale(n.fees),
        trim_scale(n.other), %(base)s, n.quality, n.reason
    FROM work_performance n
    ORDER BY n.scope, n.name, n.day
    ON CONFLICT (tenant_id, scope, name, day) DO UPDATE
        SET value = excluded.value, flow = excluded.flow, pnl = excluded.pnl, day_return = excluded.day_return,
            income = excluded.income, price = excluded.price, fx = excluded.fx, fees = excluded.fees,
            other = excluded.other, base_currency = excluded.base_currency, quality = excluded.quality,
            reason = excluded.reason
        WHERE (app.performance.value, app.performance.flow, app.performance.pnl, app.performance.day_return,
                app.performance.income, app.performance.price, app.performance.fx, app.performance.fees,
                app.performance.other, app.performance.base_currency, app.performance.quality, app.performance.reason)
            IS DISTINCT FROM (excluded.value, excluded.flow, excluded.pnl, excluded.day_return, excluded.income,
                excluded.price, excluded.fx, excluded.fees, excluded.other, excluded.base_currency, excluded.quality,
                excluded.reason)
    RETURNING day
)
SELECT count(*), count(*) FILTER (WHERE day <> %(today)s) FROM changed
