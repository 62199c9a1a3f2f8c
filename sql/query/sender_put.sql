-- The row of a sender, its name and category brought up to date. ?1 sender, ?2 name, ?3 kind, ?4 category.
INSERT INTO sender (sender, name, kind, category) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (sender) DO UPDATE SET name = excluded.name, kind = excluded.kind, category = excluded.category;
