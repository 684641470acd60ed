//! What can be typed.

use clap::{CommandFactory, Parser};

use super::Cli;
use super::arguments::{field, time};
use super::help::*;

#[test]
fn the_command_line_is_consistent_and_every_command_has_examples() {
    let mut cli = Cli::command();
    cli.build();
    cli.clone().debug_assert();
    fn check(command: &clap::Command) {
        let subcommands: Vec<_> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
        if subcommands.is_empty() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
        subcommands.into_iter().for_each(check);
    }
    check(&cli);
}

#[test]
fn every_example_of_the_help_can_be_typed() {
    let examples: Vec<&str> = [
        REGISTER,
        DOCTOR,
        WHY,
        ORDER_SHOW,
        ORDER_LIST,
        REDRIVE,
        DISCONNECT,
        CALLBACK_SECRET,
        SIGNING_KEY,
        DISCONNECT_KEY,
        MASTER,
        API_KEY,
        ERASE,
        EXPORT,
        REPLAY,
        RESTORE,
    ]
    .into_iter()
    .flat_map(str::lines)
    .filter_map(|line| line.trim().strip_prefix("ops "))
    .collect();
    assert!(examples.len() > 25, "{}", examples.len());
    for example in examples {
        // What follows two spaces is a remark; what follows these signs is the shell's.
        let typed = example.split(['<', '|']).next().and_then(|typed| typed.split("   ").next()).unwrap();
        let typed = typed.split("  ").next().unwrap().replace("='Level of the job'", "=Level");
        let parsed = Cli::try_parse_from(std::iter::once("ops").chain(typed.split_whitespace()));
        assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
    }
}

#[test]
fn every_line_of_the_readme_can_be_typed() {
    let typed = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("$ ops "));
    let typed: Vec<&str> = typed.collect();
    assert!(typed.len() > 20, "{}", typed.len());
    for line in typed {
        let words = line.split(" <").next().unwrap_or_default().split_whitespace();
        let parsed = Cli::try_parse_from(std::iter::once("ops").chain(words));
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
}

#[test]
fn a_day_is_its_beginning() {
    assert_eq!(time("2026-01-03"), time("2026-01-03T00:00:00Z"));
    assert!(time("yesterday").is_err());
}

#[test]
fn a_field_has_three_parts() {
    let read = field("level=Level=Of the job = position").unwrap();
    assert_eq!((read.id.as_str(), read.description.as_str()), ("level", "Of the job = position"));
    for bad in ["level", "level=Level", "=a=b", "a==b"] {
        assert!(field(bad).is_err(), "{bad}");
    }
}
