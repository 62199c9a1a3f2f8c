-- Which reports of this key are there? ?1 key, ?2 SHA-256. Columns: id, of this content, counted, mail authenticated as the reporter's, sound without repair (what its notes begin
-- with was said of a conflict, or of its dates), its records gone (retention).
SELECT id, sha256 = ?2, counted, coalesce((SELECT m.mail_auth = 'pass' AND is_from(m.mail_from, p.email) FROM mail m JOIN reporter p ON p.id = r.reporter WHERE m.id = r.mail), 0),
       notes IS NULL OR notes GLOB 'not counted: *' OR notes GLOB 'no longer counted: *' OR notes GLOB 'counted in place *' OR
       notes GLOB 'covers [0-9]* days*' OR notes GLOB 'dated in the future*',
       records > 0 AND last_record < first_record
FROM report r WHERE substr(key, 1, 8) = substr(?1, 1, 8) AND key = ?1 ORDER BY id;
