//! Faults and fakes do what they say: tests of the use cases stand on them.

use std::time::Duration;

use domain::ids::AssessmentId;
use domain::integration::Integration;
use domain::outcome::Progress;
use domain::ports::{
    Clients, Clock, CompanySecrets, Entropy, Integrations, Invited, KeyRefusal, SaveError, SetUpError, SmartRecruiters,
    SmartRecruitersError, StoreError, TestGorilla, TestGorillaError,
};
use domain::report::{OrderReport, Score, Status};
use domain::sensitive::{ClientCredentials, Secret};
use proptest::prelude::*;
use testing::Fakes;
use testing::contract::run;
use testing::faults::{Cut, Fault, Op};
use testing::samples::{self, NOW};
use testing::testgorilla::Completion;

#[test]
fn a_fault_before_has_no_effect_and_one_after_has() {
    run(async {
        let fakes = Fakes::default();
        let (lost, late) = (samples::client(&samples::company()), samples::client(&samples::company()));
        fakes.faults.next(Op::PutClient, Fault::Before);
        fakes.faults.next(Op::PutClient, Fault::After);
        assert!(matches!(fakes.store.put_client(&lost).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(fakes.store.put_client(&late).await, Err(StoreError::Unavailable(_))));
        assert_eq!(fakes.store.clients(), vec![late.clone()]);
        fakes.store.put_client(&late).await.unwrap();
        assert_eq!(fakes.faults.count(Op::PutClient), 3);
    });
}

#[test]
fn a_cut_ends_the_process_and_its_memory() {
    run(async {
        let fakes = Fakes::default();
        let name = fakes.secrets.company_secret_name(&samples::client_id());
        let secret = samples::company_secret(&samples::api_key());
        let client = samples::client(&samples::company());
        fakes.secrets.put_company_secret(&name, &secret).await.unwrap();
        fakes.faults.next(Op::PutClient, Fault::CutAfter);
        let work = async {
            fakes.store.put_client(&client).await.unwrap();
            fakes.store.delete_client(&client.id).await.unwrap();
        };
        assert_eq!(fakes.faults.run(work).await, Err(Cut));
        assert_eq!(fakes.store.clients(), vec![client.clone()]);
        assert_eq!(fakes.faults.count(Op::CompanySecret), 0);
        assert_eq!(fakes.faults.run(fakes.secrets.company_secret(&name)).await.unwrap().unwrap(), Some(secret));
        assert_eq!(fakes.faults.count(Op::CompanySecret), 1, "nothing is remembered from before the cut");
    });
}

#[test]
fn every_call_can_be_cut_by_its_number() {
    run(async {
        for (number, expected) in [(0, Err(Cut)), (1, Err(Cut)), (2, Ok(()))] {
            let fakes = Fakes::default();
            let client = samples::client(&samples::company());
            fakes.faults.at_call(number, Fault::CutBefore);
            let work = async {
                fakes.store.put_client(&client).await.unwrap();
                fakes.store.delete_client(&client.id).await.unwrap();
            };
            assert_eq!(fakes.faults.run(work).await, expected);
            assert_eq!(fakes.store.clients().len(), usize::from(number == 1));
        }
    });
}

#[test]
fn a_competitor_can_come_in_between() {
    run(async {
        let fakes = Fakes::default();
        let mut integration = Integration::new(samples::company(), [0; 16]);
        fakes.store.save_integration(&mut integration).await.unwrap();
        let (store, company) = (fakes.store.clone(), integration.company.clone());
        fakes
            .faults
            .before(Op::SaveIntegration, move || store.edit_integration(&company, |one| one.due_at = Some(NOW)));
        assert!(matches!(fakes.store.save_integration(&mut integration).await, Err(SaveError::Conflict)));
        assert_eq!(fakes.store.integration_of(&integration.company).unwrap().due_at, Some(NOW));
    });
}

#[test]
fn sleeping_moves_the_clock() {
    run(async {
        let fakes = Fakes::default();
        assert_eq!(fakes.world.now(), NOW);
        fakes.world.sleep(Duration::from_secs(60)).await;
        assert_eq!(fakes.clock().now(), NOW + Duration::from_secs(60));
    });
}

#[test]
fn a_secret_is_read_again_after_five_minutes() {
    run(async {
        let fakes = Fakes::default();
        let name = fakes.secrets.company_secret_name(&samples::client_id());
        fakes.secrets.put_company_secret(&name, &samples::company_secret(&samples::api_key())).await.unwrap();
        let changed = samples::company_secret(&samples::api_key());
        fakes.secrets.insert(&name, changed.clone());
        assert_ne!(fakes.secrets.company_secret(&name).await.unwrap().as_ref(), Some(&changed));
        fakes.clock().advance(testing::secrets::REMEMBERED);
        assert_eq!(fakes.secrets.company_secret(&name).await.unwrap(), Some(changed));
    });
}

#[test]
fn chance_repeats_itself_and_can_run_out() {
    let (one, two) = (Fakes::default(), Fakes::default());
    assert_eq!(one.world.bytes32().unwrap(), two.world.bytes32().unwrap());
    assert_ne!(one.world.bytes16().unwrap(), one.world.bytes16().unwrap());
    one.faults.always(Op::Bytes16, Fault::Before);
    assert!(one.world.bytes16().is_err());
}

#[test]
fn testgorilla_invites_a_person_once() {
    run(async {
        let fakes = Fakes::default();
        let key = samples::api_key();
        let account = fakes.testgorilla.open_account(&key);
        let assessment = samples::assessment(7);
        fakes.testgorilla.put_assessment(account, assessment.summary.clone(), assessment.details.unwrap());
        let candidate = samples::candidate();
        let invite = || fakes.testgorilla.invite(&key, AssessmentId(7), &candidate, true);
        let Invited::New(candidature) = invite().await.unwrap() else { panic!("invited for the first time") };
        assert_eq!(invite().await.unwrap(), Invited::Before);
        assert_eq!(fakes.testgorilla.mails_to("Juno@Example.com"), 1);

        fakes.testgorilla.start(candidature.id);
        fakes.testgorilla.complete(candidature.id, Completion { average: Some(66.5), ..Completion::default() });
        let attempt = fakes.testgorilla.attempt(&key, candidature.test_taker, candidature.id).await.unwrap().unwrap();
        assert_eq!((attempt.progress, attempt.average), (Progress::Completed, Some(66.5)));
        let pdf = fakes.testgorilla.report(&key, candidature.test_taker, candidature.id).await.unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        fakes.testgorilla.delete_candidature(candidature.id);
        assert_eq!(fakes.testgorilla.attempt(&key, candidature.test_taker, candidature.id).await.unwrap(), None);
    });
}

#[test]
fn testgorilla_knows_its_keys() {
    run(async {
        let fakes = Fakes::default();
        let key = samples::api_key();
        let refused = |refusal| TestGorillaError::KeyRefused(refusal).to_string();
        let check = || async { fakes.testgorilla.check_key(&key).await.map_err(|error| error.to_string()) };
        assert_eq!(check().await, Err(refused(KeyRefusal::Unknown)));
        fakes.testgorilla.open_account(&key);
        assert_eq!(check().await, Ok(()));
        fakes.testgorilla.refuse_key(&key, Some(KeyRefusal::NotPro));
        assert_eq!(check().await, Err(refused(KeyRefusal::NotPro)));
        fakes.testgorilla.refuse_key(&key, None);
        assert_eq!(check().await, Ok(()));
    });
}

#[test]
fn smartrecruiters_sets_up_only_who_consented_and_only_once() {
    run(async {
        let fakes = Fakes::default();
        let company = samples::company();
        let pair =
            |id: &str, secret: &str| ClientCredentials { client_id: id.into(), client_secret: Secret::new(secret) };
        let (master, ours) = (pair("master", "master-secret"), pair("ours", "our-secret"));
        let set_up = || fakes.smartrecruiters.set_up_integration(&master, &company, &ours);
        assert!(matches!(set_up().await, Err(SetUpError::NotConsented)));
        fakes.smartrecruiters.consent(&company);
        set_up().await.unwrap();
        assert!(matches!(set_up().await, Err(SetUpError::AlreadyIntegrated)));
        fakes.smartrecruiters.disconnect(&company);
        assert!(matches!(set_up().await, Err(SetUpError::NotConsented)));
        let forged = fakes.smartrecruiters.set_up_integration(&ours, &company, &ours).await;
        assert!(matches!(forged, Err(SetUpError::SmartRecruiters(SmartRecruitersError::CredentialsRefused))));
    });
}

#[test]
fn smartrecruiters_merges_reports() {
    run(async {
        let fakes = Fakes::default();
        let company = samples::company();
        let ours = ClientCredentials { client_id: "ours".into(), client_secret: Secret::new("s") };
        let credentials = fakes.smartrecruiters.connect(&company, ours.clone());
        let url = samples::result_url(samples::order_id());
        let mut report = OrderReport {
            status: Status::Pending,
            score: Score::from_average(50.0),
            remove_score: false,
            summary: Some("Invited.".into()),
            name: None,
            sent_at: Some(NOW),
            submitted_at: None,
            attachments: vec![],
            tests: vec![],
        };
        let unknown = fakes.smartrecruiters.publish(&credentials, &url, &report).await;
        assert!(matches!(unknown, Err(SmartRecruitersError::NotFound)));
        fakes.smartrecruiters.create_order(&company, &url);
        fakes.smartrecruiters.publish(&credentials, &url, &report).await.unwrap();
        report = OrderReport { status: Status::Completed, score: None, summary: None, sent_at: None, ..report };
        fakes.smartrecruiters.publish(&credentials, &url, &report).await.unwrap();
        let shown = fakes.smartrecruiters.order(url.order()).unwrap().shown.unwrap();
        assert_eq!((shown.score, shown.summary.as_deref()), (Score::from_average(50.0), Some("Invited.")));
        report.remove_score = true;
        fakes.smartrecruiters.publish(&credentials, &url, &report).await.unwrap();
        let order = fakes.smartrecruiters.order(url.order()).unwrap();
        assert_eq!(order.shown.unwrap().score, None);
        assert_eq!(order.history, vec![Status::Pending, Status::Completed]);
        let foreign = fakes.smartrecruiters.connect(&samples::company(), ours);
        let refused = fakes.smartrecruiters.publish(&foreign, &url, &report).await;
        assert!(matches!(refused, Err(SmartRecruitersError::NotFound)));
    });
}

proptest! {
    #[test]
    fn random_faults_repeat_with_their_seed(seed: u64) {
        let outcomes = || {
            let fakes = Fakes::default();
            fakes.faults.random(seed, 3);
            let id = domain::ids::ClientId::from_bytes([1; 16]);
            let mut outcomes = vec![];
            run(async {
                for _ in 0..50 {
                    outcomes.push(fakes.store.client(&id).await.is_ok());
                }
            });
            outcomes
        };
        let first = outcomes();
        prop_assert!(first.contains(&false) && first.contains(&true));
        prop_assert_eq!(first, outcomes());
    }
}
