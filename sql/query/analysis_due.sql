-- Did reports come on which no analysis has looked? Columns: 1.
SELECT 1 FROM domain d
WHERE d."foreign" = 0 AND NOT EXISTS (SELECT 1 FROM analysed a WHERE a.domain = d.id) AND EXISTS (SELECT 1 FROM daily y WHERE y.domain = d.id) LIMIT 1;
