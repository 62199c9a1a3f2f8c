-- Kept bytes of a report. ?1 report.
DELETE FROM raw WHERE intake IN (SELECT id FROM intake WHERE report = ?1);
-- scans: intake because it is a rare command
