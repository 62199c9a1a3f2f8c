-- What does a policy say? ?1 policy. Columns: its p, sp, adkim, aspf, what is absent as what holds then; how much it tells that not every receiver knows (a test, np).
SELECT coalesce(nullif(p, ''), 'none') || ' ' || coalesce(nullif(sp, ''), nullif(p, ''), 'none') || (adkim = 's') || (aspf = 's'), (testing = 'y') * 2 + (np <> '')
FROM policy WHERE id = ?1;
