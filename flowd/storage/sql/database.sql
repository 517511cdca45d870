-- name: prepare
SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO, YMD'; SET IntervalStyle TO 'postgres'; SET extra_float_digits TO 1;
SET default_transaction_isolation TO 'read committed'

-- name: facts
SELECT current_setting('server_version_num')::int, EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'timescaledb')

-- name: tenant
SELECT id FROM ops.tenant WHERE name = %s

-- name: writable
SELECT NOT pg_catalog.pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
