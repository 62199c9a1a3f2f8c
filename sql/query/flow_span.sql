-- First day and span of these totals, without those of what was taken out. ?1 domain, ?2 source, ?3 auth_set, ?4 outcome, ?5 first day, ?6 span.
UPDATE flow SET first_day = ?5, span_way = ?6 << 2 | (span_way & 3) WHERE domain = ?1 AND source = ?2 AND auth_set = ?3 AND outcome = ?4;
