-- Forgets what was said of findings that are no more: after a while, and at once where mail was mended, or is lost again after that. STALE, which is repeated within two
-- weeks, stays until its end was said (HEARD). ?1 said before.
DELETE FROM digest_said WHERE code NOT IN ('POLICY', 'WEEKLY') AND NOT EXISTS (
	SELECT 1 FROM finding f WHERE f.code = digest_said.code AND coalesce(f.domain, '') = digest_said.domain AND coalesce(f.sender, '') = digest_said.sender)
  AND (said_at < ?1 - CASE WHEN code = 'READY' OR code = 'STALE' AND NOT EXISTS (
	SELECT 1 FROM digest_said h WHERE h.code = 'HEARD' AND h.domain = digest_said.domain AND h.said_at >= digest_said.said_at) THEN 604800 ELSE 0 END OR EXISTS (
	SELECT 1 FROM finding f WHERE coalesce(f.domain, '') = digest_said.domain AND coalesce(f.sender, '') = digest_said.sender
	  AND (digest_said.code IN ('LOST', 'BROKE', 'RISK') AND f.code = 'FIXED' OR digest_said.code = 'FIXED' AND f.code IN ('LOST', 'BROKE', 'RISK'))));
