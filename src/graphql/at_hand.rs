//! Objects whose fields are at hand are answered in one go.
//!
//! async-graphql makes a boxed future for each field and joins them, one for each item of a list and joins these: for a page of plain
//! values that is most of the work. [`Now`] and [`NowList`] stand around objects that a field returns. They load at once what the
//! fields selected will ask for, and then take each field's value as it stands ([`AtHand::part`]) or from its resolver, without leaving
//! room for waiting. The resolvers stay as they are, and so do names, order, errors and their paths. Where a selection has a field that
//! may wait for something else, async-graphql answers the object as ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::future::Future;
use std::iter;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{ContainerType, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};

use super::context::RequestContext;

/// An object that can answer at least some selections without waiting.
pub trait AtHand: ContainerType {
    /// Whether a field needs no waiting once [`ahead`](Self::ahead) is over; `below` is what is selected of its value.
    fn is_at_hand(field: &str, below: Selected<'_>) -> bool;

    /// The value of a field that is there as it stands, without the steps of a resolver: what its resolver would give. `None` for
    /// fields that are left to it, and where one that may be null has failed.
    fn part(&self, _field: &str, _below: Below<'_>) -> Option<ServerResult<Value>> {
        None
    }

    /// Loads what the fields selected of all these objects will ask for; `None` when nothing is missing.
    fn ahead<'r>(
        _objects: &mut dyn Iterator<Item = &Self>,
        _selected: Selected<'_>,
        _request: &'r RequestContext,
    ) -> Option<BoxFuture<'r, ()>> {
        None
    }
}

impl<T: AtHand> AtHand for &T {
    fn is_at_hand(field: &str, below: Selected<'_>) -> bool {
        T::is_at_hand(field, below)
    }

    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        T::part(self, field, below)
    }

    fn ahead<'r>(
        objects: &mut dyn Iterator<Item = &Self>,
        selected: Selected<'_>,
        request: &'r RequestContext,
    ) -> Option<BoxFuture<'r, ()>> {
        T::ahead(&mut objects.map(|object| &**object), selected, request)
    }
}

/// What is selected of an object.
#[derive(Clone, Copy)]
pub struct Selected<'a> {
    set: &'a SelectionSet,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
}

impl<'a> Selected<'a> {
    fn of(ctx: &ContextSelectionSet<'a>) -> Self {
        Self { set: &ctx.item.node, fragments: &ctx.query_env.fragments }
    }

    /// Whether everything that is selected of a `T` is at hand.
    pub fn is_at_hand<T: AtHand>(self) -> bool {
        let name = T::type_name();
        self.set.items.iter().all(|selection| match &selection.node {
            Selection::Field(field) => match field.node.name.node.as_str() {
                "__typename" => true,
                field_name => T::is_at_hand(field_name, self.below(field)),
            },
            fragment => self.fragment(fragment).is_some_and(|(condition, inside)| {
                condition.is_none_or(|condition| condition == name) && inside.is_at_hand::<T>()
            }),
        })
    }

    /// Whether a field is selected for which this holds.
    pub fn any(self, holds: &dyn Fn(&str, Selected<'_>) -> bool) -> bool {
        self.set.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => holds(&field.node.name.node, self.below(field)),
            fragment => self.fragment(fragment).is_some_and(|(_, inside)| inside.any(holds)),
        })
    }

    /// Whether a field of this name is selected.
    pub fn has(self, name: &str) -> bool {
        self.any(&|selected, _| selected == name)
    }

    /// What is selected of each field of this name: it may be there under several keys.
    pub fn each(self, name: &str) -> Vec<Self> {
        let mut found = Vec::new();
        for selection in &self.set.items {
            match &selection.node {
                Selection::Field(field) if field.node.name.node == name => found.push(self.below(field)),
                Selection::Field(_) => {}
                fragment => {
                    found.extend(self.fragment(fragment).into_iter().flat_map(|(_, inside)| inside.each(name)));
                }
            }
        }
        found
    }

    fn below(self, field: &'a Positioned<Field>) -> Self {
        Self { set: &field.node.selection_set.node, ..self }
    }

    /// What a fragment selects, and of which type.
    fn fragment(self, selection: &'a Selection) -> Option<(Option<&'a str>, Self)> {
        let (condition, set) = match selection {
            Selection::Field(_) => return None,
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &self.fragments.get(&spread.node.fragment_name.node)?.node;
                (Some(&fragment.type_condition), &fragment.selection_set.node)
            }
        };
        Some((condition.map(|condition| condition.node.on.node.as_str()), Self { set, ..self }))
    }
}

/// A field, where what is selected of its value is answered.
#[derive(Clone, Copy)]
pub struct Below<'a> {
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<Field>,
}

