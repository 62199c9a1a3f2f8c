-- Counted reports with records, domain by domain: what is added at a time to the totals then lies side by side. Columns: id.
SELECT id FROM report WHERE counted = 1 AND last_record >= first_record ORDER BY domain, day;
-- scans: report because all of it is summed anew
