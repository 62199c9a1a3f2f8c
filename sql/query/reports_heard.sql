-- The reports of a domain in a period, newest first. ?1 domain, ?2 from, ?3 to. Columns: first record, last record, records, reporter (of several with the
-- same org_name the same one).
SELECT r.first_record, r.last_record, r.records,
       (SELECT n.id FROM reporter n WHERE n.org_name = p.org_name ORDER BY n.email, n.extra_contact_info, n.generator LIMIT 1)
FROM report r CROSS JOIN reporter p ON p.id = r.reporter
WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 ORDER BY r.day DESC, r.key;
