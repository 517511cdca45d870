CREATE OR REPLACE VIEW report.tenant WITH (security_barrier = true) AS
SELECT
    t.name                                     AS tenant,
    t.base_currency,
    t.timezone,
    (now() AT TIME ZONE t.timezone)::date      AS today
FROM ops.tenant t
WHERE t.id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.tenant IS 'Whose money this is, and in what terms it is counted.';
COMMENT ON COLUMN report.tenant.tenant IS 'Name of the tenant.';
COMMENT ON COLUMN report.tenant.base_currency IS 'The currency totals are in.';
COMMENT ON COLUMN report.tenant.timezone IS 'The time zone that decides what a day is.';
COMMENT ON COLUMN report.tenant.today IS 'The current day in that time zone.';
GRANT SELECT ON report.tenant TO flowd_app, flowd_report, flowd_admin;

-- A function, because a filter on a function of nothing is pushed into the views and a filter on a subquery is not.
CREATE OR REPLACE FUNCTION report.today() RETURNS date
    LANGUAGE sql STABLE
    AS $$ SELECT max(today) FROM report.tenant $$;
COMMENT ON FUNCTION report.today() IS 'The current day of the tenant (the furthest, where a session sees several).';
REVOKE ALL ON FUNCTION report.today() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.today() TO flowd_app, flowd_report, flowd_admin;

-- With a word that is written down, so it is pushed into the views as well.
CREATE OR REPLACE FUNCTION report.today(whose text) RETURNS date
    LANGUAGE sql STABLE
    AS $$ SELECT today FROM report.tenant WHERE tenant = whose $$;
COMMENT ON FUNCTION report.today(text) IS 'The current day of the tenant of this name; NULL where the session sees none of that name.';
REVOKE ALL ON FUNCTION report.today(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.today(text) TO flowd_app, flowd_report, flowd_admin;
