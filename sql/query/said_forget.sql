-- Forgets what was said of findings that are no more. ?1 said before.
DELETE FROM digest_said WHERE said_at < ?1 AND code NOT IN ('POLICY', 'WEEKLY') AND NOT EXISTS (
	SELECT 1 FROM finding f WHERE f.code = digest_said.code AND coalesce(f.domain, '') = digest_said.domain AND coalesce(f.sender, '') = digest_said.sender);
