-- Which results does direct mail of a domain have that passes by its signature? ?1 domain. Columns: auth_set.
SELECT f.auth_set FROM flow f JOIN outcome o ON o.id = f.outcome WHERE f.domain = ?1 AND f.way = 0 AND o.verdict = 'pass' AND o.flags & 1 <> 0;
