-- When did each receiver last report, and how much?
SELECT org_name, count(*) AS reports, sum(messages) AS messages, date(max("end"), 'unixepoch') AS last
FROM v_reports WHERE counted = 1 GROUP BY org_name ORDER BY last DESC;
