Statements that keep derived.metric: the numbers one analytic derives, for a stretch of time.

-- name: work
CREATE TEMPORARY TABLE IF NOT EXISTS work_metric (
    subject text, name text, "window" text, at timestamptz, value numeric, unit text) ON COMMIT DELETE ROWS

-- name: clear
DELETE FROM work_metric

-- name: copy
COPY work_metric (subject, name, "window", at, value, unit) FROM STDIN

-- name: delete_gone
DELETE FROM app.metric m
WHERE m.tenant_id = %(tenant)s AND m.analytic = %(analytic)s AND m.at >= %(since)s AND m.at < %(until)s
    AND (%(subject)s::text IS NULL OR m.subject = %(subject)s)
    AND NOT EXISTS (
        SELECT FROM work_metric n
        WHERE n.subject = m.subject AND n.name = m.name AND n."window" = m."window" AND n.at = m.at)

-- name: upsert
INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT %(tenant)s, %(analytic)s, n.subject, n.name, n."window", n.at, trim_scale(n.value), n.unit
FROM work_metric n
WHERE n.at >= %(since)s AND n.at < %(until)s
ORDER BY n.subject, n.name, n."window", n.at
ON CONFLICT (tenant_id, analytic, subject, name, "window", at) DO UPDATE
    SET value = excluded.value, unit = excluded.unit
    WHERE (app.metric.value, app.metric.unit) IS DISTINCT FROM (excluded.value, excluded.unit)
