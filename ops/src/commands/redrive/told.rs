//! What is told of a redrive.

use serde_json::{Value, json};

use super::{Done, Found};
use crate::cli::Redrive;
use crate::commands::not_tried;
use crate::fail::Exit;
use crate::report::{Report, count};

/// Dead letters are those of all companies: asked for one, they are left.
pub(super) fn of(what: &Redrive, letters: String, stuck: String, between: &str) -> String {
    match (what.company.is_some(), what.dead_letters) {
        (true, _) => stuck,
        (false, true) => letters,
        (false, false) => format!("{letters}{between}{stuck}"),
    }
}

pub(super) fn counted(what: &Redrive, letters: usize, stuck: usize) -> String {
    let letters = count(letters, "dead letter", "dead letters");
    of(what, letters, count(stuck, "stuck invitation", "stuck invitations"), " and ")
}

pub(super) fn sentence(what: &Redrive, done: &Done) -> String {
    format!("{} put back to work.", counted(what, done.letters, done.pushed))
}

pub(super) fn report(what: &Redrive, done: &Done, found: &Found, is_interrupted: bool) -> Report {
    let left = found.stuck.len() - done.pushed - done.busy - done.lost - done.failed.number();
    let mut text = sentence(what, done);
    if done.busy > 0 {
        text.push_str(&format!(" {} being worked on at this moment.", count(done.busy, "is", "are")));
    }
    if done.lost > 0 {
        let lost = count(done.lost, "stuck invitation is", "stuck invitations are");
        text.push_str(&format!(
            " {lost} not in the table any more, and nothing sets the orders going: look at them (ops order list --state lost) and tell their recruiters."
        ));
    }
    if done.unreadable > 0 {
        let left = count(done.unreadable, "dead letter cannot be read and is", "dead letters cannot be read and are");
        text.push_str(&format!(" {left} left in place: look who sends such messages, then remove by hand."));
    }
    if is_interrupted {
        text.push_str(" Interrupted: the rest is where it was, do it again.");
    }
    if done.failed.number() > 0 {
        let failed = count(done.failed.number(), "stuck invitation", "stuck invitations");
        text.push_str(&format!(" {failed} failed{}: do it again.{}", not_tried(left), done.failed.lines()));
    }
    let is_wrong = done.unreadable + done.lost + done.failed.number() > 0;
    let mut report = found.report(text, answer(done, left)).wrong_if(is_wrong);
    if is_interrupted {
        report.exit = Exit::Interrupted;
    }
    report
}

pub(super) fn answer(done: &Done, left: usize) -> Value {
    json!({
        "dead_letters": done.letters, "unreadable": done.unreadable, "stuck": done.pushed, "busy": done.busy,
        "lost": done.lost, "failed": done.failed.json(), "left": left, "changed": done.letters + done.pushed > 0,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use domain::ports::StoreError;
    use testing::samples;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::commands::Failed;

    fn asked(more: &[&str]) -> Redrive {
        match Cli::parse_from(["ops", "redrive"].iter().chain(more)).command {
            Command::Redrive(what) => what,
            other => panic!("{other:?}"),
        }
    }

    fn found(stuck: u64) -> Found {
        let key = |assessment| samples::invitation_key(&samples::company(), assessment);
        let stuck = (1..=stuck).map(|assessment| (key(assessment), vec![samples::order_id()])).collect();
        Found { letters: 0, stuck, left_out: Failed::default() }
    }

    fn unreadable() -> StoreError {
        StoreError::Broken("the item x cannot be read or written".into())
    }

    #[test]
    fn what_is_not_looked_at_is_not_counted() {
        let told = |more: &[&str]| counted(&asked(more), 2, 1);
        assert_eq!(told(&[]), "2 dead letters and 1 stuck invitation");
        assert_eq!(told(&["--dead-letters"]), "2 dead letters");
        assert_eq!(told(&["--company", "acme-example"]), "1 stuck invitation");
        assert!(Cli::try_parse_from(["ops", "redrive", "--dead-letters", "--company", "acme-example"]).is_err());
    }

    #[test]
    fn a_lost_invitation_is_told_from_one_that_somebody_is_at() {
        let busy = report(&asked(&[]), &Done { pushed: 1, busy: 1, ..Done::default() }, &found(2), false);
        assert!(busy.exit == Exit::Fine && busy.text.contains("1 is being worked on"), "{}", busy.text);
        let lost = report(&asked(&[]), &Done { lost: 2, ..Done::default() }, &found(2), false);
        assert!(
            lost.exit == Exit::Wrong && lost.text.contains("2 stuck invitations are not in the table"),
            "{}",
            lost.text
        );
        assert_eq!((&lost.json["left"], &lost.json["changed"]), (&json!(0), &json!(false)));
    }

    #[test]
    fn what_could_not_be_set_going_is_named_and_what_was_not_tried_is_counted() {
        let mut done = Done { pushed: 1, ..Done::default() };
        done.failed.note("acme-example/2/x", Err::<(), _>(unreadable()));
        let told = report(&asked(&[]), &done, &found(3), false);
        assert!(
            told.text.contains(" 1 stuck invitation failed, and 1 was not tried: do it again.\n  acme-example/2/x: "),
            "{}",
            told.text
        );
        assert_eq!((told.exit, &told.json["left"]), (Exit::Wrong, &json!(1)));
        assert!(told.json["failed"]["acme-example/2/x"].is_string());
    }

    #[test]
    fn a_company_that_was_left_out_is_named_whatever_else_there_was_to_do() {
        let mut found = found(0);
        found.left_out.note("acme-example", Err::<(), _>(unreadable()));
        for told in [report(&asked(&[]), &Done::default(), &found, false), found.report(String::new(), json!({}))] {
            assert!(told.exit == Exit::Wrong && told.text.contains("\n  acme-example: "), "{}", told.text);
            assert!(told.json["left_out"]["acme-example"].is_string());
        }
    }
}
