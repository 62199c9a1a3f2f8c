-- How much room do kept bytes take? Columns: bytes.
SELECT coalesce(sum(length(bytes)), 0) FROM raw;
-- scans: raw because it is asked once in a run, and when there is no more room
