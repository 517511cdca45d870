-- The colours of the dashboards. Grafana 9 gives colours by the place of a line, so that choosing two streams would paint
-- them anew; a slot stays with its stream, and the dashboards know the colour of every slot.
CREATE OR REPLACE FUNCTION report.palette()
    RETURNS TABLE (slot integer, colour text)
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT p.slot::integer, p.colour
        FROM unnest(ARRAY[
            '#56a64b', '#3274d9', '#ff780a', '#a352cc', '#e0b400', '#1f9e9e', '#e02f44', '#8ab8ff',
            '#96d98d', '#b8527f', '#c9a27e', '#5f6fd1', '#ffb357', '#2e7d62', '#ca95e5', '#7a8b99',
            '#f2a3b3', '#9aa832', '#00b5d8', '#8c5a2b', '#c15c17', '#37872d', '#705da0', '#d8d05a'
        ]) WITH ORDINALITY AS p (colour, slot)
    $$;
COMMENT ON FUNCTION report.palette() IS 'The colours of the dashboards, numbered from 1.';

-- What is asked for in flowd.yaml gets the nearest colour there is; the others get what is left, in the order in which
-- they began, so that a new stream changes nobody's colour.
CREATE OR REPLACE VIEW report.colour WITH (security_barrier = true) AS
WITH line AS (
    SELECT s.tenant_id, 'stream' AS scope, s.stream AS name, s.color, began.day AS began
    FROM derived.stream s
    CROSS JOIN LATERAL (
        SELECT min(i.day) AS day
        FROM derived.income_daily i
        WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream
    ) began
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    UNION ALL
    SELECT s.tenant_id, 'group', s.grp, NULL, min(began.day)
    FROM derived.stream s
    CROSS JOIN LATERAL (
        SELECT min(i.day) AS day
        FROM derived.income_daily i
        WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream
    ) began
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    GROUP BY s.tenant_id, s.grp
), asked AS (
    SELECT l.tenant_id, l.scope, l.name, l.color, l.began, near.slot
    FROM line l
    LEFT JOIN LATERAL (
        SELECT p.slot
        FROM report.palette() p
        ORDER BY
            (('x' || substr(p.colour, 2, 2))::bit(8)::int - ('x' || substr(l.color, 2, 2))::bit(8)::int) ^ 2
            + (('x' || substr(p.colour, 4, 2))::bit(8)::int - ('x' || substr(l.color, 4, 2))::bit(8)::int) ^ 2
            + (('x' || substr(p.colour, 6, 2))::bit(8)::int - ('x' || substr(l.color, 6, 2))::bit(8)::int) ^ 2,
            p.slot
        LIMIT 1
    ) near ON l.color ~ '^#[0-9a-fA-F]{6}$'
), left_over AS (
    SELECT kinds.tenant_id, kinds.scope, p.slot,
        row_number() OVER (PARTITION BY kinds.tenant_id, kinds.scope ORDER BY p.slot) AS place,
        count(*) OVER (PARTITION BY kinds.tenant_id, kinds.scope) AS places
    FROM (SELECT DISTINCT a.tenant_id, a.scope FROM asked a) kinds
    CROSS JOIN report.palette() p
    WHERE NOT EXISTS (
        SELECT FROM asked a WHERE a.tenant_id = kinds.tenant_id AND a.scope = kinds.scope AND a.slot = p.slot)
), placed AS (
    SELECT a.tenant_id, a.scope, a.name,
        row_number() OVER (PARTITION BY a.tenant_id, a.scope ORDER BY a.began NULLS LAST, a.name) AS place
    FROM asked a
    WHERE a.slot IS NULL
)
SELECT
    a.scope,
    a.name,
    coalesce(a.slot, o.slot, 1) AS slot,
    to_char(coalesce(a.slot, o.slot, 1), 'FM00') AS paint,
    p.colour,
    t.name AS tenant
FROM asked a
JOIN ops.tenant t ON t.id = a.tenant_id
LEFT JOIN placed d ON d.tenant_id = a.tenant_id AND d.scope = a.scope AND d.name = a.name
LEFT JOIN left_over o
    ON o.tenant_id = a.tenant_id AND o.scope = a.scope AND o.place = 1 + (d.place - 1) % o.places
JOIN report.palette() p ON p.slot = coalesce(a.slot, o.slot, 1);

COMMENT ON VIEW report.colour IS 'The colour each stream and each group has on the dashboards.';
COMMENT ON COLUMN report.colour.scope IS 'stream or group.';
COMMENT ON COLUMN report.colour.name IS 'The stream''s key or the group''s name.';
COMMENT ON COLUMN report.colour.slot IS 'Which of the dashboards'' colours: the nearest to the one asked for in flowd.yaml, else the next free one in the order in which they began.';
COMMENT ON COLUMN report.colour.paint IS 'The same in two digits, which is the label a query hands to Grafana.';
COMMENT ON COLUMN report.colour.colour IS 'That colour, as #rrggbb.';
COMMENT ON COLUMN report.colour.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.colour TO flowd_app, flowd_report, flowd_admin;
REVOKE ALL ON FUNCTION report.palette() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.palette() TO flowd_app, flowd_report, flowd_admin;
