-- What are a sender and a selector called? ?1, ?2 ids. Columns: sender, kind, category, selector.
SELECT s.sender, s.kind, s.category, n.text FROM sender s JOIN name n ON n.id = ?2 WHERE s.id = ?1;
