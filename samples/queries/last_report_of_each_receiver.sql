-- When did each receiver last report, and how much? (An end after tomorrow is passed over where there is another; one at midnight is of the day before.)
SELECT org_name, count(*) AS reports, sum(messages) AS messages,
       date(coalesce(max("end") FILTER (WHERE "end" <= CAST(strftime('%s', 'now', 'start of day', '+2 days') AS INTEGER)), max("end")) - 1, 'unixepoch') AS last
FROM v_reports WHERE counted = 1 GROUP BY org_name ORDER BY last DESC;
