//! Connections: pages of lists by the GraphQL Cursor Connections Specification (Relay), forward and backward.
//!
//! A noun describes its list by implementing [`Listing`]; arguments, cursors, edges and `pageInfo` are the same for all. A cursor
//! is the position of its edge in the sort order, sealed, together with a fingerprint of sort and filter: used in another list it
//! is refused instead of giving a page that means nothing.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use async_graphql::{Context, Enum, MergedObject, Object, ObjectType, OutputType, SimpleObject, TypeName};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use super::at_hand::{AtHand, Now, NowList, Selected};
use super::context::{ContextExt, RequestContext};
use super::cursor;
use super::directive::{MaxAge, Weight};
use crate::auth::Seal;
use crate::db::{Position, Window};
use crate::error::{Error, Result};

/// `totalCount` counts up to this many, unless it is told to be exact.
const MOST_COUNTED: u32 = 10_000;

/// A list: what it holds and in which order.
pub trait Listing: Clone + Send + Sync + 'static {
    type Node: AtHand;
    /// The fields that its connections have beside those of all.
    type More: ObjectType + From<Arc<Self>>;

    /// For how long HTTP caches may keep a page of it.
    const MAX_AGE_SECS: u32;

    /// Tells lists apart whose positions mean different things: a hash of sort and filter.
    fn fingerprint(&self) -> u64;

    /// The place of a node in this list.
    fn position(&self, node: &Self::Node) -> Position;

    /// How many nodes the list has, counted up to `most` where that is given.
    fn count(&self, request: &RequestContext, most: Option<u32>) -> impl Future<Output = Result<u32>> + Send;
}

/// The four arguments of a connection field.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

impl PageArguments {
    /// The window that the arguments ask for. What `pageInfo` needs to know beyond the page is read only when it is selected.
    pub fn window(&self, ctx: &Context<'_>, listing: &impl Listing) -> Result<Window> {
        let shared = &ctx.request().shared;
        let (size, backward) = shared.pages.size(self.first, self.last).map_err(Error::bad_input)?;
        let read = |cursor: &Option<String>| {
            cursor.as_deref().map(|cursor| cursor::read(&shared.cursors, listing.fingerprint(), cursor)).transpose()
        };
        let page_info = ctx.look_ahead().field("pageInfo");
        Ok(Window {
            size,
            backward,
            after: read(&self.after)?,
            before: read(&self.before)?,
            wants_previous: page_info.field("hasPreviousPage").exists(),
            wants_next: page_info.field("hasNextPage").exists(),
        })
    }
}

/// The nodes of a page as the database gave them, and what lies around them.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub nodes: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Page<T> {
    pub fn empty() -> Self {
        Self { nodes: Vec::new(), has_previous: false, has_next: false }
    }

    /// All that a list holds.
    pub fn whole(nodes: Vec<T>) -> Self {
        Self { nodes, has_previous: false, has_next: false }
    }

    /// A page from the rows of [`crate::db::List::page`], which hold one row more than the window when there are more.
    ///
    /// `beyond_start` and `beyond_end` tell whether rows lie outside the window's own bounds.
    pub fn new(mut nodes: Vec<T>, window: &Window, beyond_start: bool, beyond_end: bool) -> Self {
        let more = nodes.len() > window.size as usize;
        nodes.truncate(window.size as usize);
        if window.backward {
            nodes.reverse();
        }
        Self {
            nodes,
            has_previous: beyond_start || (window.backward && more),
            has_next: beyond_end || (!window.backward && more),
        }
    }

    /// The page with each node replaced; one that is replaced by `None` is left out.
    pub fn filter_map<U>(self, replace: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page {
            nodes: self.nodes.into_iter().filter_map(replace).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

/// One page of a list.
pub struct Connection<L: Listing> {
    listing: Arc<L>,
    edges: Vec<Edge<L>>,
    has_previous: bool,
    has_next: bool,
}

impl<L: Listing> Connection<L> {
    pub fn new(listing: L, page: Page<L::Node>) -> Self {
        let listing = Arc::new(listing);
        let edges = page.nodes.into_iter().map(|node| Edge { listing: listing.clone(), node }).collect();
        Self { listing, edges, has_previous: page.has_previous, has_next: page.has_next }
    }
}

impl<L: Listing> TypeName for Connection<L> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", L::Node::type_name()).into()
    }
}

/// One page of a list, by the GraphQL Cursor Connections Specification. Ask for `nodes`, or for `edges` where each node's cursor
/// is needed.
#[Object(name_type, directive = Weight::apply(2), directive = MaxAge::apply(L::MAX_AGE_SECS))]
impl<L: Listing> Connection<L> {
    /// The nodes of this page, each with its cursor.
    async fn edges(&self) -> NowList<&Edge<L>> {
        NowList(self.edges.iter().collect())
    }

