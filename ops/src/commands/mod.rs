//! The commands, one module each.

mod company;
mod doctor;
mod entries;
mod failed;
mod order;
mod person;
mod redrive;
mod register;
mod replay;
mod restore;
mod rotate;
mod why;

use std::cell::Cell;

use domain::ids::CompanyId;
use domain::integration::Integration;
use domain::ports::{Cursor, Survey, gather};

use self::entries::look_at_entries;
use self::failed::{Failed, not_tried};
use crate::cli::{Command, Company, Order, Rotate};
use crate::connect::App;
use crate::fail::Failure;
use crate::report::Report;

/// Runs a command. What only reads ends wherever it is when Ctrl-C is pressed.
pub(crate) async fn run(app: &App, command: &Command) -> Result<Report, Failure> {
    if command.only_reads() { app.console.interrupt.or(one(app, command)).await } else { one(app, command).await }
}

async fn one(app: &App, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Register(wish) => register::register(app, wish).await,
        Command::Doctor => doctor::doctor(app).await,
        Command::Why(question) => why::why(app, question).await,
        Command::Order(Order::Show(which)) => order::show(app, which).await,
        Command::Order(Order::List(which)) => order::list(app, which).await,
        Command::Redrive(what) => redrive::redrive(app, what).await,
        Command::Company(Company::List(which)) => company::list(app, which).await,
        Command::Company(Company::Show(which)) => company::show(app, which).await,
        Command::Company(Company::Disconnect(which)) => company::disconnect(app, which).await,
        Command::Rotate(Rotate::CallbackSecret(step)) => rotate::callback_secret(app, step).await,
        Command::Rotate(Rotate::SigningKey(whose)) => rotate::signing_key(app, whose).await,
        Command::Rotate(Rotate::DisconnectKey(step)) => rotate::disconnect_key(app, step).await,
        Command::Rotate(Rotate::Master(pair)) => rotate::master(app, pair).await,
        Command::Rotate(Rotate::ApiKey(whose)) => rotate::api_key(app, whose).await,
        Command::Erase(request) => person::erase(app, request).await,
        Command::Export(request) => person::export(app, request).await,
        Command::Replay(window) => replay::replay(app, window).await,
        Command::Restore(what) => restore::restore(app, what).await,
    }
}

/// The integrations of all companies, by the companies' ids.
async fn integrations(app: &App) -> Result<Vec<Integration>, Failure> {
    let read_so_far = Cell::new(0);
    let read = async |from: Option<&Cursor>| {
        app.console.interrupt.check()?;
        let part = app.ports.store.integrations(from).await?;
        read_so_far.set(read_so_far.get() + part.items.len());
        app.console.progress("Companies found", read_so_far.get(), None);
        Ok::<_, Failure>(part)
    };
    let mut found = gather(read, |_| true).await?;
    app.console.progress_ends();
    found.sort_by(|one, other| one.company.cmp(&other.company));
    Ok(found)
}

/// A company, if it was ever connected, or all that were.
async fn companies(app: &App, one: Option<&CompanyId>) -> Result<Vec<CompanyId>, Failure> {
    use domain::ports::Integrations;
    let Some(company) = one else {
        return Ok(integrations(app).await?.into_iter().map(|integration| integration.company).collect());
    };
    match app.ports.store.integration(company).await? {
        Some(_) => Ok(vec![company.clone()]),
        None => Err(unknown_company(company)),
    }
}

fn unknown_company(company: &CompanyId) -> Failure {
    let advice = "Its id is the one in SmartRecruiters' addresses; ops company list shows those that are known.";
    Failure::not_found(format!("The company {company} was never connected. {advice}"))
}
