-- Roll-ups before this day can not be built anew. ?1 day.
INSERT INTO setting (key, value) VALUES ('pruned_before', ?1)
ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value);
