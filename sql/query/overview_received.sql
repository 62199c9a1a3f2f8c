-- What did each receiver do with a domain's mail in a period; and again, under each name in From? Of the newest reports, until ?4 records are looked at.
-- ?4 at most, given(?7): reporter, ident, outcome, messages, records, as sql/received.h sums them up. Columns: sql/overview.h; numbers are named n_.
WITH part AS MATERIALIZED (
	SELECT reporter_name(p.org_name, p.email) AS org_name, n.text AS header_from, o.disposition, o.disputed, g.c3 AS messages, g.c4 AS records
	FROM given(?7) g CROSS JOIN reporter p ON p.id = g.c0 CROSS JOIN ident i ON i.id = g.c1 CROSS JOIN name n ON n.id = i.header_from
	CROSS JOIN outcome o ON o.id = g.c2 WHERE ?4 > 0
), sums AS (
	SELECT org_name, NULL AS header_from, disposition, disputed, messages, records FROM part
	UNION ALL
	SELECT NULL, header_from, disposition, disputed, messages, 0 FROM part WHERE header_from <> ''
)
SELECT org_name, header_from,
       sum(CASE WHEN disposition NOT IN ('reject', 'quarantine') THEN messages ELSE 0 END) AS n_none,
       sum(CASE WHEN disposition = 'quarantine' THEN messages ELSE 0 END) AS n_quarantine,
       sum(CASE WHEN disposition = 'reject' THEN messages ELSE 0 END) AS n_reject,
       sum(CASE WHEN disputed <> '' THEN messages ELSE 0 END) AS n_disputed, sum(records) AS n_records
FROM sums GROUP BY org_name, header_from;
