-- Drops the largest streams of senders before new ones are put.
DELETE FROM standing_stream;
