-- Why did mail of a domain break, as the last analysis found? ?1 its name. Columns: sender, since, why.
SELECT sender, since, why FROM finding WHERE domain = ?1 AND code = 'BROKE';
