-- Is there anything to be read again in the intake ledger? Columns: 1 or 0.
SELECT EXISTS (SELECT 1 FROM intake WHERE state = 'retry');
