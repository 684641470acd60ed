//! The words that stand for states in stored items. A word is never reused for something else.

/// Defines both directions; a variant without a word does not compile.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident for $type:ty { $($variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        pub(crate) mod $name {
            /// The stored word.
            pub(crate) fn word(value: $type) -> String {
                match value { $(<$type>::$variant => $word),+ }.to_owned()
            }

            /// What a stored word stands for.
            pub(crate) fn read(word: &str) -> Option<$type> {
                match word {
                    $($word => Some(<$type>::$variant),)+
                    _ => None,
                }
            }

            /// Everything that has a word.
            #[cfg(test)]
            pub(crate) fn all() -> Vec<$type> {
                vec![$(<$type>::$variant),+]
            }
        }
    };
}

codes!(assessment_status for domain::assessment::AssessmentStatus {
    New => "new",
    Active => "active",
    Archived => "archived",
});
codes!(end_cause for domain::integration::EndCause {
    Disconnected => "disconnected",
    Disabled => "disabled",
    KeyRefused => "key_refused",
});
codes!(refusal for domain::invitation::Refusal {
    BadEmail => "bad_email",
    SuspiciousEmail => "suspicious_email",
    NoEmail => "no_email",
    AssessmentGone => "assessment_gone",
    AssessmentClosed => "assessment_closed",
    Erased => "erased",
    Other => "other",
});
codes!(expiry for domain::invitation::Expiry {
    AssessmentEnded => "assessment_ended",
    CandidatureDeleted => "candidature_deleted",
    IntegrationEnded => "integration_ended",
});
codes!(order_kind for domain::order::OrderKind {
    Package => "package",
    Inline => "inline",
});
codes!(closed for domain::order::Closed {
    UnknownOrder => "unknown_order",
    IntegrationEnded => "integration_ended",
});
codes!(order_status for domain::report::Status {
    Pending => "pending",
    InProgress => "in_progress",
    Completed => "completed",
    Rejected => "rejected",
    Expired => "expired",
});

codes!(request for domain::record::Request {
    Erasure => "erasure",
    Export => "export",
});
