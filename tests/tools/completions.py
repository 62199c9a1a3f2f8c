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


def options_of(command):
    """From the usage line and the indented list: sentences name options of other commands, too."""
    usage, *lines = help_of(command).splitlines()
    told = " ".join([usage] + [line for line in lines if line.startswith("  ")])
    return sorted(set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", told)) | {"--help"})


OPTIONS = {c: options_of(c) for c in COMMANDS}
VALUES = {"--policy": "none quarantine reject", "--subdomain-policy": "none quarantine reject",
          "--fail-on": "LOST BROKE RISK STALE SPFERR DECIDE FWDBROKEN SPFONLY GONE NEW"}
FILES = ("--config", "--db", "--html", "--csv", "--json", "--file", "--password-file")


def bash():
    cases = "".join(f"\t{c}) words=\"{' '.join(OPTIONS[c])}\" ;;\n" for c in COMMANDS)
    values = "".join(f"\t{o}) COMPREPLY=($(compgen -W \"{w}\" -- \"$cur\")); return ;;\n" for o, w in VALUES.items())
    return f"""# SPDX-License-Identifier: MIT
# bash completion for dmarcsift; made by tests/tools/completions.py
_dmarcsift() {{
	local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= words i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${{COMP_WORDS[i]}} in
		--config | --db | --now | --jobs) i=$((i + 1)) ;;
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
		words="mine not_mine forwarder ignore none"
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	if [[ $command == ingest || $command == explain ]]; then
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
        if o in VALUES:
            return f"'{o}[{o[2:]}]:value:({VALUES[o]})'"
        return f"'{o}[{o[2:]}]:file:_files'" if o in FILES else f"'{o}[{o[2:]}]'"
    cases = "".join(f"\t{c}) _arguments {' '.join(option(o) for o in OPTIONS[c])} '*:file:_files' ;;\n" for c in COMMANDS)
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
    for option in GLOBALS:
        lines.append(f"complete -c dmarcsift -n '{none}' -l {option[2:]}" + (" -r -F" if option in FILES else ""))
    for command, options in OPTIONS.items():
        for option in options:
            more = f" -x -a '{VALUES[option]}'" if option in VALUES else " -r -F" if option in FILES else ""
            lines.append(f"complete -c dmarcsift -n '__fish_seen_subcommand_from {command}' -l {option[2:]}{more}")
    for command in ("ingest", "explain"):
        lines.append(f"complete -c dmarcsift -n '__fish_seen_subcommand_from {command}' -F")
    return "\n".join(lines) + "\n"


os.makedirs(folder, exist_ok=True)
for name, text in (("dmarcsift.bash", bash()), ("_dmarcsift", zsh()), ("dmarcsift.fish", fish())):
    with open(os.path.join(folder, name), "w", encoding="ascii") as handle:
        handle.write(text)
