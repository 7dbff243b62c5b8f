//! What a write refuses, and the rules that input texts share.
//!
//! A refusal is the business's "no", not an error: it names the input field and what would be accepted, and it becomes an entry of
//! `userErrors`. Rules are checked together, so a form learns of all its mistakes at once.

use sea_orm::DbErr;

use crate::db::{Violation, violation};
use crate::error::{Error, Result};
use crate::text::shorten;

/// Why a write was refused. Each noun's schema enum names those that it can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Blank,
    TooLong,
    TooShort,
    TooMany,
    Invalid,
    Taken,
    NotFound,
    Conflict,
    InUse,
}

/// One "no": which input field, why, and a text that names the value and the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub field: Vec<String>,
    pub reason: Reason,
    pub message: String,
}

impl Refusal {
    /// The field is a path below `input`, its steps joined by dots: `options.0.name`.
    pub fn new(field: &str, reason: Reason, message: impl Into<String>) -> Self {
        let field = std::iter::once("input").chain(field.split('.').filter(|step| !step.is_empty()));
        Self { field: field.map(str::to_owned).collect(), reason, message: message.into() }
    }

    pub fn not_found(field: &str, noun: &str) -> Self {
        Self::new(field, Reason::NotFound, format!("there is no such {noun}"))
    }

    pub fn taken(field: &str, value: &str) -> Self {
        Self::new(field, Reason::Taken, format!("{value:?} is taken"))
    }

    pub fn conflict(asked: i64, current: i64) -> Self {
        let message = format!("version {asked} was changed in the meantime, the current version is {current}");
        Self::new("version", Reason::Conflict, message)
    }
}

/// What comes of a write that may be refused.
pub type Outcome<T> = Result<Result<T, Vec<Refusal>>>;

/// Why a transaction ended without a commit.
pub enum Abort {
    Refused(Vec<Refusal>),
    Failed(Error),
}

impl From<Refusal> for Abort {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Error> for Abort {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<DbErr> for Abort {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl Abort {
    /// The refusal for a constraint that only the database could check, else the failure.
    pub fn from_violation(error: DbErr, refuse: impl FnOnce(&Violation) -> Option<Refusal>) -> Self {
        match violation(&error).as_ref().and_then(refuse) {
            Some(refusal) => refusal.into(),
            None => error.into(),
        }
    }

    pub fn into_outcome<T>(self) -> Outcome<T> {
        match self {
            Self::Refused(refusals) => Ok(Err(refusals)),
            Self::Failed(error) => Err(error),
        }
    }
}

/// Refuses an update of a row that is not at the version the client saw.
pub fn check_version(asked: Option<i64>, current: i64) -> Result<(), Refusal> {
    match asked {
        Some(asked) if asked != current => Err(Refusal::conflict(asked, current)),
        _ => Ok(()),
    }
}

/// Gathers refusals while input is checked.
#[derive(Default)]
pub struct Checks(Vec<Refusal>);

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 255;
/// The last place among siblings that can be asked for.
pub const MOST_POSITION: i32 = 1_000_000;
/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 20_000;

impl Checks {
    pub fn refuse(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// A text of one line that says something.
    pub fn line(&mut self, field: &str, text: &str, longest: usize) {
        if text.trim().is_empty() {
            self.refuse(Refusal::new(field, Reason::Blank, format!("{} is blank", last_step(field))));
        }
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            self.control(field, control);
        }
        self.length(field, text, longest);
    }

    /// A text of any number of lines, which may be empty.
    pub fn text(&mut self, field: &str, text: &str, longest: usize) {
        if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.control(field, control);
        }
        self.length(field, text, longest);
    }

    /// The name of a page in an address: lower-case letters and digits of any script, in words joined by single hyphens.
    pub fn slug(&mut self, field: &str, slug: &str) {
        if !is_slug(slug) {
            let message = format!(
                "{:?} is not a slug: lower-case letters and digits of any script, words joined by single hyphens",
                shorten(slug)
            );
            self.refuse(Refusal::new(field, Reason::Invalid, message));
        }
        self.length(field, slug, LONGEST_NAME);
    }

    /// A place among siblings.
    pub fn position(&mut self, field: &str, position: i32) {
        if !(0..=MOST_POSITION).contains(&position) {
            let message = format!("{} {position} is not from 0 to {MOST_POSITION}", last_step(field));
            self.refuse(Refusal::new(field, Reason::Invalid, message));
        }
    }

    pub fn at_most(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            let message = format!("{count} {} are over the maximum of {most}", last_step(field));
            self.refuse(Refusal::new(field, Reason::TooMany, message));
        }
    }

    /// All that was refused.
    pub fn refusals(self) -> Vec<Refusal> {
        self.0
    }

    /// Nothing, or all that was refused.
    pub fn done(self) -> Result<(), Abort> {
        if self.0.is_empty() { Ok(()) } else { Err(Abort::Refused(self.0)) }
    }

    fn length(&mut self, field: &str, text: &str, longest: usize) {
        let length = text.chars().count();
        if length > longest {
            let message = format!("{} has {length} characters, over the maximum of {longest}", last_step(field));
            self.refuse(Refusal::new(field, Reason::TooLong, message));
        }
    }

    fn control(&mut self, field: &str, control: char) {
        let message = format!("{} holds the control character U+{:04X}", last_step(field), control as u32);
        self.refuse(Refusal::new(field, Reason::Invalid, message));
    }
}

/// Whether a text can be a slug at all. One that cannot is not looked up.
pub fn is_slug(text: &str) -> bool {
    text.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase()))
}

/// What a message calls a field: the last step of its path, and with an entry of a list the list as well (`tags.0`).
fn last_step(field: &str) -> &str {
    let is_name = |step: &str| !step.bytes().all(|byte| byte.is_ascii_digit());
    let from = field
        .rmatch_indices('.')
        .map(|(dot, _)| dot + 1)
        .chain([0])
        .find(|from| is_name(field[*from..].split('.').next().unwrap_or_default()));
    &field[from.unwrap_or(0)..]
}
