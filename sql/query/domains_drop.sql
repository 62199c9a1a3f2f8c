-- No domains are configured any more: all count.
DELETE FROM setting WHERE key = 'domains';
