-- On which days may reports hold mail of one address? ?1 address. Columns: source, domain, first day, last day (numbers), domain by domain.
SELECT x.id, f.domain, f.first_day, f.first_day + f.span
FROM source x CROSS JOIN domain d CROSS JOIN flow f ON f.domain = d.id AND f.source = x.id
WHERE x.address = ?1 AND f.first_day IS NOT NULL ORDER BY f.domain;
