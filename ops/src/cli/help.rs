//! The examples and explanations below each command's help.

pub(super) const EXAMPLES: &str = "\
Examples:
  ops --stack-name assessments-production doctor
  ops --stack-name assessments-production --profile production why --company acme-example --assessment 439706
  export OPS_STACK_NAME=assessments-production AWS_PROFILE=production; ops order list --company acme-example --stuck

Everything else is found by the stack's outputs. The answer goes to standard output, everything else to standard error.
What changes something shows what it will do and asks; --yes does not ask, --dry-run does not do it.

Exit codes:
  0 done, or all is well          5 the stack is half deployed      10 a rule forbids it, at least now
  1 done, and something is wrong  6 a partner is down or refuses    130 Ctrl-C; nothing is half done
  2 the command makes no sense    7 no such company, order, person
  3 no AWS credentials or rights  8 AWS does not answer
  4 no such stack                 9 not confirmed";

pub(super) const REGISTER: &str = "\
Examples:
  ops register --dry-run                       what differs, and nothing else
  ops register                                 shows what differs, and asks
  ops register --display REDIRECT --yes        the consent page in place of SmartRecruiters' own
  ops register --field level=Level='Level of the job'

Keys are shown by their fingerprints. Fields and display stay as they are registered unless told; display is POPUP at first.";

pub(super) const DOCTOR: &str = "\
Examples:
  ops doctor
  ops doctor --json | jq '.lines[] | select(.verdict != \"ok\")'

Each line is ok, a warning or a failure, and says what to do. Exit code 1 when one is a failure. Nothing is changed.";

pub(super) const WHY: &str = "\
Examples:
  ops why --company acme-example --assessment 439706

The answer is from the stored copy and from TestGorilla now, and has a sentence for the customer. Exit code 1 when it is not listed.
Exit code 7 when the company was never connected.";

pub(super) const ORDER_SHOW: &str = "\
Examples:
  ops order show 0f8fad5b-d9cb-469f-a165-70867728950e --company acme-example
  ops order show 0f8fad5b-d9cb-469f-a165-70867728950e        reads the whole table: slower

Exit code 1 when the order is stuck. The candidate is not named.";

pub(super) const ORDER_LIST: &str = "\
Examples:
  ops order list --company acme-example
  ops order list --company acme-example --state sent
  ops order list --stuck                       of all companies

States: scheduled, sent, started, completed, refused, expired, withdrawn, closed; lost when the table has lost its invitation. Stuck: due for
20 minutes or more (overdue), failed five times or more (failing), or, while it is open, with nothing due, or only much later than its next look,
or not named by its invitation (stranded). Exit code 1 when a company was left out, since something of it cannot be read.";

pub(super) const REDRIVE: &str = "\
Examples:
  ops redrive --dry-run                        what there is
  ops redrive --yes
  ops redrive --dead-letters --yes             without stuck orders, for which the whole table is read
  ops redrive --company acme-example --rate 5  stuck orders of one company; its dead letters are among all others'

Safe to repeat: a message only wakes work, and work that finds nothing to do changes nothing. Dead letters that cannot be read stay where
they are. An invitation that waits for its time or its turn goes on waiting. Exit code 1 when a dead letter or something of a company cannot be
read, an order's invitation is lost, or one could not be set going: the others are all the same, unless ten in a row fail. Ctrl-C ends it after
the message that it is at.";

pub(super) const DISCONNECT: &str = "\
Examples:
  ops company disconnect acme-example --dry-run
  ops company disconnect acme-example --yes

Nothing is listed, ordered or invited any more from then on; open orders are closed at SmartRecruiters, then the keys are destroyed: by the
functions, within an hour. Results that were delivered stay. SmartRecruiters shows the company as connected until its admin presses
Disconnect; they can connect again after that.";

pub(super) const CALLBACK_SECRET: &str = "\
Examples:
  ops rotate callback-secret --yes             a new secret beside the old one: both are valid from now on
  aws secretsmanager get-secret-value --secret-id ARN --query SecretString    the new one is the first: give it to TestGorilla
  ops rotate callback-secret --finish          when TestGorilla signs with it: the old one is taken out

