-- Tokens that sources renew, sealed with a key that is not in the database, and until when sources answer without
-- somebody logging in again.

CREATE TABLE ops.token (
    tenant_id  int         NOT NULL REFERENCES ops.tenant (id),
    connection text        NOT NULL CHECK (connection <> ''),
    ciphertext bytea       NOT NULL CHECK (octet_length(ciphertext) < 262144),
    key_id     text        NOT NULL,
    version    bigint      NOT NULL CHECK (version > 0),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, connection)
);
COMMENT ON TABLE ops.token IS 'The tokens of connections that were linked: sealed text, which only the key in flowd.yaml opens.';
COMMENT ON COLUMN ops.token.key_id IS 'The name of the key that sealed it, which does not tell the key.';
COMMENT ON COLUMN ops.token.version IS 'Goes up with every renewal and every new link.';

CREATE TABLE ops.consent (
    tenant_id  int         NOT NULL REFERENCES ops.tenant (id),
    connection text        NOT NULL CHECK (connection <> ''),
    expires_at timestamptz NOT NULL,
    told       int,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, connection)
);
COMMENT ON TABLE ops.consent IS 'Until when each connection''s source answers without somebody logging in again.';
COMMENT ON COLUMN ops.consent.told IS 'The last warning given: so many days before the end (14, 7, 1, 0); NULL before the first.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ops.token', 'ops.consent'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %s USING (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))'
            ' WITH CHECK (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO flowd_app', name);
    END LOOP;
END
$$;
