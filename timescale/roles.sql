-- The roles of flowd, made where they are missing. Safe to run again. Roles belong to the whole server.
--
-- The login in database.url owns everything (flowd_owner on the embedded server) and is used for migrations only; for
-- each piece of work it becomes flowd_app. Nobody reads a base table as anything else:
--   flowd_app     the service: reads and writes the rows of the one tenant it names for the transaction
--   flowd_report  what every grafana_<tenant> login is a member of: reads report.* and nothing else, of its own tenant
--   flowd_admin   people who look after the installation: read report.* of all tenants

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['flowd_app', 'flowd_report', 'flowd_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another flowd on the same server made it in this moment
            END;
        END IF;
    END LOOP;
    -- to become flowd_app one has to be a member; where an administrator granted that before, nothing is left to do
    IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m
            WHERE m.roleid = 'flowd_app'::regrole AND m.member = current_user::regrole
                -- since PostgreSQL 16 making a role grants it without the right to SET ROLE
                AND COALESCE((to_jsonb(m) ->> 'set_option')::boolean, true)
        )
    THEN
        EXECUTE format('GRANT flowd_app TO %I', current_user);
    END IF;
    -- on a database of flowd's own nobody else has a place, not even for temporary tables
    IF (SELECT pg_catalog.pg_has_role(current_user, datdba, 'USAGE')
        FROM pg_catalog.pg_database WHERE datname = current_database())
    THEN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO flowd_app', current_database());
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO flowd_report, flowd_admin', current_database());
    END IF;
END
$$;
