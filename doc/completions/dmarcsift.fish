# SPDX-License-Identifier: MIT
# fish completion for dmarcsift; made by tests/tools/completions.py
complete -c dmarcsift -f
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a init -d 'Writes a commented configuration, prints the DNS records to publish, tries the login.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a ingest -d 'Reads reports from files, directories, maildirs, mboxes and standard input into the database.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a fetch -d 'Fetches reports by IMAP from the configured accounts.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a run -d 'The nightly job: fetch, analyse, write the outputs, mail the digest if there is something to say, apply retention.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a report -d 'Shows what the database says: for each domain its totals and who sends as it.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a explain -d 'Explains a sender, an address or a domain; or a bounce: why it was refused, and what stops that.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a label -d 'Says whose mail a sender\'s is: changes its class and the findings at once.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a senders -d 'Lists the catalogue of known sending services, mailbox hosts and forwarders, or looks one up.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a analyse -d 'Works standings and findings out anew.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a status -d 'Shows what came in: counts for each state, accounts, trouble, what came twice, the last report of each reporter, gaps, domains kept apart.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a retry -d 'Reads kept documents that were damaged, or met a passing fault, once more.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -a forget -d 'Removes what was stored of a policy domain or of one report.'
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l config -r -F
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l db -r -F
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l quiet -s q
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l verbose -s v
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l now -x
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l jobs -x
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l version
complete -c dmarcsift -n 'not __fish_seen_subcommand_from init ingest fetch run report explain label senders analyse status retry forget' -l help -s h
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l ca-file -r -F
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l client-id -x
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l domain -x
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l file -r -F
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l mailbox -x
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l oauth
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l password-command -x
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l password-file -r -F
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l server -x
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l tenant -x
complete -c dmarcsift -n '__fish_seen_subcommand_from init' -l user -x
complete -c dmarcsift -n '__fish_seen_subcommand_from ingest' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from fetch' -l again
complete -c dmarcsift -n '__fish_seen_subcommand_from fetch' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from fetch' -l watch
complete -c dmarcsift -n '__fish_seen_subcommand_from run' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l csv -r -F
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l domain -x
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l fail-on -x -a 'LOST BROKE RISK STALE SPFERR DECIDE FWDBROKEN SPFONLY GONE NEW'
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l html -r -F
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l json -r -F
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l links
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l plain
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l policy -x -a 'none quarantine reject'
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l since -x
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l strict
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l subdomain-policy -x -a 'none quarantine reject'
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l text
complete -c dmarcsift -n '__fish_seen_subcommand_from report' -l until -x
complete -c dmarcsift -n '__fish_seen_subcommand_from explain' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from label' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from senders' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from analyse' -l again
complete -c dmarcsift -n '__fish_seen_subcommand_from analyse' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from status' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from retry' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from forget' -l help
complete -c dmarcsift -n '__fish_seen_subcommand_from ingest' -F
complete -c dmarcsift -n '__fish_seen_subcommand_from explain' -F
complete -c dmarcsift -n '__fish_seen_subcommand_from label' -a 'mine not_mine forwarder ignore none'
