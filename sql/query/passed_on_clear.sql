-- Drops who passed on what before it is found anew.
DELETE FROM passed_on;
