What flowd knows of its own work: runs, cursors, health and budgets. Every statement runs for one tenant.

-- name: open_run
-- A run is entered once, also when the answer to its entry got lost and it is entered again.
WITH known AS (
    SELECT id FROM ops.run
    WHERE tenant_id = %(tenant)s AND connection = %(connection)s AND feed = %(feed)s
      AND started_at = %(started_at)s AND tick = %(tick)s
), added AS (
    INSERT INTO ops.run (tenant_id, connection, feed, tick, started_at)
    SELECT %(tenant)s, %(connection)s, %(feed)s, %(tick)s, %(started_at)s
    WHERE NOT EXISTS (SELECT FROM known)
    RETURNING id
)
SELECT id FROM known UNION ALL SELECT id FROM added LIMIT 1

-- name: close_run
UPDATE ops.run
SET outcome = %(outcome)s, finished_at = %(finished_at)s, error_class = %(error_class)s, error = %(error)s
WHERE tenant_id = %(tenant)s AND id = %(id)s

-- name: interrupt_runs
UPDATE ops.run
SET outcome = 'interrupted', finished_at = %(now)s, error = 'flowd ended during this run'
WHERE tenant_id = %(tenant)s AND outcome = 'running'

-- name: list_runs
SELECT id, connection, feed, tick, started_at, finished_at, outcome,
       snapshots, rates, events, revised, unchanged, error_class, error
FROM ops.run
WHERE tenant_id = %(tenant)s
  AND (%(connection)s::text IS NULL OR connection = %(connection)s)
  AND (%(after)s::bigint IS NULL OR id > %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: last_success
-- One look along the index per feed: the log itself may hold millions of runs.
SELECT known.connection, known.feed, latest.tick
FROM ops.connection_state known
CROSS JOIN LATERAL (
    SELECT run.tick FROM ops.run run
    WHERE run.tenant_id = known.tenant_id AND run.connection = known.connection AND run.feed = known.feed
      AND run.outcome IN ('done', 'partial')
    ORDER BY run.started_at DESC
    LIMIT 1
) latest
WHERE known.tenant_id = %(tenant)s

-- name: drop_runs
DELETE FROM ops.run
WHERE tenant_id = %(tenant)s AND started_at < %(before)s AND outcome <> 'running'
  AND id NOT IN (
      SELECT max(id) FROM ops.run
      WHERE tenant_id = %(tenant)s AND outcome IN ('done', 'partial') GROUP BY connection, feed
  )

-- name: load_cursor
SELECT data, version FROM ops.cursor
WHERE tenant_id = %(tenant)s AND connection = %(connection)s AND feed = %(feed)s

-- name: load_cursors
SELECT connection, feed, data, version FROM ops.cursor
WHERE tenant_id = %(tenant)s

-- name: save_state
INSERT INTO ops.connection_state (
    tenant_id, connection, feed, state, since, reason, failures, last_success, next_try, every_s
)
VALUES (
    %(tenant)s, %(connection)s, %(feed)s, %(state)s, %(since)s, %(reason)s, %(failures)s,
    %(last_success)s, %(next_try)s, %(every_s)s
)
ON CONFLICT (tenant_id, connection, feed) DO UPDATE
SET state = excluded.state, since = excluded.since, reason = excluded.reason, failures = excluded.failures,
    last_success = coalesce(excluded.last_success, connection_state.last_success),
    next_try = excluded.next_try, every_s = excluded.every_s

-- name: load_states
SELECT connection, feed, state, since, reason, failures, last_success, next_try
FROM ops.connection_state
WHERE tenant_id = %(tenant)s

-- name: forget_state
DELETE FROM ops.connection_state
WHERE tenant_id = %(tenant)s AND connection = %(connection)s
  AND (%(feed)s::text IS NULL OR feed = %(feed)s)

-- name: take_budget
INSERT INTO ops.budget (tenant_id, credential, period, used)
VALUES (%(tenant)s, %(credential)s, %(period)s, %(count)s)
ON CONFLICT (tenant_id, credential, period) DO UPDATE SET used = budget.used + excluded.used
RETURNING used

-- name: used_budget
SELECT coalesce(max(used), 0) FROM ops.budget
WHERE tenant_id = %(tenant)s AND credential = %(credential)s AND period = %(period)s

-- name: drop_budgets
DELETE FROM ops.budget
WHERE tenant_id = %(tenant)s AND credential = %(credential)s AND period < %(period)s
