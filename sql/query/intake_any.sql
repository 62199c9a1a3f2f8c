-- Is there anything in the intake ledger? Columns: 1 or 0.
SELECT EXISTS (SELECT 1 FROM intake);
