-- How many addresses did these senders have at the last analysis? ?1 given (domain, sender). Columns: sender, addresses, 1 where it was a stranger of a crowd.
SELECT t.sender, t.addresses, t.stranger FROM given(?1) k CROSS JOIN standing t ON t.domain = k.c0 AND t.sender = k.c1;
