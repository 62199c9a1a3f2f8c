-- What came in one archive or mail with a report: its bytes are known no more, or the report would not be read again. ?1 report.
-- Turned about, the digest of an item stays one of its own.
UPDATE intake SET item = CAST(substr(item, 6) || substr(item, 1, 5) AS BLOB)
WHERE item IN (SELECT item FROM intake WHERE report = ?1) AND report IS NOT ?1;
-- scans: intake because it is a rare command
