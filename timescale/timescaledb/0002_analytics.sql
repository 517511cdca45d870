-- Where TimescaleDB is there: performance and what was foretold as hypertables. Safe to run again.

SELECT create_hypertable('derived.performance', by_range('day', INTERVAL '365 days'), if_not_exists => true, migrate_data => true);
SELECT create_hypertable('raw.projection', by_range('made_on', INTERVAL '90 days'), if_not_exists => true, migrate_data => true);

ALTER TABLE raw.projection SET (
    timescaledb.compress, timescaledb.compress_segmentby = 'tenant_id, scope, name',
    timescaledb.compress_orderby = 'made_on, span, for_day');
SELECT add_compression_policy('raw.projection', INTERVAL '90 days', if_not_exists => true);
