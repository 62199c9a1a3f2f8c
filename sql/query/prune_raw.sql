-- Kept bytes older than the day. ?1 day.
DELETE FROM raw WHERE intake IN (SELECT id FROM intake WHERE imported_at < unixepoch(?1));
-- scans: intake because retention looks at all of it once a night
