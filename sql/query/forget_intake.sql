-- Ledger rows of reports that go. ?1 domain or 0, ?2 report or 0.
DELETE FROM intake WHERE report IN (SELECT id FROM report WHERE domain = ?1 OR id = ?2);
-- scans: intake because it is a rare command
