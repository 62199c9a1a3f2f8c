-- Adds to the ledger's reason of a conflicting copy what became of it. ?1 report, ?2 words.
UPDATE intake SET reason = reason || '; ' || ?2 WHERE state <> 'stored' AND state = 'conflict' AND report = ?1;
