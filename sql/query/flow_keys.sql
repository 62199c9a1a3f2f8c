-- Which addresses of a domain sent what? In the order of the table. ?1 domain. Columns: source, auth_set, outcome, sender.
SELECT source, auth_set, outcome, sender FROM flow WHERE domain = ?1;
