-- What were the findings made with? Columns: stamp.
SELECT stamp FROM analysis WHERE id = 1;
