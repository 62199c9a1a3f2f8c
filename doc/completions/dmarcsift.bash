# SPDX-License-Identifier: MIT
# bash completion for dmarcsift; made by tests/tools/completions.py
_dmarcsift() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --db | --now | --jobs) i=$((i + 1)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $prev in
	--config | --db | --password-file | --ca-file | --file | --html | --csv | --json) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--policy) COMPREPLY=($(compgen -W "none quarantine reject" -- "$cur")); return ;;
	--subdomain-policy) COMPREPLY=($(compgen -W "none quarantine reject" -- "$cur")); return ;;
	--fail-on) COMPREPLY=($(compgen -W "LOST BROKE RISK STALE SPFERR DECIDE FWDBROKEN SPFONLY GONE NEW" -- "$cur")); return ;;
	esac
	case $command in
	'') words="init ingest fetch run report explain label senders analyse status retry forget --config --db --quiet --verbose --now --jobs --version --help" ;;
	init) words="--ca-file --client-id --domain --file --help --mailbox --oauth --password-command --password-file --server --tenant --user" ;;
	ingest) words="--help" ;;
	fetch) words="--again --help --watch" ;;
	run) words="--help" ;;
	report) words="--csv --domain --fail-on --help --html --json --links --plain --policy --since --strict --subdomain-policy --text --until" ;;
	explain) words="--help" ;;
	label) words="--help" ;;
	senders) words="--help" ;;
	analyse) words="--again --help" ;;
	status) words="--help" ;;
	retry) words="--help" ;;
	forget) words="--help" ;;
	esac
	if [[ $command == label && $COMP_CWORD -eq $((i + 2)) ]]; then
		words="mine not_mine forwarder ignore none"
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	if [[ $command == ingest || $command == explain ]]; then
		COMPREPLY+=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _dmarcsift dmarcsift
