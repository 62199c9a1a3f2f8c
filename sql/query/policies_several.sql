-- Did receivers ever see more than one policy of a domain? ?1 domain. Columns: 1 or 0.
SELECT count(*) > 1 FROM (
	SELECT DISTINCT o.p, o.sp, o.adkim, o.aspf
	FROM (SELECT DISTINCT r.policy FROM report r WHERE r.domain = ?1 AND r.counted = 1 AND r.day IS NOT NULL) x JOIN policy o ON o.id = x.policy);
