-- Which ids are free, and which domains are configured? Columns: record, report, intake, domains (a line each; NULL all), whether a report has no day,
-- day before which records are gone (NULL none), 1: no names, addresses and sets of results are there, address, set of results.
-- scans: report because no index leads to a day that is missing; asked once for each writer
SELECT max(coalesce((SELECT max(id) FROM record), 0), coalesce((SELECT max(last_record) FROM report), 0)) + 1,
       coalesce((SELECT max(id) FROM report), 0) + 1,
       coalesce((SELECT max(id) FROM intake), 0) + 1,
       (SELECT value FROM setting WHERE key = 'domains'),
       EXISTS (SELECT 1 FROM report WHERE day IS NULL),
       (SELECT value FROM setting WHERE key = 'pruned_before'),
       NOT EXISTS (SELECT 1 FROM source) AND NOT EXISTS (SELECT 1 FROM auth_set) AND NOT EXISTS (SELECT 1 FROM name WHERE id > 0),
       coalesce((SELECT max(id) FROM source), 0) + 1,
       coalesce((SELECT max(id) FROM auth_set), 0) + 1;
-- scans: report because the highest last_record is asked for once a run
