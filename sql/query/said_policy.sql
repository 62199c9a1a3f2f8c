-- Forgets the policies of a domain that were not seen lately. ?1 domain, ?2 before this time.
DELETE FROM digest_said WHERE code = 'POLICY' AND domain = ?1 AND said_at < ?2;
