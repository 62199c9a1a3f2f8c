-- Ledger rows of a report. ?1 report.
DELETE FROM intake WHERE report = ?1;
-- scans: intake because it is a rare command
