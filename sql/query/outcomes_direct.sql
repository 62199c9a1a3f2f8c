-- Which outcomes do streams of a sender have, as in sender_streams? Columns: id.
SELECT id FROM outcome WHERE verdict = 'pass' OR bucket_mine IN ('at_risk', 'lost');
