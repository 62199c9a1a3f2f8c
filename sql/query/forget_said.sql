-- What the digest said of a forgotten domain; '' are findings about none. ?1 domain.
DELETE FROM digest_said WHERE domain = (SELECT name FROM domain WHERE id = ?1 AND name <> '');
