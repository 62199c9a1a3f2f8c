-- What came in one archive or mail with reports that go: its bytes are known no more, or they would not be read again. ?1 domain or 0, ?2 report or 0.
-- Turned about, the digest of an item stays one of its own.
WITH gone AS (SELECT id FROM report WHERE domain = ?1 OR id = ?2)
UPDATE intake SET item = CAST(substr(item, 6) || substr(item, 1, 5) AS BLOB)
WHERE item IN (SELECT item FROM intake WHERE report IN gone) AND (report IS NULL OR report NOT IN gone);
-- scans: intake because it is a rare command
