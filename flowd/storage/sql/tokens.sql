Stored tokens, and until when consents last. Every statement runs for one tenant.

-- name: load
SELECT version, key_id, ciphertext FROM ops.token
WHERE tenant_id = %(tenant)s AND connection = %(connection)s

-- name: load_to_change
-- Locked, which a server that takes no writes refuses: that has to be known before a source is asked for new tokens.
SELECT version, key_id, ciphertext FROM ops.token
WHERE tenant_id = %(tenant)s AND connection = %(connection)s
FOR UPDATE

-- name: load_all_to_change
SELECT connection, version, key_id, ciphertext FROM ops.token
WHERE tenant_id = %(tenant)s
ORDER BY connection
FOR UPDATE

-- name: linked
SELECT connection FROM ops.token WHERE tenant_id = %(tenant)s ORDER BY connection

-- name: save
-- What is older than what is stored changes nothing.
INSERT INTO ops.token (tenant_id, connection, ciphertext, key_id, version, updated_at)
VALUES (%(tenant)s, %(connection)s, %(ciphertext)s, %(key_id)s, %(version)s, now())
ON CONFLICT (tenant_id, connection) DO UPDATE
SET ciphertext = excluded.ciphertext, key_id = excluded.key_id, version = excluded.version, updated_at = now()
WHERE token.version < excluded.version

-- name: seal_anew
UPDATE ops.token SET ciphertext = %(ciphertext)s, key_id = %(key_id)s
WHERE tenant_id = %(tenant)s AND connection = %(connection)s

-- name: remove
DELETE FROM ops.token WHERE tenant_id = %(tenant)s AND connection = %(connection)s

-- name: lock
SELECT pg_advisory_xact_lock(%(number)s)

-- name: impatient
SELECT set_config('lock_timeout', %(lock)s, true), set_config('idle_in_transaction_session_timeout', %(idle)s, true)

-- name: consents
SELECT connection, expires_at, told FROM ops.consent WHERE tenant_id = %(tenant)s

-- name: save_consent
INSERT INTO ops.consent (tenant_id, connection, expires_at, told, updated_at)
VALUES (%(tenant)s, %(connection)s, %(expires_at)s, %(told)s, now())
ON CONFLICT (tenant_id, connection) DO UPDATE
SET expires_at = excluded.expires_at, told = excluded.told, updated_at = now()

-- name: tell_consent
-- Of several processes that want to tell the same, one changes the row, and that one tells.
UPDATE ops.consent SET told = %(told)s
WHERE tenant_id = %(tenant)s AND connection = %(connection)s AND (told IS NULL OR told > %(told)s)

-- name: remove_consent
DELETE FROM ops.consent WHERE tenant_id = %(tenant)s AND connection = %(connection)s
