//! Lists assessments.

use lambda_http::{Error, run, service_fn, tracing};
use usual::{App, listing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let app = &App::new().await?;
    run(service_fn(move |request| listing::handle(app, request))).await
}
