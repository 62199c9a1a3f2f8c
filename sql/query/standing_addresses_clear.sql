-- Drops the addresses of senders before new ones are put.
DELETE FROM standing_address;
