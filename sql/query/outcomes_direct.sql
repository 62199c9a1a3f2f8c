-- Which outcomes do streams of a sender have, as in sender_streams, and in which order? Columns: id, passing.
SELECT id, verdict = 'pass' FROM outcome WHERE verdict = 'pass' OR bucket_mine IN ('at_risk', 'lost') ORDER BY verdict, disposition, id;
