-- Is there anything to be read again in the intake ledger? The whole list of states is the partial index's. Columns: 1 or 0.
SELECT EXISTS (SELECT 1 FROM intake WHERE state IN ('damaged', 'retry', 'conflict', 'not_a_report') AND state = 'retry');
