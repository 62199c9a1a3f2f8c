-- Drops the standings before new ones are put.
DELETE FROM standing;
