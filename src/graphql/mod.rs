//! What all types of the schema share, and the schema itself.
//!
//! The domains use what is here; of the domains, only [`schema`] knows.

mod at_hand;
mod context;
pub mod cursor;
mod directive;
mod id;
mod loader;
mod money;
mod node;
mod order;
mod page;
mod scalar;
mod schema;
mod shown;
mod user_error;

pub use at_hand::{AtHand, Below, Now, NowList, Selected};
pub use context::{ConditionLimits, ContextExt, RequestContext, Shared, read_back};
pub use directive::{AssumedSize, MaxAge, PageSize, SizeOf, Weight};
pub use id::{IdCodec, Key, Kind, Owned, plain as plain_id};
pub use loader::{Batch, Loaders, Reads};
pub use money::{Money, PriceRange, amount, currency, minor_units};
pub use order::Direction;
pub use page::{Connection, CountPrecision, Listing, NothingMore, Page, PageArguments};
pub use scalar::{BigInt, CurrencyCode, DateTime, Decimal, Json, Url, check_url};
pub use schema::{StorefrontEngine, engine, sdl};
pub use shown::Shown;
pub(crate) use user_error::user_error;