impl<'a> Below<'a> {
    pub fn request(self) -> &'a RequestContext {
        request(self.ctx)
    }

    /// The value of a field that is a text, or an id.
    pub fn text(self, text: impl Into<String>) -> Option<ServerResult<Value>> {
        Some(Ok(Value::String(text.into())))
    }

    /// The value of a field that is a number, or a yes or no.
    pub fn scalar(self, value: impl Into<Value>) -> Option<ServerResult<Value>> {
        Some(Ok(value.into()))
    }

    /// An object that is the value of the field; `None` when not all that is selected of it is at hand.
    pub fn object<T: AtHand>(self, value: &T) -> Option<ServerResult<Value>> {
        let ctx = self.ctx.with_field(self.field);
        object(value, &ctx.with_selection_set(&self.field.node.selection_set))
    }

    /// The same for a list of objects.
    pub fn list<T: AtHand>(self, values: &[T]) -> Option<ServerResult<Value>> {
        let ctx = self.ctx.with_field(self.field);
        list(values, &ctx.with_selection_set(&self.field.node.selection_set))
    }
}

/// An object that is answered in one go where that is possible.
pub struct Now<T>(pub T);

impl<T: AtHand> OutputType for Now<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let selected = Selected::of(ctx);
        if selected.is_at_hand::<T>() {
            let ahead = T::ahead(&mut iter::once(&self.0), selected, request(ctx));
            OptionFuture::from(ahead).await;
            if let Some(answered) = object(&self.0, ctx) {
                return answered;
            }
        }
        self.0.resolve(ctx, field).boxed().await
    }
}

/// A list of objects that is answered in one go where that is possible.
pub struct NowList<T>(pub Vec<T>);

impl<T: AtHand> OutputType for NowList<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let selected = Selected::of(ctx);
        if selected.is_at_hand::<T>() {
            let ahead = T::ahead(&mut self.0.iter(), selected, request(ctx));
            OptionFuture::from(ahead).await;
            if let Some(answered) = list(&self.0, ctx) {
                return answered;
            }
        }
        OutputType::resolve(&self.0, ctx, field).boxed().await
    }
}

fn request<'a>(ctx: &ContextSelectionSet<'a>) -> &'a RequestContext {
    ctx.data_unchecked::<RequestContext>()
}

/// All items; `None` when one would have to wait.
fn list<T: AtHand>(items: &[T], ctx: &ContextSelectionSet<'_>) -> Option<ServerResult<Value>> {
    let mut values = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let ctx = ctx.with_index(index);
        match object(item, &ctx)? {
            Ok(value) => values.push(value),
            Err(error) => return Some(Err(ctx.set_error_path(error))),
        }
    }
    Some(Ok(Value::List(values)))
}

/// An object with all that is selected of it; `None` when a field would have to wait.
fn object<T: AtHand>(object: &T, ctx: &ContextSelectionSet<'_>) -> Option<ServerResult<Value>> {
    let mut fields = IndexMap::with_capacity(ctx.item.node.items.len());
    Some(fill(&mut fields, object, ctx)?.map(|()| Value::Object(fields)))
}

fn fill<T: AtHand>(
    fields: &mut IndexMap<Name, Value>,
    object: &T,
    ctx: &ContextSelectionSet<'_>,
) -> Option<ServerResult<()>> {
    for selection in &ctx.item.node.items {
        let filled = match &selection.node {
            Selection::Field(field) => {
                answer(object, ctx, field)?.map(|value| merge(fields, field.node.response_key().node.clone(), value))
            }
            Selection::InlineFragment(fragment) => {
                fill(fields, object, &ctx.with_selection_set(&fragment.node.selection_set))?
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node)?;
                fill(fields, object, &ctx.with_selection_set(&fragment.node.selection_set))?
            }
        };
        if filled.is_err() {
            return Some(filled);
        }
    }
    Some(Ok(()))
}

fn answer<T: AtHand>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> Option<ServerResult<Value>> {
    let name = field.node.name.node.as_str();
    if name == "__typename" {
        return Some(Ok(Value::String(T::type_name().into_owned())));
    }
    if let Some(part) = object.part(name, Below { ctx, field }) {
        return Some(part);
    }
    let ctx = ctx.with_field(field);
    match pin!(object.resolve_field(&ctx)).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(answered) => Some(answered.map(Option::unwrap_or_default)),
        Poll::Pending => None,
    }
}

/// A key that is selected more than once has what is selected each time ("Field Selection Merging").
fn merge(fields: &mut IndexMap<Name, Value>, key: Name, value: Value) {
    let there = match fields.entry(key) {
        Entry::Vacant(place) => {
            place.insert(value);
            return;
        }
        Entry::Occupied(there) => there.into_mut(),
    };
    match (there, value) {
        (Value::Object(there), Value::Object(more)) => {
            more.into_iter().for_each(|(key, value)| merge(there, key, value));
        }
        (Value::List(there), Value::List(more)) => {
            for (there, more) in there.iter_mut().zip(more) {
                if let (Value::Object(there), Value::Object(more)) = (there, more) {
                    more.into_iter().for_each(|(key, value)| merge(there, key, value));
                }
            }
        }
        _ => {}
    }
}
