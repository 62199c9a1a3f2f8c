-- Which sets of results hold a passing signature of a domain? ?1 domain. Columns: id.
-- scans: auth_result because a label is rare and an index on it would be large.
SELECT x.auth_set FROM auth_result x WHERE x.domain = (SELECT id FROM name WHERE text = ?1) AND x.spf = 0 AND x.result = 'pass';
