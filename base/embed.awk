# SPDX-License-Identifier: MIT
# Text files to C byte arrays: LC_ALL=C awk -f embed.awk FILE... > embedded.c
# Each file PATH becomes an entry { "PATH", bytes, length } of struct embed embed_files[] (base/embed.h).
BEGIN {
	for (i = 0; i < 256; i++)
		code[sprintf("%c", i)] = i
	print "/* Made by embed.awk; do not edit. */"
	print "#include \"base/embed.h\""
	for (i = 1; i < ARGC; i++)
		file(ARGV[i], i)
	print "const struct embed embed_files[] = {"
	for (i = 1; i < ARGC; i++)
		printf "\t{ \"%s\", f%d, sizeof(f%d) - 1 },\n", ARGV[i], i, i
	print "\t{ 0, 0, 0 }\n};"
	exit
}
function file(path, n,    line, j, out)
{
	printf "static const unsigned char f%d[] = {\n", n
	while ((getline line < path) > 0) {
		out = ""
		for (j = 1; j <= length(line); j++)
			out = out code[substr(line, j, 1)] ","
		print out "10,"
	}
	close(path)
	print "0};"
}
