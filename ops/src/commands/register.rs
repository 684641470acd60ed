//! `ops register`.

use domain::flows::register::{Plan, Wish, plan};
use domain::registration::MAX_FIELDS;
use serde_json::{Value, json};

use crate::cli::Register;
use crate::connect::App;
use crate::console::Consent;
use crate::fail::Failure;
use crate::report::Report;

pub(super) async fn register(app: &App, wanted: &Register) -> Result<Report, Failure> {
    if wanted.fields.len() > MAX_FIELDS {
        return Err(Failure::usage(format!("SmartRecruiters takes {MAX_FIELDS} fields at most: leave some out.")));
    }
    let fields = (wanted.no_fields || !wanted.fields.is_empty()).then(|| wanted.fields.clone());
    let wish = Wish { display: wanted.display, fields };
    let look = async { Ok(plan(&app.ports, &app.stack.api_url, &wish).await?) };
    let plan = app.console.interrupt.or(look).await?;
    if plan.differences.is_empty() {
        return Ok(Report::new(
            "SmartRecruiters has this stack registered as it is: nothing to change.",
            answer(&plan, false),
        ));
    }
    let shown = format!("What SmartRecruiters has registered differs:\n{}", shown(&plan));
    match app.console.ask(&wanted.asking, &shown).await? {
        Consent::DryRun => Ok(Report::new("Not registered (--dry-run).", answer(&plan, false))),
        Consent::Given => {
            plan.put(&app.ports).await?;
            Ok(Report::new("Registered: companies can connect.", answer(&plan, true)))
        }
    }
}

/// The differences, each property with what is and what should be.
pub(super) fn shown(plan: &Plan) -> String {
    let lines = plan.differences.iter().map(|difference| {
        let registered = difference.registered.as_deref().unwrap_or("(nothing)");
        format!("  {}\n    - {registered}\n    + {}", difference.property, difference.wanted)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn answer(plan: &Plan, is_registered: bool) -> Value {
    let differences = plan.differences.iter().map(|difference| {
        json!({"property": difference.property, "registered": difference.registered, "wanted": difference.wanted})
    });
    json!({"differences": differences.collect::<Vec<_>>(), "changed": is_registered})
}
