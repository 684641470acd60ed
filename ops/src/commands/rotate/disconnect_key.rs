//! `ops rotate disconnect-key`.

use domain::flows::register::{Plan, Wish, plan};
use domain::flows::rotate_stack::{Stage, begin_disconnect_key, finish_disconnect_key};
use domain::ports::PartnerSecretWriter;

use super::{dry_run, report};
use crate::cli::TwoSteps;
use crate::commands::register::shown;
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::Report;

const WHAT: &str = "disconnect-key";

pub(crate) async fn disconnect_key(app: &App, step: &TwoSteps) -> Result<Report, Failure> {
    if step.finish { finish(app, step).await } else { begin(app, step).await }
}

async fn begin(app: &App, step: &TwoSteps) -> Result<Report, Failure> {
    let look = async {
        let is_first = app.ports.secrets.stored_partner_keys().await?.value.disconnect_keys.is_empty();
        if !is_first {
            planned(app).await?;
        }
        Ok(is_first)
    };
    let is_first = app.console.interrupt.or(look).await?;
    let told = if is_first {
        "There is no disconnect key: the first one is made. The address with it is to be registered then."
    } else {
        "A new disconnect key is put beside the one in use, and the address with it registered at SmartRecruiters."
    };
    if app.console.ask(&step.asking, told).await? == Consent::DryRun {
        return Ok(dry_run(WHAT));
    }
    let stage = begin_disconnect_key(&app.ports).await?;
    // Also when it had begun before: whoever was cut off in between has registered nothing.
    if is_first {
        return Ok(report(
            WHAT,
            "first",
            "One disconnect key is valid. Now register the address with it: ops register.",
        ));
    }
    let plan = planned(app).await.map_err(|failure| half_way(&failure))?;
    plan.put(&app.ports).await.map_err(|error| half_way(&error.into()))?;
    let text = "Two disconnect keys are valid, and the address with the new one is registered. In 65 minutes: ops rotate disconnect-key --finish";
    Ok(report(WHAT, if stage == Stage::Begun { "begun" } else { "under_way" }, text))
}

/// What is to be registered. Whatever else than the address of disconnecting differs is put by nobody who has not seen it.
async fn planned(app: &App) -> Result<Plan, Failure> {
    let plan = plan(&app.ports, &app.stack.api_url, &Wish::default()).await?;
    only_the_address(plan)
}

fn only_the_address(plan: Plan) -> Result<Plan, Failure> {
    if !plan.differs_elsewhere() {
        return Ok(plan);
    }
    let why = "SmartRecruiters has registered something else than this stack's outputs say, beside the key";
    Err(Failure::new(Exit::NotNow, format!("{why}:\n{}\nFirst look at it and put it: ops register.", shown(&plan))))
}

/// Both keys are valid, and the old address is still registered: nothing is refused.
fn half_way(failure: &Failure) -> Failure {
    let sentence =
        format!("The new key is valid, but not registered yet; the old one goes on. {failure} Then do this again.");
    Failure::new(failure.exit, sentence)
}

async fn finish(app: &App, step: &TwoSteps) -> Result<Report, Failure> {
    let told = "The old disconnect key is taken out: calls to the old address find nothing then.";
    if app.console.ask(&step.asking, told).await? == Consent::DryRun {
        return Ok(dry_run(WHAT));
    }
    let plan = plan(&app.ports, &app.stack.api_url, &Wish::default()).await?;
    if plan.differs_in_disconnect_url() {
        let sentence = "SmartRecruiters has not registered the new address: nothing was changed. First: ops register.";
        return Err(Failure::new(Exit::NotNow, sentence));
    }
    Ok(match finish_disconnect_key(&app.ports).await? {
        Stage::Finished => {
            report(WHAT, "finished", "The old disconnect key is taken no more, after five minutes at most.")
        }
        _ => report(WHAT, "single", "One disconnect key was valid: nothing was changed."),
    })
}
