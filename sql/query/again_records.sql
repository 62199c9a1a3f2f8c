-- Records as the parser gave them. ?1 first, ?2 last, ?3 at most.
-- Columns: id, messages, auth_set, outcome, reason_set, header_from, envelope_from, disposition, dkim, spf, passed by SPF as recomputed.
SELECT c.id, c.messages, c.auth_set, c.outcome, i.reason_set, nullif(nf.text, ''), nullif(ne.text, ''), nullif(o.disposition, ''),
       nullif(o.dkim, ''), nullif(o.spf, ''), o.verdict_basis = 'recomputed' AND o.flags & 2
FROM record c CROSS JOIN ident i ON i.id = c.ident CROSS JOIN name nf ON nf.id = i.header_from CROSS JOIN name ne ON ne.id = i.envelope_from
CROSS JOIN outcome o ON o.id = c.outcome
WHERE c.id BETWEEN ?1 AND ?2 ORDER BY c.id LIMIT ?3;
