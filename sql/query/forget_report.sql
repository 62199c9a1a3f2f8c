-- Reports that go. ?1 domain or 0, ?2 report or 0.
DELETE FROM report WHERE domain = ?1 OR id = ?2;
