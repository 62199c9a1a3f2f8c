-- Which reporter stands for all that have the org_name of this one? ?1 id. Columns: id, org_name.
SELECT n.id, n.org_name FROM reporter p CROSS JOIN reporter n ON n.org_name = p.org_name WHERE p.id = ?1 ORDER BY n.email, n.extra_contact_info, n.generator LIMIT 1;
