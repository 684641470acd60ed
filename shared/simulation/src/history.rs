//! A history as a plain value: a world and what happens in it. The seed has decided all of it before it begins.

use std::collections::BTreeSet;
use std::time::Duration;

/// How often calls and messages go wrong: so many in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// The store.
    pub store: u64,
    /// Secrets.
    pub secrets: u64,
    /// Sending a message.
    pub queues: u64,
    /// TestGorilla.
    pub testgorilla: u64,
    /// SmartRecruiters.
    pub smartrecruiters: u64,
    /// Calls that take long.
    pub slow: u64,
    /// Processes that end in a call.
    pub killed: u64,
    /// Messages: lost, doubled, late.
    pub messages: u64,
    /// Replies to callers that are lost, and runs of the schedule.
    pub edges: u64,
}

/// What the product is configured with, and how the world treats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// From order to invitation.
    pub delay: Duration,
    /// From an invitation's end to its erasure.
    pub personal_data: Duration,
    /// How often what goes wrong.
    pub rates: Rates,
    /// By how many milliseconds the clocks of processes are wrong, at most.
    pub clocks_apart: u64,
    /// Go on after the end of all orders until personal data is erased.
    pub until_erased: bool,
}

/// A company, or what stands for it: a position in [`History::companies`].
pub type CompanyNo = usize;
/// An account of TestGorilla's.
pub type AccountNo = usize;
/// A person.
pub type PersonNo = usize;
/// An order.
pub type OrderNo = usize;

/// An assessment: the number within its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssessmentNo {
    /// Whose.
    pub account: AccountNo,
    /// Which.
    pub number: u64,
}

/// Who is ordered for, and how the order names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By SmartRecruiters' id, with the address.
    Id,
    /// By SmartRecruiters' id alone.
    IdAlone,
    /// By the address alone.
    Address,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPlan {
    /// Whose.
    pub company: CompanyNo,
    /// For what.
    pub assessment: AssessmentNo,
    /// For whom.
    pub person: PersonNo,
    /// How the person is named.
    pub by: By,
    /// The person's other address.
    pub other_address: bool,
    /// By link.
    pub inline: bool,
    /// How many minutes later SmartRecruiters itself knows it.
    pub known_late: u64,
}

/// Something with a public address that may be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each says what is away")]
pub enum Outage {
    Store,
    Secrets,
    TestGorilla,
    TestGorillaLimit,
    SmartRecruiters,
    SmartRecruitersLimit,
}

/// How a callback comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each says how")]
pub enum Callback {
    Signed,
    Twice,
    Forged,
    Stale,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An admin consents and sends the form with a key of an account.
    Connect {
        /// Who connects.
        company: CompanyNo,
        /// Whose key.
        account: AccountNo,
        /// Which of the account's keys.
        key: u64,
        /// The form's nonce.
        form: u8,
        /// The same form is sent twice.
        twice: bool,
        /// SmartRecruiters still has the company connected: disconnect there first, without telling anybody.
        fresh: bool,
    },
    /// An assessment is created, and is past its date after so many minutes.
    Create {
        /// Which.
        assessment: AssessmentNo,
        /// Has no test.
        empty: bool,
        /// Minutes until its date.
        expires: Option<u64>,
    },
    /// An assessment is archived.
    Archive(AssessmentNo),
    /// An assessment is deleted.
    Delete(AssessmentNo),
    /// An order comes; a position in [`History::orders`].
    Order(OrderNo),
    /// An order comes again, perhaps with the person's other address.
    Redeliver(OrderNo, bool),
    /// SmartRecruiters forgets an order.
    Forget(OrderNo),
    /// SmartRecruiters lists.
    List(CompanyNo),
    /// Ops ask.
    Why(CompanyNo, AssessmentNo),
    /// The candidate of an order starts.
    Start(OrderNo),
    /// The candidate of an order finishes, or their result is corrected: tenths of the average.
    Finish(OrderNo, Option<u64>),
    /// The candidature of an order is deleted.
    Remove(OrderNo),
    /// Somebody invites the candidate of an order by hand.
    InviteByHand(OrderNo),
    /// TestGorilla calls back about an order's candidature.
    CallBack(OrderNo, Callback),
    /// An account's key is refused; as not Pro, or as revoked.
    Refuse(AccountNo, u64, bool),
    /// An account's key is taken again.
    Take(AccountNo, u64),
    /// Disconnect in SmartRecruiters.
    Disconnect(CompanyNo),
    /// Disable in TestGorilla: the key is revoked, and a callback says so.
    Disable(AccountNo, u64, Callback),
    /// Ops replace the API key in a company's secret.
    ReplaceKey(CompanyNo),
    /// SmartRecruiters' pair of a company is replaced, there and in the secret.
    ReplacePair(CompanyNo),
    /// The master credentials are replaced, there and in the secret.
    ReplaceMaster,
    /// The callback secret is replaced.
    ReplaceSigner,
    /// Something is away for so many minutes.
    Away(Outage, u64),
    /// A company lists with a token that another company's key signed.
    ForgeToken(CompanyNo, CompanyNo),
}

/// Something happens at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since the beginning.
    pub at: u64,
    /// What.
    pub what: What,
}

/// A history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Decides what is not written here: which process goes on, and which call goes wrong.
    pub seed: u64,
    /// Configuration.
    pub settings: Settings,
    /// How many companies there are.
    pub companies: usize,
    /// How many accounts there are.
    pub accounts: usize,
    /// Persons by number: whether TestGorilla refuses their address.
    pub people: Vec<bool>,
    /// Orders that may come.
    pub orders: Vec<OrderPlan>,
    /// What happens, in order of time.
    pub events: Vec<Event>,
    /// Faults that may be met, by their ids; all when `None`.
    pub only: Option<BTreeSet<u64>>,
}
