//! Names of products for whoever is still typing.

use std::collections::HashSet;

use async_graphql::{Context, Object, SimpleObject};

use super::{Search, Term, fold};
use crate::error::{Error, Result};
use crate::graphql::{ContextExt, MaxAge, RequestContext, SizeOf, Weight};
use crate::product::listing::Visible;
use crate::product::loader::{ProductById, Suggested, SuggestedProducts};
use crate::product::object::{Product, depth};

/// The most suggestions that are given.
const MOST: usize = 20;

/// What may be meant by a text that is still being typed.
#[derive(SimpleObject)]
#[graphql(directive = MaxAge::apply(60))]
pub struct ProductSuggestion {
    /// What to search for: the name of a product.
    text: String,
    /// A product of that name.
    product: Product,
}

#[derive(Default)]
pub struct SuggestionQuery;

#[Object]
impl SuggestionQuery {
    /// Names of products on sale that a text may be the beginning of, each once: for typing ahead. The last word counts from its first
    /// letter on, the others from the third, as in a search. Names that begin with the text come first, then shorter ones. Empty when the text
    /// has neither letters nor digits.
    #[graphql(directive = SizeOf::apply("first"), directive = Weight::apply(5))]
    async fn product_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What has been typed, at most 200 characters and 20 words.")] text: String,
        #[graphql(default = 5, desc = "How many, at most 20.")] first: i32,
    ) -> Result<Vec<ProductSuggestion>> {
        let request = ctx.request();
        let most = usize::try_from(first).ok().filter(|first| *first <= MOST);
        let most = most.ok_or_else(|| Error::bad_input(format!("first is {first}, must be from 0 to {MOST}")))?;
        let Some(mut search) = Search::parse("text", &text)? else { return Ok(Vec::new()) };
        search.last_is_beginning();
        let mut found = Vec::new();
        if !search.terms.is_empty() && most > 0 {
            found = names(request, &search, most).await?;
            if found.is_empty() {
                search.correct(request, Visible::ActiveOnly).await?;
                if search.terms.iter().any(|term| !term.instead.is_empty()) {
                    found = names(request, &search, most).await?;
                }
            }
        }
        let depth = depth(ctx.look_ahead().field("product"));
        let keys: Vec<_> = found.iter().map(|suggested| ProductById::key(suggested.id, depth)).collect();
        if let Some(ahead) = request.ahead::<ProductById>(keys.clone()) {
            ahead.await;
        }
        let mut suggestions = Vec::with_capacity(keys.len());
        for (key, suggested) in keys.into_iter().zip(found) {
            let product = Product::fetch(request, key).await?;
            suggestions.extend(product.map(|product| ProductSuggestion { text: suggested.name, product }));
        }
        Ok(suggestions)
    }
}

/// The best of the names that match.
async fn names(request: &RequestContext, search: &Search, most: usize) -> Result<Vec<Suggested>> {
    let mut found = request.load::<SuggestedProducts>(search.clone()).await?.unwrap_or_default();
    let typed: Vec<&str> = search.terms.iter().flat_map(|term| &term.words).map(String::as_str).collect();
    let typed = typed.join(" ");
    found.sort_by_cached_key(|suggested| {
        let name: Vec<String> = fold::terms(&suggested.name).into_iter().flatten().collect();
        let name = name.join(" ");
        (!name.starts_with(&typed), name.chars().count(), suggested.name.clone(), suggested.id)
    });
    let mut names = HashSet::new();
    found.retain(|suggested| names.insert(suggested.name.to_lowercase()));
    found.truncate(most);
    Ok(found)
}

impl Search {
    /// The last word is still being typed.
    fn last_is_beginning(&mut self) {
        if let Some(Term { words, is_beginning, .. }) = self.terms.last_mut() {
            *is_beginning = words.len() == 1;
        }
    }
}