    /// The nodes of this page, without cursors.
    async fn nodes(&self) -> NowList<&L::Node> {
        NowList(self.edges.iter().map(|edge| &edge.node).collect())
    }

    /// Whether there are more pages on either side, and the cursors to go on from.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        let cursors = &ctx.request().shared.cursors;
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor_text(cursors)),
            end_cursor: self.edges.last().map(|edge| edge.cursor_text(cursors)),
        }
    }

    /// How many nodes the whole list has, over all pages. Counted only when asked for, and only up to 10,000 unless it is to be exact.
    #[graphql(directive = Weight::apply(5))]
    async fn total_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = false,
            desc = "Whether all are counted, however many there are. Costs more when it is true.",
            directive = Weight::apply(45)
        )]
        exact: bool,
    ) -> Result<Count> {
        let count = self.listing.count(ctx.request(), (!exact).then_some(MOST_COUNTED + 1)).await?;
        let is_whole = exact || count <= MOST_COUNTED;
        Ok(Count {
            count: i32::try_from(if is_whole { count } else { MOST_COUNTED }).unwrap_or(i32::MAX),
            precision: if is_whole { CountPrecision::Exact } else { CountPrecision::AtLeast },
        })
    }

    #[graphql(flatten)]
    async fn more(&self) -> L::More {
        self.listing.clone().into()
    }
}

/// What connections have that have no further fields.
#[derive(MergedObject)]
pub struct NothingMore;

impl<L: Listing> From<Arc<L>> for NothingMore {
    fn from(_: Arc<L>) -> Self {
        Self
    }
}

/// A node and its place in a list.
pub struct Edge<L: Listing> {
    listing: Arc<L>,
    node: L::Node,
}

impl<L: Listing> Edge<L> {
    fn cursor_text(&self, seal: &Seal) -> String {
        cursor::write(seal, self.listing.fingerprint(), &self.listing.position(&self.node))
    }
}

impl<L: Listing> TypeName for Edge<L> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", L::Node::type_name()).into()
    }
}

/// A node of a page together with its cursor.
#[Object(name_type, directive = Weight::apply(0), directive = MaxAge::apply(L::MAX_AGE_SECS))]
impl<L: Listing> Edge<L> {
    /// The node.
    async fn node(&self) -> Now<&L::Node> {
        Now(&self.node)
    }

    /// Where the node stands: pass it as `after` or `before` to the same list with the same filter and order.
    async fn cursor(&self, ctx: &Context<'_>) -> String {
        self.cursor_text(&ctx.request().shared.cursors)
    }
}

impl<L: Listing> AtHand for Edge<L> {
    fn is_at_hand(field: &str, below: Selected<'_>) -> bool {
        field != "node" || below.is_at_hand::<L::Node>()
    }

    fn ahead<'r>(
        edges: &mut dyn Iterator<Item = &Self>,
        selected: Selected<'_>,
        request: &'r RequestContext,
    ) -> Option<BoxFuture<'r, ()>> {
        let nodes: Vec<_> = edges.map(|edge| &edge.node).collect();
        let below = selected.each("node").into_iter();
        let ahead: Vec<_> =
            below.filter_map(|below| L::Node::ahead(&mut nodes.iter().copied(), below, request)).collect();
        (!ahead.is_empty()).then(|| join_all(ahead).map(drop).boxed())
    }
}

/// What lies around a page. Both booleans are true to fact, whichever way the list is paged through.
#[derive(SimpleObject)]
#[graphql(directive = Weight::apply(0), directive = MaxAge::apply(60))]
pub struct PageInfo {
    /// Whether nodes come before this page.
    has_previous_page: bool,
    /// Whether nodes come after this page.
    has_next_page: bool,
    /// The cursor of the first node of this page; null on an empty page.
    start_cursor: Option<String>,
    /// The cursor of the last node of this page; null on an empty page.
    end_cursor: Option<String>,
}

/// The size of a list.
#[derive(SimpleObject)]
#[graphql(directive = Weight::apply(0), directive = MaxAge::apply(60))]
pub struct Count {
    /// How many there are; with precision `AT_LEAST` there are more.
    count: i32,
    /// Whether `count` is the whole number.
    precision: CountPrecision,
}

/// How exact a count is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CountPrecision {
    /// There are exactly as many.
    Exact,
    /// There are more than this: counting ended here.
    AtLeast,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_what_lies_around_it() {
        let window =
            |backward| Window { size: 2, backward, after: None, before: None, wants_previous: true, wants_next: true };

        let forward = Page::new(vec![1, 2, 3], &window(false), false, false);
        let backward = Page::new(vec![9, 8, 7], &window(true), false, true);

        assert_eq!((forward.nodes, forward.has_previous, forward.has_next), (vec![1, 2], false, true));
        assert_eq!((backward.nodes, backward.has_previous, backward.has_next), (vec![8, 9], true, true));
    }
}
