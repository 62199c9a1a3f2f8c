-- Which row holds this published policy? ?1 adkim, ?2 aspf, ?3 p, ?4 sp, ?5 np, ?6 testing, ?7 fo, ?8 discovery_method, ?9 pct as text. Columns: id.
SELECT id FROM policy
WHERE adkim = ?1 AND aspf = ?2 AND p = ?3 AND sp = ?4 AND np = ?5 AND testing = ?6 AND fo = ?7 AND discovery_method = ?8
  AND pct = CAST(?9 AS INTEGER);
