//! The tests to choose from when an assessment is made.

use crate::testgorilla::assessment::{NewTest, Test};

/// A test of the library.
#[derive(Debug, Clone, Copy)]
pub(super) struct LibraryTest {
    /// Its name.
    pub(super) name: &'static str,
    /// The API's word for its kind.
    algorithm: &'static str,
    /// Minutes allowed.
    pub(super) minutes: u32,
}

const fn test(name: &'static str, algorithm: &'static str, minutes: u32) -> LibraryTest {
    LibraryTest { name, algorithm, minutes }
}

/// Tests with a score.
pub(super) const SKILLS: [LibraryTest; 5] = [
    test("Rust (coding)", "basic", 20),
    test("SQL", "basic", 10),
    test("Problem solving", "basic", 10),
    test("Attention to detail", "basic", 10),
    test("English (proficient/C1)", "basic", 10),
];

/// Tests that show a type or profile, and no score.
pub(super) const PERSONALITY: [LibraryTest; 4] = [
    test("Big 5 (OCEAN)", "big_5", 10),
    test("16 types", "16_types", 10),
    test("DISC", "disc", 10),
    test("Enneagram", "enneagram", 10),
];

/// The customer's own.
pub(super) const CUSTOM: [LibraryTest; 1] = [test("Custom questions", "custom_questions", 5)];

/// The chosen tests, in the library's order. Names that it does not have are left out.
pub(super) fn choose<'a>(chosen: impl Iterator<Item = &'a str>) -> Vec<NewTest> {
    let chosen: Vec<&str> = chosen.collect();
    let all = SKILLS.iter().chain(&PERSONALITY).chain(&CUSTOM);
    let new = |test: &LibraryTest| NewTest {
        name: test.name.to_owned(),
        algorithm: test.algorithm.to_owned(),
        duration: test.minutes * 60,
    };
    all.filter(|test| chosen.contains(&test.name)).map(new).collect()
}

/// A test's kind in words.
pub(super) fn kind(test: &Test) -> &'static str {
    match test.algorithm.as_str() {
        "basic" => "Skills test",
        "custom_questions" => "Custom questions",
        "culture_fit" => "Culture add",
        _ => "Personality test",
    }
}
