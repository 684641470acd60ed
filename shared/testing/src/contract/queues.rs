//! [`InvitationQueue`] and [`ResultQueue`]: what is sent is received, not before its delay.

use std::time::Duration;

use domain::ids::InvitationKey;
use domain::ports::{InvitationQueue, ResultQueue, ResultWork};

use crate::samples;

/// Tests of an implementation of both queues; the function builds queues that are empty.
#[macro_export]
macro_rules! queues_contract {
    ($queues:ident) => {
        $crate::each_case! { queues, $queues:
            an_invitation_is_woken_with_its_key
            every_kind_of_result_work_is_woken
            a_repeated_message_is_taken
            a_delayed_message_is_not_received_at_once
            a_longer_delay_than_a_queue_has_is_taken
        }
    };
}

/// The receiving end of both queues, for tests.
#[expect(async_fn_in_trait, reason = "cases run on one thread")]
pub trait Receiver {
    /// Takes a message of the invitation queue that is visible, if there is one.
    async fn receive_invite(&self) -> Option<InvitationKey>;

    /// Takes a message of the result queue that is visible, if there is one.
    async fn receive_result(&self) -> Option<ResultWork>;
}

const NONE: Duration = Duration::ZERO;

/// At once, without a delay.
pub async fn an_invitation_is_woken_with_its_key<Q: InvitationQueue + Receiver>(queues: &Q) {
    let key = samples::invitation_key(&samples::company(), 7);
    queues.wake_invite(&key, NONE).await.unwrap();
    assert_eq!(queues.receive_invite().await, Some(key));
    assert_eq!(queues.receive_invite().await, None);
}

/// With all that they say.
pub async fn every_kind_of_result_work_is_woken<Q: ResultQueue + Receiver>(queues: &Q) {
    let company = samples::company();
    let invitation = samples::invitation_key(&company, 7);
    let kinds = [
        ResultWork::Follow { invitation: invitation.clone(), hinted: false, called_back: false },
        ResultWork::Follow { invitation, hinted: true, called_back: true },
        ResultWork::Refresh { company: company.clone() },
        ResultWork::WindDown { company },
    ];
    for work in kinds {
        queues.wake_result(&work, NONE).await.unwrap();
        assert_eq!(queues.receive_result().await, Some(work));
    }
}

/// It is only a wake-up.
pub async fn a_repeated_message_is_taken<Q: InvitationQueue + Receiver>(queues: &Q) {
    let key = samples::invitation_key(&samples::company(), 7);
    for _ in 0..2 {
        queues.wake_invite(&key, NONE).await.unwrap();
    }
    assert_eq!(queues.receive_invite().await, Some(key));
}

/// In either queue.
pub async fn a_delayed_message_is_not_received_at_once<Q: InvitationQueue + ResultQueue + Receiver>(queues: &Q) {
    let company = samples::company();
    let delay = Duration::from_secs(600);
    queues.wake_invite(&samples::invitation_key(&company, 7), delay).await.unwrap();
    queues.wake_result(&ResultWork::Refresh { company }, delay).await.unwrap();
    assert_eq!(queues.receive_invite().await, None);
    assert_eq!(queues.receive_result().await, None);
}

/// It is cut to the longest.
pub async fn a_longer_delay_than_a_queue_has_is_taken<Q: InvitationQueue + ResultQueue + Receiver>(queues: &Q) {
    let company = samples::company();
    let delay = Duration::from_secs(86_400);
    queues.wake_invite(&samples::invitation_key(&company, 7), delay).await.unwrap();
    queues.wake_result(&ResultWork::Refresh { company }, delay).await.unwrap();
    assert_eq!(queues.receive_invite().await, None);
    assert_eq!(queues.receive_result().await, None);
}
