//! Whose access key signed a call: the function that has it in its environment.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Functions by access key. Each function's role has a key of its own.
#[derive(Debug, Default)]
pub(crate) struct Callers(Mutex<HashMap<String, String>>);

impl Callers {
    /// The name of the function that signs by this key. The first call by a key is answered by a look at the processes: the
    /// one that sends it waits for its answer, so it is there. That takes milliseconds, once for each function.
    pub(crate) fn function(&self, key: &str) -> Option<String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = known.get(key) {
            return Some(function.clone());
        }
        let function = environments().find_map(|environment| named(&environment, key))?;
        known.insert(key.to_owned(), function.clone());
        Some(function)
    }
}

/// The environment of every process that may be read.
fn environments() -> impl Iterator<Item = Vec<u8>> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|process| std::fs::read(process.path().join("environ")).ok())
}

/// The function's name in an environment that has the key.
fn named(environment: &[u8], key: &str) -> Option<String> {
    let value = |name: &str| {
        environment
            .split(|byte| *byte == 0)
            .find_map(|variable| variable.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
    };
    let is_its = value("AWS_ACCESS_KEY_ID") == Some(key.as_bytes());
    let function = is_its.then(|| value("AWS_LAMBDA_FUNCTION_NAME")).flatten()?;
    Some(String::from_utf8_lossy(function).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_one_of_the_function_that_has_it_in_its_environment() {
        let environment = b"PATH=/bin\0AWS_ACCESS_KEY_ID=ASIA1\0AWS_LAMBDA_FUNCTION_NAME=orders\0";
        assert_eq!(named(environment, "ASIA1").as_deref(), Some("orders"));
        assert_eq!(named(environment, "ASIA"), None);
        assert_eq!(named(b"AWS_ACCESS_KEY_ID=ASIA1\0", "ASIA1"), None);
    }

    #[test]
    fn a_key_that_no_function_has_is_nobodys() {
        assert_eq!(Callers::default().function("no function has this key"), None);
    }
}
