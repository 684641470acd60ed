//! What the admin's browser sends: the link's parameters and the form's fields.

use domain::hosts::AllowedHosts;
use domain::ids::CompanyId;
use domain::sensitive::Secret;

use crate::problem::Problem;

/// Whom a link or form is for.
#[derive(Debug)]
pub(crate) struct Target {
    /// Not to be trusted: SmartRecruiters says whether it consented.
    pub(crate) company: CompanyId,
    /// A checked address of SmartRecruiters, as it came.
    pub(crate) redirect: Option<String>,
}

/// A form that was sent.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) target: Target,
    /// As typed.
    pub(crate) api_key: Secret,
    pub(crate) token: String,
}

/// A link that was followed.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) target: Target,
    /// What [`connected`] made: the company has just been connected.
    pub(crate) connected: Option<String>,
}

/// Reads the link's query.
pub(crate) fn link(query: &str, hosts: &AllowedHosts) -> Result<Link, Problem> {
    let pairs = pairs(query.as_bytes());
    let target = read_target(&pairs, hosts)?;
    let connected = pairs.into_iter().find(|(key, _)| key == CONNECTED).map(|(_, value)| value);
    Ok(Link { target, connected })
}

/// Name of the parameter that says, with our signature, that the company has just been connected.
const CONNECTED: &str = "connected";

/// The address of the last page, relative to the form's: reloading it, or going back to it, sends nothing again.
pub(crate) fn connected(company: &CompanyId, token: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("companyId", company.as_str()).append_pair(CONNECTED, token);
    format!("integration?{}", query.finish())
}

/// Reads the form's body.
pub(crate) fn form(body: &[u8], hosts: &AllowedHosts) -> Result<Form, Problem> {
    let pairs = pairs(body);
    let target = read_target(&pairs, hosts)?;
    let text = |name| one(&pairs, name, Problem::FORM_MALFORMED).map(|text| text.unwrap_or_default().to_owned());
    Ok(Form { target, api_key: Secret::new(text("apiKey")?), token: text("formToken")? })
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

fn read_target(pairs: &[(String, String)], hosts: &AllowedHosts) -> Result<Target, Problem> {
    let company = one(pairs, "companyId", Problem::COMPANY_MISSING)?.unwrap_or_default();
    let company = company.parse().map_err(|_| Problem::COMPANY_MISSING)?;
    let redirect = match one(pairs, "redirect", Problem::REDIRECT_FORBIDDEN)? {
        None | Some("") => None,
        Some(redirect) => Some(hosts.check(redirect).map_err(|_| Problem::REDIRECT_FORBIDDEN)?.to_string()),
    };
    Ok(Target { company, redirect })
}

/// The only value of a name: two values are two meanings, and none is chosen.
fn one<'a>(pairs: &'a [(String, String)], name: &str, problem: Problem) -> Result<Option<&'a str>, Problem> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let value = values.next();
    if values.next().is_some() { Err(problem) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<(String, Option<String>), Problem> {
        let target = link(query, &"*.smartrecruiters.com".parse().unwrap())?.target;
        Ok((target.company.to_string(), target.redirect))
    }

    #[test]
    fn a_link_names_a_company_and_perhaps_a_way_back() {
        assert_eq!(read("companyId=acme-example"), Ok(("acme-example".into(), None)));
        let back = "https://www.smartrecruiters.com/app?x=1";
        let query =
            format!("companyId=acme-example&redirect={}", "https%3A%2F%2Fwww.smartrecruiters.com%2Fapp%3Fx%3D1");
        assert_eq!(read(&query), Ok(("acme-example".into(), Some(back.into()))));
    }

    #[test]
    fn a_link_that_cannot_be_followed_is_said_so() {
        let long = format!("companyId={}", "x".repeat(10_240));
        for bad in ["", "companyId=", "companyId=%3Cscript%3E", "companyId=a&companyId=b", long.as_str()] {
            assert_eq!(read(bad), Err(Problem::COMPANY_MISSING), "{bad}");
        }
        for bad in [
            "https://evil.example/",
            "javascript:alert(1)",
            "//www.smartrecruiters.com",
            "http://www.smartrecruiters.com",
        ] {
            assert_eq!(read(&format!("companyId=a&redirect={bad}")), Err(Problem::REDIRECT_FORBIDDEN), "{bad}");
        }
    }
}
