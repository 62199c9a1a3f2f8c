-- Did receivers ever see more than one policy of a domain, what is absent taken as what holds then? ?1 domain. Columns: 1 or 0.
SELECT count(*) > 1 FROM (
	SELECT DISTINCT coalesce(nullif(o.p, ''), 'none'), coalesce(nullif(o.sp, ''), nullif(o.p, ''), 'none'), o.adkim = 's', o.aspf = 's'
	FROM (SELECT DISTINCT r.policy FROM report r WHERE r.domain = ?1 AND r.counted = 1 AND r.day IS NOT NULL) x JOIN policy o ON o.id = x.policy);
