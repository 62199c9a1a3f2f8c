-- Which records were refused or junked? ?1 given (first, last, reporter), ?2 sieve of outcomes: others come as well. Told: source, auth_set, outcome, reporter.
SELECT told(c.source, c.auth_set, c.outcome, k.c2)
FROM given(?1) k CROSS JOIN record c ON c.id BETWEEN k.c0 AND k.c1
WHERE sieve(?2, c.outcome) AND c.messages > 0;
