-- What commands read of projections, how they turned out, and goals: report views only, as the service.

-- name: projected_days
SELECT day AS first, day AS last, p05, p10, p25, p50, p75, p90, p95, mean, made_on, base_currency AS currency
FROM report.projection WHERE scope = %(scope)s AND name = %(name)s
ORDER BY day

-- name: projected_months
SELECT month AS first, until AS last, p05, p10, p25, p50, p75, p90, p95, mean, made_on, base_currency AS currency
FROM report.projection_month WHERE scope = %(scope)s AND name = %(name)s
ORDER BY month

-- name: projected_sums
SELECT made_on AS first, until AS last, p05, p10, p25, p50, p75, p90, p95, mean, made_on, base_currency AS currency
FROM report.projection_sum WHERE scope = %(scope)s AND name = %(name)s
ORDER BY horizon

-- name: projection_models
-- Everything first, then groups, then streams.
SELECT scope, name, label, method, reason, short, history_days, origins, confidence, coverage, error, parts
FROM report.projection_model
ORDER BY array_position(ARRAY['total', 'group', 'stream'], scope), name COLLATE "C"

-- name: came
-- What is not known of a day counts as nothing, as it does in the projection of the month.
SELECT coalesce(sum(received_base), 0) AS came
FROM report.income
WHERE day BETWEEN %(since)s AND %(until)s
    AND (%(scope)s = 'total' OR (%(scope)s = 'group' AND grp = %(name)s) OR (%(scope)s = 'stream' AND stream = %(name)s))

-- name: streams
SELECT stream, name, grp AS "group" FROM report.stream ORDER BY stream COLLATE "C"

-- name: accuracy
-- Over all months: shares are weighed by what was scored in each.
SELECT horizon, sum(scored)::int AS scored,
    round(sum(coverage_80 * scored) / sum(scored), 4) AS coverage_80,
    round(sum(within_20 * scored) / sum(scored), 4) AS within_20,
    round(sum(mape * scored) / nullif(sum(scored) FILTER (WHERE mape IS NOT NULL), 0), 4) AS mape,
    min(month) AS since
FROM report.projection_accuracy
WHERE scope = %(scope)s AND name = %(name)s
GROUP BY horizon
HAVING sum(scored) > 0
ORDER BY horizon

-- name: goals
SELECT goal, kind, amount, currency, scope, name, label, by_day, since, as_of, current, progress, probability, reached_p10,
    reached_p50, reached_p90, needed, reason
FROM report.goal
ORDER BY goal COLLATE "C"
