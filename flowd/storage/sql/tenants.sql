-- name: upsert
INSERT INTO ops.tenant AS t (name, base_currency, timezone) VALUES (%(name)s, %(base_currency)s, %(timezone)s)
ON CONFLICT (name) DO UPDATE SET base_currency = excluded.base_currency, timezone = excluded.timezone
    WHERE (t.base_currency, t.timezone) IS DISTINCT FROM (excluded.base_currency, excluded.timezone)

-- name: find
SELECT id, base_currency, timezone FROM ops.tenant WHERE name = %s FOR UPDATE

-- name: role_exists
SELECT FROM pg_catalog.pg_roles WHERE rolname = %s

-- name: connect_login
INSERT INTO ops.login (role, tenant_id) SELECT %s, id FROM ops.tenant WHERE name = %s
ON CONFLICT (role) DO UPDATE SET tenant_id = excluded.tenant_id

-- name: login_of_other
SELECT t.name FROM ops.login l JOIN ops.tenant t ON t.id = l.tenant_id WHERE l.role = %s AND t.name <> %s
