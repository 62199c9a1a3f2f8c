-- What was the last analysis made with? Columns: settings, newest reported day.
SELECT settings, newest FROM analysis WHERE id = 1;
