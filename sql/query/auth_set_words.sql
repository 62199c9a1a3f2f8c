-- What does a set of results read like, as view auth_words says it? ?1 id. Columns: dkim, spf.
SELECT substr(group_concat(d.text || CASE WHEN s.text <> '' THEN '/' || s.text ELSE '' END || '=' || coalesce(x.result, '?'), ', ') FILTER (WHERE x.kind = 'dkim'), 1, 4096),
       substr(group_concat(d.text || CASE WHEN s.text <> '' THEN '/' || s.text ELSE '' END || '=' || coalesce(x.result, '?'), ', ') FILTER (WHERE x.kind = 'spf'), 1, 4096)
FROM auth_result x CROSS JOIN name d ON d.id = x.domain CROSS JOIN name s ON s.id = x.selector WHERE x.auth_set = ?1;
