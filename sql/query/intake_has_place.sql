-- Does the ledger know what lies at a place, but for what is to be read again? ?1 place. Columns: 1 or 0.
SELECT EXISTS (SELECT 1 FROM intake WHERE state <> 'retry' AND (origin = ?1 OR (origin > ?1 || '/' AND origin < ?1 || '0')));
-- scans: intake because it is asked only of a mail that is not given where its folder is read anew
