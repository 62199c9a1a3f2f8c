-- Is there anything to be read again in the intake ledger? The first condition is that of the index intake_trouble.
-- Columns: 1 or 0.
SELECT EXISTS (SELECT 1 FROM intake WHERE state <> 'stored' AND state = 'retry');
