-- How much room things take. The tables are those of all tenants together, so their size is told only where there is one
-- tenant: of several, each would learn how busy the others are.
-- A table's parts are counted with it; those that TimescaleDB has compressed it keeps elsewhere, which is the rest.
CREATE OR REPLACE VIEW report.storage WITH (security_barrier = true) AS
WITH RECURSIVE part AS (
    SELECT kept.place, kept.what, kept.stored::oid AS id
    FROM (VALUES
        (1, 'Readings', 'raw.snapshot'::regclass), (1, 'Readings', 'raw.series'),
        (2, 'Exchange rates', 'raw.rate'),
        (3, 'Events: all that sources said of transactions, trades and accounts', 'raw.event'),
        (4, 'Projections as they were said', 'raw.projection'),
        (5, 'Transactions and trades', 'derived.transaction'), (5, 'Transactions and trades', 'derived.trade'),
        (5, 'Transactions and trades', 'derived.flow'),
        (6, 'Readings by hour and day', 'derived.snapshot_hourly'), (6, 'Readings by hour and day', 'derived.snapshot_daily'),
        (7, 'Income by day', 'derived.income_daily'),
        (8, 'Returns and statistics', 'derived.performance'), (8, 'Returns and statistics', 'derived.metric'),
        (9, 'Balances and counterparties', 'derived.balance_day'), (9, 'Balances and counterparties', 'derived.balance'),
        (9, 'Balances and counterparties', 'derived.counterparty_month'),
        (9, 'Balances and counterparties', 'derived.transfer'),
        (10, 'Positions and gains', 'derived.position_day'), (10, 'Positions and gains', 'derived.realised'),
        (10, 'Positions and gains', 'derived.position'), (10, 'Positions and gains', 'derived.lot'),
        (10, 'Positions and gains', 'ops.position_mark'),
        (11, 'Activity log', 'ops.run')
    ) kept (place, what, stored)
    UNION ALL
    SELECT p.place, p.what, i.inhrelid
    FROM part p
    JOIN pg_catalog.pg_inherits i ON i.inhparent = p.id
), told AS (
    SELECT count(*) = 1 AS alone FROM ops.tenant
), measured AS (
    SELECT p.place, p.what,
        sum(CASE WHEN told.alone THEN pg_catalog.pg_total_relation_size(p.id) END)::bigint AS bytes,
        (sum(c.reltuples) FILTER (WHERE told.alone AND c.reltuples >= 0))::bigint AS rows
    FROM part p
    JOIN pg_catalog.pg_class c ON c.oid = p.id
    CROSS JOIN told
    GROUP BY p.place, p.what
), whole AS (
    SELECT CASE WHEN told.alone AND has_database_privilege(current_database(), 'CONNECT')
        THEN pg_catalog.pg_database_size(current_database()) END AS bytes
    FROM told
)
SELECT s.what, s.bytes, s.rows, t.name AS tenant
FROM ops.tenant t
CROSS JOIN (
    SELECT m.what, m.bytes, m.rows FROM measured m
    UNION ALL
    SELECT 'The rest', (SELECT w.bytes FROM whole w) - (SELECT sum(m.bytes)::bigint FROM measured m), NULL
    UNION ALL
    SELECT 'Everything', w.bytes, NULL FROM whole w
) s
WHERE t.id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.storage IS 'How much room everything takes in the database.';
COMMENT ON COLUMN report.storage.what IS 'What is kept; The rest is everything not named here, Everything is the whole database.';
COMMENT ON COLUMN report.storage.bytes IS 'How many bytes it takes with its indexes; NULL where several tenants share the tables.';
COMMENT ON COLUMN report.storage.rows IS 'How many rows there are, as the server estimated it last; NULL where it has not, or bytes is NULL.';
COMMENT ON COLUMN report.storage.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.storage TO flowd_app, flowd_report, flowd_admin;
