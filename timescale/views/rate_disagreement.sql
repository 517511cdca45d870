CREATE OR REPLACE VIEW report.rate_disagreement WITH (security_barrier = true) AS
-- From pair and source to the next by the key: the table may hold millions of rates, and few sources.
WITH RECURSIVE line AS (
    SELECT first.* FROM ops.tenant t
    CROSS JOIN LATERAL (
        SELECT r.tenant_id, r.base, r.quote, r.source FROM raw.rate r
        WHERE r.tenant_id = t.id ORDER BY r.base, r.quote, r.source LIMIT 1
    ) first
    WHERE t.id = ANY ((SELECT ops.visible_tenants())::int[])
    UNION ALL
    SELECT next.* FROM line l
    CROSS JOIN LATERAL (
        SELECT r.tenant_id, r.base, r.quote, r.source FROM raw.rate r
        WHERE r.tenant_id = l.tenant_id AND (r.base, r.quote, r.source) > (l.base, l.quote, l.source)
        ORDER BY r.base, r.quote, r.source LIMIT 1
    ) next
), newest AS (
    SELECT l.tenant_id, l.base, l.quote, stated.value, stated.at,
        max(stated.at) OVER (PARTITION BY l.tenant_id, l.base, l.quote) AS last_at
    FROM line l
    CROSS JOIN LATERAL (
        SELECT r.value, r.at FROM raw.rate r
        WHERE r.tenant_id = l.tenant_id AND r.base = l.base AND r.quote = l.quote AND r.source = l.source
        ORDER BY r.at DESC LIMIT 1
    ) stated
)
SELECT n.base, n.quote, count(*)::int AS sources, min(n.value) AS lowest, max(n.value) AS highest,
    max(n.value) / min(n.value) - 1 AS disagreement, min(n.at) AS since, t.name AS tenant
FROM newest n
JOIN ops.tenant t ON t.id = n.tenant_id
WHERE n.last_at - n.at <= interval '2 hours'
GROUP BY t.name, n.base, n.quote
HAVING count(*) > 1;

COMMENT ON VIEW report.rate_disagreement IS 'Pairs that two or more sources stated within two hours of the newest, and by how much they differ.';
COMMENT ON COLUMN report.rate_disagreement.base IS 'What is priced.';
COMMENT ON COLUMN report.rate_disagreement.quote IS 'What it is priced in.';
COMMENT ON COLUMN report.rate_disagreement.sources IS 'How many sources stated it.';
COMMENT ON COLUMN report.rate_disagreement.lowest IS 'The lowest of their newest rates.';
COMMENT ON COLUMN report.rate_disagreement.highest IS 'The highest of their newest rates.';
COMMENT ON COLUMN report.rate_disagreement.disagreement IS 'The highest over the lowest, less one: 0.02 is two per cent.';
COMMENT ON COLUMN report.rate_disagreement.since IS 'When the oldest of these rates was stated.';
COMMENT ON COLUMN report.rate_disagreement.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.rate_disagreement TO flowd_app, flowd_report, flowd_admin;
