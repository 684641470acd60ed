//! Candidates as orders name them.
#![no_main]

use domain::candidate::Candidate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|parts: (Option<&str>, Option<&str>, Option<&str>, Option<&str>)| {
    let (id, email, first, last) = parts;
    let Ok(candidate) = Candidate::parse(id, email, first, last) else { return };
    assert!(candidate.id.is_some() || candidate.email.is_some());
    for text in [&candidate.id, &candidate.email, &candidate.first_name, &candidate.last_name].into_iter().flatten() {
        assert!(!text.reveal().is_empty());
        assert!(!text.reveal().chars().any(char::is_control), "a line could be broken");
    }
    for name in [&candidate.first_name, &candidate.last_name].into_iter().flatten() {
        assert!(!name.reveal().starts_with(['=', '+', '-', '@', '\t', '\r']), "a formula");
    }
    if let Some(email) = &candidate.email {
        assert!(email.reveal().matches('@').count() == 1 && email.reveal().len() <= 254);
    }
    assert_eq!(candidate.key(&[7; 16]), candidate.key(&[7; 16]));
    let printed = format!("{candidate:?}");
    assert!(candidate.email.iter().all(|email| !printed.contains(email.reveal().as_str())), "it is printed");
});
