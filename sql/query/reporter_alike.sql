-- Which reporter stands for all that have the name of this one, where it has none for those of its address? ?1 id. Columns: id, name: org_name, else the domain of the address.
SELECT n.id, reporter_name(n.org_name, n.email)
FROM reporter p CROSS JOIN reporter n ON n.org_name = p.org_name AND n.email >= CASE p.org_name WHEN '' THEN p.email ELSE '' END
WHERE p.id = ?1 ORDER BY n.email, n.extra_contact_info, n.generator LIMIT 1;
