-- Drops the findings before new ones are put.
DELETE FROM finding;
