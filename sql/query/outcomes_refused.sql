-- Which outcomes are those of mail that was refused or junked? Columns: id, rising.
SELECT id FROM outcome WHERE disposition IN ('quarantine', 'reject') ORDER BY id;
