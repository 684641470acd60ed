//! Placeholder while the use cases are written.
use lambda_http::{Body, Error, Request, Response, run, service_fn};

async fn handle(_request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(501).body(Body::Empty)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
