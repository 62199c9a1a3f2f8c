-- Reports with records, as their policy stands, domain by domain: their results are mostly those just read. Columns: first and last record, domain, adkim,
-- aspf, p, sp, np, pct, testing, version, report id.
SELECT r.first_record, r.last_record, nullif(d.name, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.p, ''), nullif(o.sp, ''),
       nullif(o.np, ''), nullif(o.pct, -1), nullif(o.testing, ''), r.version, r.report_id
FROM report r CROSS JOIN policy o ON o.id = r.policy CROSS JOIN domain d ON d.id = r.domain
WHERE r.last_record >= r.first_record ORDER BY r.domain, r.day;
-- scans: report because all records are judged anew