Safe to repeat: beginning twice makes no third secret.";

pub(super) const SIGNING_KEY: &str = "\
Examples:
  ops rotate signing-key --company acme-example
  ops rotate signing-key --all --yes           of every connected company

No second step: the reconciliation forgets the old key after 36 minutes, when its last token has expired. With --all a company that fails holds
up no other, unless ten in a row fail: it is named like one that was left out, and the exit code is 1.";

pub(super) const DISCONNECT_KEY: &str = "\
Examples:
  ops rotate disconnect-key --yes              a new key beside the old one, and the URL with it registered at SmartRecruiters
  ops rotate disconnect-key --finish           65 minutes later: the old one is taken out

The key signs consent forms, too, which are open for an hour at most. Safe to repeat: beginning twice makes no third key. Only the URL is
registered: exit code 10 when anything else differs, which is shown (ops register).";

pub(super) const MASTER: &str = "\
Examples:
  ops rotate master --client-id partner-2
  ops rotate master --client-id partner-2 --yes < secret.txt
  pass show smartrecruiters/master | ops rotate master --client-id partner-2 --yes

The secret is typed, and not shown, or piped in: then nobody can be asked, so say --yes. The pair is stored when SmartRecruiters takes it,
and the former is used no more. End the former at SmartRecruiters ten minutes later.";

pub(super) const API_KEY: &str = "\
Examples:
  ops rotate api-key --company acme-example
  ops rotate api-key --company acme-example --yes < key.txt

The key is typed, and not shown, or piped in: then nobody can be asked, so say --yes. It is stored when TestGorilla takes it, and shows one of
the company's assessments with it. Assessments stay recognised as before. For another account: ops company disconnect, then Connect.";

pub(super) const ERASE: &str = "\
Examples:
  ops erase --company acme-example --candidate juno@example.com --dry-run
  ops erase --company acme-example --candidate juno@example.com --yes
  ops erase --company acme-example --candidate 3c1f2a9e-6f1d-4f0a-9b59-0d9c53f3c0de

Who is not invited yet is not invited any more, and SmartRecruiters is told so. Results that were delivered stay there. What is kept is that
an assessment was sent once, under a hash. A record of the request stays that does not tell whose it was. Exit code 10 when an
invitation was being sent at that moment: do it again in a minute. Exit code 7, and no record, when nothing is held. Safe to repeat.";

pub(super) const EXPORT: &str = "\
Examples:
  ops export --company acme-example --candidate juno@example.com --output juno.json
  ops export --company acme-example --candidate juno@example.com | jq .

The answer is JSON with personal data in it; the file can be read by its owner alone. Scores are not held here: TestGorilla and SmartRecruiters
have them. A record of the request stays that does not tell whose it was. Exit code 7, no record and no file, when nothing is held.";

pub(super) const REPLAY: &str = "\
Examples:
  ops replay --from 2026-01-03T09:00:00Z --to 2026-01-03T12:00:00Z --dry-run
  ops replay --from 2026-01-03 --to 2026-01-04 --company acme-example --yes

Reads every candidature back that was out at some time between the two, and publishes what SmartRecruiters was not told. What a partner does
not answer now is left to the reconciliation. The companies are read back in turn, --rate candidatures of each a minute. Exit code 1 when one
was left, the table failed at one, or a company was left out, since something of it cannot be read: the others are read back all the same,
unless ten in a row fail. Safe to repeat: what was told is not told again. Ctrl-C ends it after the one that it is at.";

pub(super) const RESTORE: &str = "\
Examples:
  ops restore --from-table assessments-production-Table-1-restored --dry-run   what is lacking
  ops restore --from-table assessments-production-Table-1-restored

What the stack's table has is newer and stays. Integrations come first and invitations last, which are worked on at once. Then ops redrive --yes:
an order whose invitation is older than it, or was made anew, joins it. The restored table has to be one of the stack's own, and is left as it
is: delete it afterwards, for it holds personal data. Exit code 1 when a company's integration was made anew since, which stays; 7 when there is
no such table; 10 when it is another stack's, or is not restored yet. Safe to repeat. Ctrl-C ends it after the items that it is at.";
