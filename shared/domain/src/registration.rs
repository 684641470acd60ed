//! How the product is registered at SmartRecruiters: where it calls, what is offered, and how the consent page is shown.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::crypto;
use crate::sensitive::Secret;

/// How SmartRecruiters shows the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// In a frame of its own page.
    Popup,
    /// In place of its own page.
    Redirect,
}

impl Display {
    /// SmartRecruiters' word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Popup => "POPUP",
            Self::Redirect => "REDIRECT",
        }
    }
}

/// A text that is neither `POPUP` nor `REDIRECT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither POPUP nor REDIRECT")]
pub struct InvalidDisplay;

impl FromStr for Display {
    type Err = InvalidDisplay;

    fn from_str(text: &str) -> Result<Self, InvalidDisplay> {
        match text.to_ascii_uppercase().as_str() {
            "POPUP" => Ok(Self::Popup),
            "REDIRECT" => Ok(Self::Redirect),
            _ => Err(InvalidDisplay),
        }
    }
}

/// A field of the job that SmartRecruiters sends along when it asks for packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// Most fields that SmartRecruiters takes.
pub const MAX_FIELDS: usize = 5;

/// What is registered. The addresses are SmartRecruiters' to read: they may be anything where somebody else has put them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The consent page.
    pub consent_url: String,
    /// How it is shown.
    pub display: String,
    /// Lists packages.
    pub list_url: String,
    /// Gets one package; `{assessmentPackageId}` is filled in.
    pub package_url: String,
    /// Takes orders.
    pub order_url: Option<String>,
    /// Takes inline orders.
    pub inline_order_url: Option<String>,
    /// Issues access tokens.
    pub token_url: String,
    /// Ends an integration. Its unguessable part is all that protects it.
    pub disable_url: Option<Secret>,
    /// Fields that come with the list.
    pub fields: Vec<Field>,
    /// Kinds of assessment, as SmartRecruiters names them, in alphabetical order.
    pub types: Vec<String>,
}

/// The kinds of assessment that are offered.
const TYPES: [&str; 2] = ["INLINE_ASSESSMENT", "SKILL_TEST"];

impl Registration {
    /// The registration of a stack whose routes lie below `api`.
    pub fn of(api: &str, disconnect_key: &Secret, display: Display, fields: Vec<Field>) -> Self {
        let api = api.trim_end_matches('/');
        let below = |path: &str| format!("{api}{path}");
        let disable = format!("{api}/integrations/{}/companies/{{companyId}}", disconnect_key.expose());
        Self {
            consent_url: below("/integration"),
            display: display.word().to_owned(),
            list_url: below("/packages"),
            package_url: below("/packages/{assessmentPackageId}"),
            order_url: Some(below("/packages/orders")),
            inline_order_url: Some(below("/packages/inline/orders")),
            token_url: below("/oauth/token"),
            disable_url: Some(Secret::new(disable)),
            fields,
            types: TYPES.map(str::to_owned).into(),
        }
    }

    /// Each property by SmartRecruiters' name, in words that may be shown.
    fn properties(&self) -> [(&'static str, String); 10] {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
        let fields = self.fields.iter().map(|field| format!("{}: {} ({})", field.id, field.name, field.description));
        let fields: Vec<String> = fields.collect();
        [
            ("consentUrl", self.consent_url.clone()),
            ("consentDisplayMode", self.display.clone()),
            ("assessmentPackageListUrl", self.list_url.clone()),
            ("singleAssessmentPackageUrl", self.package_url.clone()),
            ("packageOrderUrl", or_none(&self.order_url)),
            ("inlineAssessmentPackageOrderUrl", or_none(&self.inline_order_url)),
            ("oauthTokenUrl", self.token_url.clone()),
            ("integrationDisableUrl", or_none(&self.disable_url.as_ref().map(masked))),
            ("fields", if fields.is_empty() { "(none)".to_owned() } else { fields.join(", ") }),
            ("supportedAssessmentTypes", self.types.join(", ")),
        ]
    }
}

/// A property that is registered otherwise than it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// SmartRecruiters' name of it.
    pub property: &'static str,
    /// As it is registered; `None` when nothing is registered at all.
    pub registered: Option<String>,
    /// As it should be.
    pub wanted: String,
}

/// What would change by registering. No secret is in it: keys are told apart by their fingerprints.
pub fn differences(registered: Option<&Registration>, wanted: &Registration) -> Vec<Difference> {
    let before = registered.map(Registration::properties);
    let mut found = Vec::new();
    for (at, (property, wanted)) in wanted.properties().into_iter().enumerate() {
        let registered = before.as_ref().and_then(|before| before.get(at)).map(|(_, text)| text.clone());
        if registered.as_ref() != Some(&wanted) {
            found.push(Difference { property, registered, wanted });
        }
    }
    found
}

/// Tells keys apart without telling them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The first bytes of the SHA-256 of a text.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crypto::sha256(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of the disconnect call without its key. Of any other form only the host is shown.
fn masked(url: &Secret) -> String {
    let Ok(parsed) = Url::parse(url.expose()) else {
        return format!("(not an address, {})", Fingerprint::of(url.expose().as_bytes()));
    };
    let host = parsed.origin().ascii_serialization();
    let key =
        url.expose().rsplit_once("/integrations/").and_then(|(_, rest)| rest.strip_suffix("/companies/{companyId}"));
    let begin = url.expose().rsplit_once("/integrations/").map(|(begin, _)| begin);
    match (begin, key) {
        (Some(begin), Some(key)) if !key.contains('/') && parsed.password().is_none() => {
            format!("{begin}/integrations/(key {})/companies/{{companyId}}", Fingerprint::of(key.as_bytes()))
        }
        _ => format!("{host}/... ({})", Fingerprint::of(url.expose().as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(key: &str) -> Registration {
        Registration::of("https://api.example/", &Secret::new(key), Display::Popup, vec![])
    }

    #[test]
    fn every_address_lies_below_the_api() {
        let registration = registration("k3y-of-the-url");
        for (property, text) in registration.properties() {
            if property.ends_with("Url") {
                assert!(text.starts_with("https://api.example/"), "{property} {text}");
                assert!(!text.contains("example//"), "{property} {text}");
            }
        }
        let disable = registration.disable_url.unwrap();
        assert_eq!(disable.expose(), "https://api.example/integrations/k3y-of-the-url/companies/{companyId}");
    }

    #[test]
    fn the_same_differs_in_nothing_and_nothing_differs_in_all() {
        assert_eq!(differences(Some(&registration("a")), &registration("a")), []);
        assert_eq!(differences(None, &registration("a")).len(), 10);
    }

    #[test]
    fn another_key_shows_by_its_fingerprint_and_not_itself() {
        let found = differences(Some(&registration("old-k3y")), &registration("new-k3y"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].property, "integrationDisableUrl");
        assert_ne!(found[0].registered.as_deref(), Some(found[0].wanted.as_str()));
        assert!(!format!("{found:?}").contains("k3y"), "{found:?}");
    }

    #[test]
    fn of_an_address_that_is_not_ours_only_the_host_is_shown() {
        for (url, host) in [
            ("https://else.example/s3cret/disable", "https://else.example/..."),
            ("https://user:s3cret@else.example/integrations/x/companies/{companyId}", "https://else.example/..."),
            ("s3cret", "(not an address"),
        ] {
            let shown = masked(&Secret::new(url));
            assert!(shown.starts_with(host) && !shown.contains("s3cret"), "{shown}");
        }
    }
}
