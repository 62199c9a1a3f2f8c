-- Which ids are free, and which domains are configured? Columns: record, report, intake, domains (a line each; NULL all), whether a report has no day,
-- day before which records are gone (NULL none), 1: no names, addresses and sets of results are there, address, set of results.
-- Reports and their records are numbered in one order, so the last report has the last record that was given a number, kept or not.
SELECT max(coalesce((SELECT max(id) FROM record), 0), coalesce((SELECT last_record FROM report WHERE id = (SELECT max(id) FROM report)), 0)) + 1,
       coalesce((SELECT max(id) FROM report), 0) + 1,
       coalesce((SELECT max(id) FROM intake), 0) + 1,
       (SELECT value FROM setting WHERE key = 'domains'),
       EXISTS (SELECT 1 FROM domain d CROSS JOIN report r ON r.domain = d.id AND r.day IS NULL),
       (SELECT value FROM setting WHERE key = 'pruned_before'),
       NOT EXISTS (SELECT 1 FROM source) AND NOT EXISTS (SELECT 1 FROM auth_set) AND NOT EXISTS (SELECT 1 FROM name WHERE id > 0),
       coalesce((SELECT max(id) FROM source), 0) + 1,
       coalesce((SELECT max(id) FROM auth_set), 0) + 1;
