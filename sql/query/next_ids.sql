-- Which ids are free, and which domains are configured? Columns: record, report, intake, domains (a line each; NULL all).
SELECT max(coalesce((SELECT max(id) FROM record), 0), coalesce((SELECT max(last_record) FROM report), 0)) + 1,
       coalesce((SELECT max(id) FROM report), 0) + 1,
       coalesce((SELECT max(id) FROM intake), 0) + 1,
       (SELECT value FROM setting WHERE key = 'domains');
-- scans: report because the highest last_record is asked for once a run
