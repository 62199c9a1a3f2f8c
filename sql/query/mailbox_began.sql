-- Was a mail fetched while settled ones were dealt with as now? ?1 account, ?2 folder, ?3 keep, seen, move, delete, ?4 UIDVALIDITY, ?5 UID. Columns: 1 or 0.
SELECT EXISTS (SELECT 1 FROM setting WHERE key = 'began:' || ?1 || '/' || ?2 AND value LIKE ?3 || ' ' || ?4 || ' %'
	AND CAST(substr(value, length(?3 || ' ' || ?4 || ' ') + 1) AS INTEGER) < ?5);
