Statements that keep derived.counterparty_month in step with derived.flow and with rates, some months at a time.

-- name: work
CREATE TEMPORARY TABLE IF NOT EXISTS work_counterparty (LIKE derived.counterparty_month) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_counterparty_rate (asset text, day date, value numeric) ON COMMIT DELETE ROWS

-- name: connections
-- Named one by one they lead to the days through the index.
WITH RECURSIVE known AS (
    (SELECT connection FROM derived.flow WHERE tenant_id = %(tenant)s ORDER BY connection LIMIT 1)
    UNION ALL
    SELECT next.connection FROM known k
    CROSS JOIN LATERAL (
        SELECT f.connection FROM derived.flow f
        WHERE f.tenant_id = %(tenant)s AND f.connection > k.connection ORDER BY f.connection LIMIT 1
    ) next
)
SELECT connection FROM known

-- name: any_foreign
SELECT EXISTS (
    SELECT FROM derived.flow f
    WHERE f.tenant_id = %(tenant)s AND f.connection = ANY(%(connections)s) AND f.day BETWEEN %(since)s AND %(until)s
        AND f.asset <> %(base)s
)

-- name: foreign_days
SELECT DISTINCT f.asset, f.day FROM derived.flow f
WHERE f.tenant_id = %(tenant)s AND f.connection = ANY(%(connections)s) AND f.day BETWEEN %(since)s AND %(until)s
    AND f.asset <> %(base)s
ORDER BY f.asset, f.day

-- name: copy_rates
COPY work_counterparty_rate FROM STDIN

-- name: gather
INSERT INTO work_counterparty (
    tenant_id, month, direction, name, flow_class, stream, own, asset, amount, amount_base, base_currency, count, first_day,
    last_day)
SELECT %(tenant)s, date_trunc('month', f.day::timestamp)::date, CASE WHEN f.amount > 0 THEN 'in' ELSE 'out' END, f.payer,
    f.flow_class, f.stream, f.rule LIKE 'both legs%%', f.asset, trim_scale(sum(f.amount)),
    CASE WHEN f.asset = %(base)s THEN trim_scale(round(sum(f.amount), 8))
        WHEN bool_and(r.value IS NOT NULL) THEN trim_scale(round(sum(f.amount * r.value), 8)) END,
    %(base)s, count(*), min(f.day), max(f.day)
FROM derived.flow f
LEFT JOIN work_counterparty_rate r ON r.asset = f.asset AND r.day = f.day
WHERE f.tenant_id = %(tenant)s AND f.connection = ANY(%(connections)s) AND f.day BETWEEN %(since)s AND %(until)s
GROUP BY 2, 3, 4, 5, 6, 7, 8

-- name: count_work
ANALYZE work_counterparty

-- name: delete
DELETE FROM derived.counterparty_month c
WHERE c.tenant_id = %(tenant)s AND c.month BETWEEN %(since)s AND %(until)s AND NOT EXISTS (
    SELECT FROM work_counterparty w
    WHERE w.month = c.month AND w.direction = c.direction AND w.name = c.name AND w.flow_class = c.flow_class
        AND w.own = c.own AND w.asset = c.asset AND w.amount = c.amount AND w.base_currency = c.base_currency
        AND w.count = c.count AND w.first_day = c.first_day AND w.last_day = c.last_day
        AND w.stream IS NOT DISTINCT FROM c.stream AND w.amount_base IS NOT DISTINCT FROM c.amount_base
)

-- name: insert
INSERT INTO derived.counterparty_month
SELECT w.* FROM work_counterparty w
WHERE NOT EXISTS (
    SELECT FROM derived.counterparty_month c
    WHERE c.tenant_id = %(tenant)s AND c.month BETWEEN %(since)s AND %(until)s
        AND w.month = c.month AND w.direction = c.direction AND w.name = c.name AND w.flow_class = c.flow_class
        AND w.own = c.own AND w.asset = c.asset AND w.stream IS NOT DISTINCT FROM c.stream
)
ORDER BY w.month

-- name: clear
TRUNCATE work_counterparty, work_counterparty_rate
