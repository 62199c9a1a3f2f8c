-- Under which domains is a sender known? ?1 its id. Columns: name.
SELECT d.name FROM sender e CROSS JOIN domain d CROSS JOIN standing t ON t.domain = d.id AND t.sender = e.id WHERE e.sender = ?1 ORDER BY d.name;
