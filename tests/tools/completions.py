#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Writes doc/completions/ for bash, zsh and fish from what the program's own --help says, so that they cannot differ from it.
usage: completions.py PROGRAM FOLDER
"""
import os
import re
import subprocess
import sys

program, folder = sys.argv[1:3]


def help_of(*args):
    return subprocess.run([program, *args, "--help"], capture_output=True, text=True, check=True).stdout


COMMANDS = dict(re.findall(r"^  (\w+) +(.*)$", help_of(), re.M))
GLOBALS = ["--config", "--db", "--quiet", "--verbose", "--now", "--jobs", "--version", "--help"]
SHORT = {"--quiet": "-q", "--verbose": "-v", "--help": "-h"}


def options_of(command):
    """From the usage line and the indented list: sentences name options of other commands, too."""
    usage, *lines = help_of(command).splitlines()
    told = " ".join([usage] + [line for line in lines if line.startswith("  ")])
    return sorted(set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", told)) | {"--help"})


OPTIONS = {c: options_of(c) for c in COMMANDS}
VALUES = {"--policy": "none quarantine reject", "--subdomain-policy": "none quarantine reject",
          "--fail-on": "LOST BROKE RISK STALE SPFERR DECIDE FWDBROKEN SPFONLY GONE NEW"}
# What an option takes is a word in capitals behind it: files, or something else.
TAKES = dict(re.findall(r"(?<![\w-])(--[a-z][a-z-]*) ([A-Z]+)\b", "".join(help_of(*c) for c in ([], *([c] for c in COMMANDS)))))
FILES = [option for option, word in TAKES.items() if word in ("FILE", "F", "DIR")]
REPEATED = re.findall(r"^  (--[a-z]+) .*may be repeated", "".join(help_of(c) for c in COMMANDS), re.M)
WITH_PATHS = ("ingest", "explain")
CLASSES = "mine not_mine forwarder ignore none"


def bash():
    cases = "".join(f"\t{c}) words=\"{' '.join(OPTIONS[c])}\" ;;\n" for c in COMMANDS)
    values = "".join(f"\t{o}) COMPREPLY=($(compgen -W \"{w}\" -- \"$cur\")); return ;;\n" for o, w in VALUES.items())
    return f"""# SPDX-License-Identifier: MIT
# bash completion for dmarcsift; made by tests/tools/completions.py
_dmarcsift() {{
	local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= words i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${{COMP_WORDS[i]}} in
		{' | '.join(o for o in GLOBALS if o in TAKES)}) i=$((i + 1)) ;;
		-*) ;;
		*) command=${{COMP_WORDS[i]}}; break ;;
		esac
	done
	case $prev in
	{' | '.join(FILES)}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
{values}	esac
	case $command in
	'') words="{' '.join([*COMMANDS, *GLOBALS])}" ;;
{cases}	esac
	if [[ $command == label && $COMP_CWORD -eq $((i + 2)) ]]; then
		words="{CLASSES}"
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	if [[ {' || '.join(f'$command == {c}' for c in WITH_PATHS)} ]]; then
		COMPREPLY+=($(compgen -f -- "$cur"))
	fi
}}
complete -o filenames -F _dmarcsift dmarcsift
"""


def quoted(text):
    return text.replace("'", "'\\''").replace(":", "\\:")


def zsh():
    commands = "\n".join(f"\t\t'{c}:{quoted(s)}'" for c, s in COMMANDS.items())

    def option(o):
        value = f":value:({VALUES[o]})" if o in VALUES else ":file:_files" if o in FILES else ":value: " if o in TAKES else ""
        names = [o, SHORT[o]] if o in SHORT else [o]
        return " ".join(f"'{'*' if o in REPEATED else ''}{name}[{o[2:]}]{value}'" for name in names)

    def case(c):
        words = ["'*:file:_files'"] if c in WITH_PATHS else ["'1: :'", f"'2:class:({CLASSES})'"] if c == "label" else []
        return f"\t{c}) _arguments {' '.join([*(option(o) for o in OPTIONS[c]), *words])} ;;\n"
    cases = "".join(case(c) for c in COMMANDS)
    return f"""#compdef dmarcsift
# SPDX-License-Identifier: MIT
# zsh completion for dmarcsift; made by tests/tools/completions.py
_dmarcsift() {{
	local -a commands
	commands=(
{commands}
	)
	_arguments -C {' '.join(option(o) for o in GLOBALS)} '1:command:->command' '*::argument:->argument'
	case $state in
	command) _describe command commands; return ;;
	esac
	case $words[1] in
{cases}	esac
}}
_dmarcsift "$@"
"""


def fish():
    lines = ["# SPDX-License-Identifier: MIT", "# fish completion for dmarcsift; made by tests/tools/completions.py", "complete -c dmarcsift -f"]
    none = f"not __fish_seen_subcommand_from {' '.join(COMMANDS)}"
    for command, summary in COMMANDS.items():
        escaped = summary.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"complete -c dmarcsift -n '{none}' -a {command} -d '{escaped}'")
    def takes(option):
        return f" -x -a '{VALUES[option]}'" if option in VALUES else " -r -F" if option in FILES else " -x" if option in TAKES else ""
    for option in GLOBALS:
        lines.append(f"complete -c dmarcsift -n '{none}' -l {option[2:]}" + (f" -s {SHORT[option][1:]}" if option in SHORT else "") + takes(option))
    for command, options in OPTIONS.items():
        for option in options:
            lines.append(f"complete -c dmarcsift -n '__fish_seen_subcommand_from {command}' -l {option[2:]}{takes(option)}")
    for command in WITH_PATHS:
        lines.append(f"complete -c dmarcsift -n '__fish_seen_subcommand_from {command}' -F")
    lines.append(f"complete -c dmarcsift -n '__fish_seen_subcommand_from label' -a '{CLASSES}'")
    return "\n".join(lines) + "\n"


os.makedirs(folder, exist_ok=True)
for name, text in (("dmarcsift.bash", bash()), ("_dmarcsift", zsh()), ("dmarcsift.fish", fish())):
    with open(os.path.join(folder, name), "w", encoding="ascii") as handle:
        handle.write(text)
