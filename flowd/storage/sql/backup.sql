What a backup reads and a restore writes. Names of tables and columns are put in by the code, which knows them from the
database itself.

-- name: one_view
-- Everything is read as it was at one moment, whatever is written meanwhile.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: plain_texts
SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'postgres';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1

-- name: tenant
SELECT name, base_currency, timezone FROM ops.tenant WHERE id = %(tenant)s

-- name: migrations
SELECT name FROM ops.migration WHERE name LIKE 'migrations/%%' ORDER BY name

-- name: columns
SELECT a.attname FROM pg_catalog.pg_attribute a
WHERE a.attrelid = %(relation)s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attname <> 'tenant_id'
ORDER BY a.attnum

-- name: advance
-- Numbers given from now on are higher than those that were restored.
SELECT setval(pg_get_serial_sequence(%(relation)s, %(column)s), greatest(
    nextval(pg_get_serial_sequence(%(relation)s, %(column)s)), %(highest)s::bigint))
