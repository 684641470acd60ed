//! The domain knows no AWS, no HTTP and no Lambda: its whole dependency tree says so.

use std::process::Command;

#[test]
fn the_domain_is_free_of_aws_http_and_lambda() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", "domain", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.lines().any(|line| line.starts_with("domain ")), "{tree}");
    let foreign = |name: &str| {
        name.starts_with("aws")
            || name.starts_with("lambda")
            || name.starts_with("hyper")
            || name.starts_with("http")
            || ["reqwest", "tokio", "tower", "runtime", "partners", "axum"].contains(&name)
    };
    let found: Vec<_> = tree.lines().filter(|line| line.split(' ').next().is_some_and(foreign)).collect();
    assert!(found.is_empty(), "{found:?}");
}
