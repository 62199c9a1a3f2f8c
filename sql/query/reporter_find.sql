-- Which row holds this reporter? ?1 org_name, ?2 email, ?3 extra_contact_info, ?4 generator. Columns: id.
SELECT id FROM reporter WHERE org_name = ?1 AND email = ?2 AND extra_contact_info = ?3 AND generator = ?4;
