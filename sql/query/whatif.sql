-- What would a policy stop? ?1 from day, ?2 to day, ?3 policy, ?4 policy for From domains below (0 none, 1 quarantine, 2 reject; -1: a published
-- sp that differs from p stays, else ?3), ?5 strict alignment, ?6 the last day that can have been reported, ?7 the domain (0 all). Columns: domain, sender
-- and name (of the crowd of strangers ""), mine, class, labelled by the user, rejected, of these probably spared, quarantined, open, let through. Flags: 4 and 8 pass also under strict alignment, 16 subdomain, 2048 sp inherited, 4096 junked under p=reject.
-- Forwarded mail is not counted. open: of which the reports do not tell whether it passes (it is deferred, not stopped); let_through: of a From domain below, fails and is let through all the same. What sp a failing message was under shows in its class under reject; of passing mail the policy of now tells (policy.h).
WITH now AS (
	SELECT d.id, d.name, coalesce(o.sp, '') AS sp
	FROM domain d LEFT JOIN policy o ON o.id = policy_now(d.id, ?6)
	WHERE d."foreign" = 0 AND (?7 = 0 OR d.id = ?7)
), part AS (
	SELECT d.name AS domain, CASE WHEN t.stranger THEN 0 ELSE y.sender END AS sender, t.mine, t.class, t.basis = 'label' AS labelled, o.under_reject, o.flags & 4096 AS junked, o.flags & 16 AS below, y.messages,
	       CASE WHEN o.verdict IN ('undetermined', 'unknown') THEN NULL WHEN o.flags & 16 = 0 THEN ?3 WHEN ?4 >= 0 THEN ?4 WHEN o.flags & 2048 THEN ?3
	            WHEN o.under_reject = 'delivered_failing' THEN 0 WHEN o.under_reject = 'quarantined' THEN 1 WHEN o.verdict = 'fail' THEN 2
	            WHEN d.sp = 'none' THEN 0 WHEN d.sp = 'quarantine' THEN 1 WHEN d.sp = 'reject' THEN 2 ELSE ?3 END AS action
	FROM now d CROSS JOIN daily y ON y.domain = d.id AND y.day BETWEEN ?1 AND ?2
	JOIN outcome o ON o.id = y.outcome JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
	WHERE y.way <= t.own_way AND (o.verdict <> 'pass' OR (?5 AND o.flags & 12 = 0))
)
SELECT p.domain, coalesce(s.sender, ''), coalesce(s.name, ''), p.mine, p.class, p.labelled, sum(CASE WHEN p.action = 2 AND NOT p.junked THEN p.messages ELSE 0 END) AS rejected,
       sum(CASE WHEN p.action = 2 AND p.under_reject = 'likely_spared' AND NOT p.junked THEN p.messages ELSE 0 END) AS spared,
       sum(CASE WHEN p.action = 1 OR (p.action = 2 AND p.junked) THEN p.messages ELSE 0 END) AS quarantined,
       sum(CASE WHEN p.action IS NULL THEN p.messages ELSE 0 END) AS open, sum(CASE WHEN p.action = 0 AND p.below THEN p.messages ELSE 0 END) AS let_through
FROM part p LEFT JOIN sender s ON s.id = p.sender
GROUP BY p.domain, p.sender
ORDER BY p.mine DESC, sum(CASE WHEN p.action > 0 THEN p.messages ELSE 0 END) DESC, p.domain, s.sender;
