-- The removed records that totals are left of lie before the days that have theirs. ?1 first of those days (a number).
UPDATE flow SET span_way = 4 * (?1 - 1 - first_day) + (span_way & 3) WHERE first_day < ?1 AND first_day + span >= ?1;
-- scans: flow because all of it is made anew
