//! How we are registered, as SmartRecruiters sees and says it.

use domain::ports::{PartnerConfiguration, SmartRecruitersError};
use domain::registration::{Display, Field, Registration};
use domain::sensitive::Secret;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{calls, ok, pair, recruiters, with_tokens};

fn registration() -> Registration {
    let field = Field { id: "level".into(), name: "Level".into(), description: "Of the job".into() };
    Registration::of("https://api.example", &Secret::new("k3y"), Display::Popup, vec![field])
}

#[tokio::test]
async fn what_is_registered_is_what_the_contract_says() {
    let server = with_tokens(ok(json!({}))).await;
    recruiters(&server).register(&pair(), &registration()).await.unwrap();
    insta::assert_json_snapshot!(calls(&server).await, @r#"
    [
      {
        "accept": "application/json",
        "authorization": "Bearer token-1",
        "body": {
          "assessmentPackageListUrl": "https://api.example/packages",
          "consentDisplayMode": "POPUP",
          "consentUrl": "https://api.example/integration",
          "fields": [
            {
              "description": "Of the job",
              "id": "level",
              "name": "Level"
            }
          ],
          "inlineAssessmentPackageOrderUrl": "https://api.example/packages/inline/orders",
          "integrationDisableUrl": "https://api.example/integrations/k3y/companies/{companyId}",
          "oauthTokenUrl": "https://api.example/oauth/token",
          "packageOrderUrl": "https://api.example/packages/orders",
          "singleAssessmentPackageUrl": "https://api.example/packages/{assessmentPackageId}",
          "supportedAssessmentTypes": [
            "INLINE_ASSESSMENT",
            "SKILL_TEST"
          ]
        },
        "content-type": "application/json",
        "request": "PUT /assessment-api/v202010/partner/configuration"
      }
    ]
    "#);
}

#[tokio::test]
async fn what_was_registered_is_read_back_whatever_is_missing() {
    let server = with_tokens(ok(json!({}))).await;
    recruiters(&server).register(&pair(), &registration()).await.unwrap();
    let body = calls(&server).await[0]["body"].clone();
    let server = with_tokens(ok(body)).await;
    assert_eq!(recruiters(&server).registration(&pair()).await.unwrap(), Some(registration()));
    let server = with_tokens(ok(json!({"consentUrl": "https://else.example/x", "more": 1}))).await;
    let read = recruiters(&server).registration(&pair()).await.unwrap().unwrap();
    assert_eq!((read.consent_url.as_str(), read.disable_url), ("https://else.example/x", None));
}

#[tokio::test]
async fn nothing_registered_is_told_from_not_being_let_in() {
    let answer = async |status| {
        let server = with_tokens(ResponseTemplate::new(status)).await;
        recruiters(&server).registration(&pair()).await
    };
    assert!(matches!(answer(404).await, Ok(None)));
    assert!(matches!(answer(401).await, Err(SmartRecruitersError::CredentialsRefused)));
    assert!(matches!(answer(403).await, Err(SmartRecruitersError::Refused(403))));
    assert!(matches!(answer(503).await, Err(SmartRecruitersError::Unavailable(_))));
}
