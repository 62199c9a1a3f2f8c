-- Which outcomes are those of mail that was refused or junked? Columns: id.
SELECT id FROM outcome WHERE disposition IN ('quarantine', 'reject');
