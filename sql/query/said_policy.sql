-- Forgets the policy last seen of a domain. ?1 domain.
DELETE FROM digest_said WHERE code = 'POLICY' AND domain = ?1;
