//! A profile's units in one process and without a network: commands are decided, facts folded, habits
//! followed, all at once. It stands in for the real services, to see how a quarter comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use calendar::{Calendar, DeskDays, Moment};
use catalogue::{Acknowledge, Catalogue};
use dossier::case::{Case, Refusal};
use dossier::desk::{AtTheDesk, Decline, Register};
use dossier::dossier::{Dossier, Told};
use dossier::fact::{Fact, Writer};
use dossier::habits;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::intake::{Channel, Person, Sealed};
use dossier::receive::Receive;
use dossier::step::Accept;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use workload::{Action, Answer, Player, QuarterSettings, Workload};

pub(crate) fn deploy(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(part)
}

pub(crate) fn registers() -> Catalogue {
    Catalogue::load(&deploy("registers"), &deploy("chau-thanh"))
        .unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn settings() -> QuarterSettings {
    QuarterSettings::load(&deploy("chau-thanh")).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn quarter(seed: u64, scale: Option<u32>) -> Workload {
    Workload::new(
        seed,
        &registers(),
        Calendar::published(),
        &settings(),
        scale,
    )
    .unwrap()
}

/// Every unit of the profile.
pub(crate) struct House {
    catalogue: Catalogue,
    pub(crate) dossiers: BTreeMap<DossierCode, Dossier>,
    serials: BTreeMap<(UnitId, chrono::NaiveDate), u32>,
    events: u128,
    /// Every command that was refused, with the action: a good player is never refused.
    pub(crate) refused: Vec<(Action, Refusal)>,
    pub(crate) commands: BTreeMap<String, u64>,
}

type Facts = Vec<(DossierCode, Moment, Fact)>;

impl House {
    pub(crate) fn new(catalogue: Catalogue) -> Self {
        let (dossiers, serials, commands) = Default::default();
        Self {
            catalogue,
            dossiers,
            serials,
            events: 0,
            refused: Vec::new(),
            commands,
        }
    }

    /// Plays a whole quarter. With `swap` the answer comes before the events and performers are heard
    /// before the home; without it the feed is quicker than the answer.
    pub(crate) fn play(&mut self, player: &mut Player, swap: bool) {
        while let Some(instant) = player.next_instant() {
            for action in player.due(instant).unwrap() {
                let (answer, mut facts) = self.follow(&action);
                if swap {
                    facts.sort_by_key(|(_, _, fact)| {
                        !matches!(fact.writer(), Writer::Performer(..))
                    });
                    if let Some(answer) = &answer {
                        player.answered(action.id, answer).unwrap();
                    }
                } else if answer.is_some() {
                    for (code, at, fact) in facts.drain(..) {
                        player.told(&code, at, &fact).unwrap();
                    }
                    player
                        .answered(action.id, answer.as_ref().unwrap())
                        .unwrap();
                }
                for (code, at, fact) in facts {
                    player.told(&code, at, &fact).unwrap();
                }
            }
        }
    }

    fn follow(&mut self, action: &Action) -> (Option<Answer>, Facts) {
        *self.commands.entry(action.command.clone()).or_default() += 1;
        let code = match &action.dossier {
            Some(code) => code.clone(),
            None => self.open(action),
        };
        let facts = match self.decide(action, &code) {
            Ok(facts) => facts,
            Err(refusal) => {
                self.refused.push((action.clone(), refusal));
                return (None, Vec::new());
            }
        };
        let mut told = Vec::new();
        let mut waiting: VecDeque<(UnitId, Fact)> = facts
            .into_iter()
            .map(|fact| (action.unit.clone(), fact))
            .collect();
        while let Some((by, fact)) = waiting.pop_front() {
            waiting.extend(self.write(&code, &by, action.at, &fact));
            told.push((code.clone(), action.at, fact));
        }
        let due_at = self.dossiers[&code].promise.due_at;
        let answer = action.dossier.is_none().then_some(Answer {
            dossier: code,
            due_at,
        });
        (answer, told)
    }

    fn open(&mut self, action: &Action) -> DossierCode {
        let date = action.at.date_naive();
        let serial = self.serials.entry((action.unit.clone(), date)).or_default();
        *serial += 1;
        let code = DossierCode::issue(&action.unit, date, *serial).unwrap();
        self.dossiers
            .insert(code.clone(), Dossier::at(code.clone(), action.unit.clone()));
        code
    }

    /// Writes a fact down and gives what units do by themselves because of it.
    fn write(
        &mut self,
        code: &DossierCode,
        by: &UnitId,
        at: Moment,
        fact: &Fact,
    ) -> Vec<(UnitId, Fact)> {
        self.events += 1;
        let dossier = self.dossiers.get_mut(code).unwrap();
        let parents = dossier.heads.clone();
        dossier.evolve(
            &Told {
                id: Uuid::from_u128(self.events),
                by,
                at,
                parents: &parents,
            },
            fact,
        );
        assert_eq!(dossier.contested, 0, "{code}: {fact:?} by {by}");
        let home = dossier.home.clone();
        let case = Case {
            me: &home,
            at,
            officer: None,
            dossier,
            calendar: Calendar::published(),
        };
        let mut follows: Vec<(UnitId, Fact)> = habits::home(&case, fact)
            .into_iter()
            .map(|f| (home.clone(), f))
            .collect();
        if let Fact::Dispatched(given) = fact
            && self.catalogue.unit(&given.to).unwrap().acknowledge == Acknowledge::OnArrival
        {
            let case = Case {
                me: &given.to,
                ..case
            };
            let taken = Accept {
                step: given.step.clone(),
            }
            .decide(&case)
            .unwrap();
            follows.extend(taken.into_iter().map(|f| (given.to.clone(), f)));
        }
        follows
    }

    fn decide(&self, action: &Action, code: &DossierCode) -> Result<Vec<Fact>, Refusal> {
        let dossier = &self.dossiers[code];
        let calendar = Calendar::published();
        let officer: &OfficerId = &action.officer;
        let case = Case {
            me: &action.unit,
            at: action.at,
            officer: Some(officer),
            dossier,
            calendar,
        };
        match action.command.as_str() {
            "register" => {
                let Register {
                    procedure,
                    applicant,
                } = of::<Register<Person>>(action);
                Ok(Register {
                    procedure,
                    applicant: sealed(&applicant),
                }
                .decide())
            }
            "receive" => {
                let c = of::<Receive<Person>>(action);
                let sealed = Receive {
                    procedure: c.procedure.clone(),
                    channel: c.channel,
                    applicant: sealed(&c.applicant),
                    delegate: c.delegate.as_ref().map(sealed),
                    papers: c.papers,
                    at_once: c.at_once,
                    options: c.options,
                    sets: c.sets,
                    return_by: c.return_by,
                    paper: c.paper,
                    aliases: c.aliases,
                    outside: c.outside,
                };
                self.at_the_desk(action, dossier, &c.procedure, |desk| sealed.decide(desk))
            }
            "decline" => {
                let c = of::<Decline>(action);
                let procedure = c.procedure.clone();
                self.at_the_desk(action, dossier, &procedure, |desk| c.decide(desk))
            }
            "return_result" => of::<dossier::outcome::ReturnResult>(action).decide(&case, officer),
            "dispatch" => of::<dossier::route::Dispatch>(action).decide(&case),
            "give_supplement" => of::<dossier::supplement::GiveSupplement>(action).decide(&case),
            "confirm_payment" => of::<dossier::payment::ConfirmPayment>(action).decide(&case),
            "apologise" => of::<dossier::promise::Apologise>(action).decide(&case),
            "withdraw" => of::<dossier::outcome::Withdraw>(action).decide(&case),
            "stop" => of::<dossier::outcome::Stop>(action).decide(&case),
            "accept" => of::<Accept>(action).decide(&case),
            "decline_step" => of::<dossier::step::DeclineStep>(action).decide(&case),
            "assign" => of::<dossier::step::Assign>(action).decide(&case),
            "need_supplement" => of::<dossier::step::NeedSupplement>(action).decide(&case),
            "ask_opinion" => of::<dossier::opinion::AskOpinion>(action).decide(&case),
            "give_opinion" => of::<dossier::opinion::GiveOpinion>(action).decide(&case),
            "assess_obligation" => {
                of::<dossier::obligation::AssessObligation>(action).decide(&case)
            }
            "send_back" => of::<dossier::step::SendBack>(action).decide(&case),
            "complete" => of::<dossier::step::Complete>(action).decide(&case),
            other => panic!("no unit knows the command {other}"),
        }
    }

    fn at_the_desk(
        &self,
        action: &Action,
        dossier: &Dossier,
        procedure: &dossier::ids::ProcedureCode,
        decide: impl FnOnce(&AtTheDesk<'_>) -> Result<Vec<Fact>, Refusal>,
    ) -> Result<Vec<Fact>, Refusal> {
        let (procedure, competent) = self
            .catalogue
            .procedure_for(
                &action.unit,
                procedure,
                &catalogue::Asked::on(action.at.date_naive()),
            )
            .unwrap();
        decide(&AtTheDesk {
            me: &action.unit,
            at: action.at,
            officer: &action.officer,
            procedure: &procedure,
            competent: &competent,
            overseer: self.catalogue.unit(&action.unit).unwrap().overseer.as_ref(),
            calendar: Calendar::published(),
            desk_days: DeskDays::default(),
            registered: action.dossier.is_some().then_some(&dossier.intake),
        })
    }
}

/// Data as it goes over the wire: the command structs refuse fields that they do not know.
fn of<C: DeserializeOwned>(action: &Action) -> C {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Message<C> {
        id: Uuid,
        officer: OfficerId,
        at: Moment,
        #[serde(default)]
        dossier: Option<DossierCode>,
        data: C,
    }
    let message: Message<C> = serde_json::from_str(&action.message().to_string())
        .unwrap_or_else(|e| panic!("{action:?}: {e}"));
    assert!(
        message.id == action.id && message.officer == action.officer && message.at == action.at
    );
    assert_eq!(message.dossier, action.dossier);
    message.data
}

fn sealed(person: &Person) -> Sealed {
    Sealed {
        key: Uuid::nil(),
        sealed: format!("{}", person.name.len()),
    }
}

/// Counted from the folded dossiers, by other means than the player's.
pub(crate) fn received_online(house: &House) -> u64 {
    let received = house.dossiers.values().filter_map(Dossier::received);
    received
        .filter(|received| received.channel == Channel::Online)
        .count() as u64
}
