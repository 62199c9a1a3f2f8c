-- Drops the oldest kept bytes above the cap. ?1 bytes allowed in all.
DELETE FROM raw WHERE intake IN (
	SELECT intake FROM (SELECT intake, sum(length(bytes)) OVER (ORDER BY intake DESC) AS held FROM raw) WHERE held > ?1);
