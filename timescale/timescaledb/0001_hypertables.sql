-- Where TimescaleDB is there: the same tables as hypertables, old parts in columnstore. Safe to run again.
-- Columnstore starts behind the longest window that sources re-read (90 days), because late rows into it are slow.

SELECT create_hypertable('raw.snapshot', by_range('at', INTERVAL '30 days'), if_not_exists => true, migrate_data => true);
SELECT create_hypertable('raw.rate', by_range('at', INTERVAL '365 days'), if_not_exists => true, migrate_data => true);
SELECT create_hypertable('derived.snapshot_hourly', by_range('hour', INTERVAL '90 days'), if_not_exists => true, migrate_data => true);
SELECT create_hypertable('derived.snapshot_daily', by_range('day', INTERVAL '365 days'), if_not_exists => true, migrate_data => true);
SELECT create_hypertable('derived.income_daily', by_range('day', INTERVAL '365 days'), if_not_exists => true, migrate_data => true);
SELECT create_hypertable('derived.metric', by_range('at', INTERVAL '90 days'), if_not_exists => true, migrate_data => true);

ALTER TABLE raw.snapshot SET (
    timescaledb.compress, timescaledb.compress_segmentby = 'tenant_id, series_id', timescaledb.compress_orderby = 'at');
SELECT add_compression_policy('raw.snapshot', INTERVAL '90 days', if_not_exists => true);
ALTER TABLE derived.snapshot_hourly SET (
    timescaledb.compress, timescaledb.compress_segmentby = 'tenant_id, series_id', timescaledb.compress_orderby = 'hour');
SELECT add_compression_policy('derived.snapshot_hourly', INTERVAL '365 days', if_not_exists => true);
