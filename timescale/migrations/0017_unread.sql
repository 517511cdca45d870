-- What counts of an account whose balance nobody reads was said in each view that adds accounts up.

CREATE VIEW derived.unread_account WITH (security_barrier = true) AS
SELECT a.tenant_id, a.connection, a.account, coalesce(a.name, a.account) AS name, a.kind
FROM derived.known_account a
WHERE a.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND (a.kind = 'broker' OR a.kind LIKE 'wallet%')
    AND NOT EXISTS (
        SELECT FROM raw.series s
        JOIN derived.snapshot_daily d ON d.tenant_id = s.tenant_id AND d.series_id = s.id
        WHERE s.tenant_id = a.tenant_id AND s.connection = a.connection AND s.account = a.account)
    AND NOT EXISTS (
        SELECT FROM derived.account_left_out o
        WHERE o.tenant_id = a.tenant_id AND o.connection = a.connection AND o.account = a.account);
COMMENT ON VIEW derived.unread_account IS 'Accounts of brokers and exchanges that count and of which no balance was ever read: what was bought, sold and moved tells what is there.';
GRANT SELECT ON derived.unread_account TO flowd_app;
