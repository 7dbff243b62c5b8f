//! The rows of users.

use chrono::{DateTime, Utc};
use fake::Fake;
use fake::faker::name::en::{FirstName, LastName};
use uuid::Uuid;

use super::dice::{Dice, GROWTH, Kind, dice, id};
use super::{Shop, row};

impl Shop {
    /// The row of the user of this number.
    pub fn user(&self, index: u32) -> row::User {
        let (id, created_at, mut dice) = self.draw_user(index);
        let first: String = FirstName().fake_with_rng(&mut dice);
        let last: String = LastName().fake_with_rng(&mut dice);
        row::User {
            id,
            email: format!("{}.{}.{}@example.com", mailbox(&first), mailbox(&last), index + 1),
            name: format!("{first} {last}"),
            created_at,
            updated_at: created_at,
        }
    }

    pub fn user_id(&self, index: u32) -> Uuid {
        self.draw_user(index).0
    }

    fn draw_user(&self, index: u32) -> (Uuid, DateTime<Utc>, Dice) {
        let mut dice = dice(self.seed, Kind::User, index.into());
        let created_at = GROWTH.moment(&mut dice, index, self.sizes.users);
        (id(&mut dice, created_at, index), created_at, dice)
    }
}

/// What of a name goes into an e-mail address.
fn mailbox(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}
