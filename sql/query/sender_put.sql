-- The row of a sender, its name and category brought up to date. ?1 sender, ?2 name, ?3 kind, ?4 category.
INSERT INTO sender (sender, called, kind_no, category)
VALUES (?1, nullif(?2, ?1), CASE ?3 WHEN 'address' THEN 0 WHEN 'domain' THEN 1 WHEN 'catalogue' THEN 2 WHEN 'label' THEN 3 END, ?4)
ON CONFLICT (sender) DO UPDATE SET called = excluded.called, kind_no = excluded.kind_no, category = excluded.category;
