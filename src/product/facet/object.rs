//! The GraphQL types of facets, and the field that connections of products have for them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object};

use super::choice::FacetKind;
use super::found::{Facet, FacetValue};
use super::loader::{FacetsByListing, FacetsKey};
use super::narrowing::Narrowing;
use super::written::{is_accepted, written};
use crate::error::{Error, Result};
use crate::graphql::{
    AssumedSize, AtHand, ContextExt, CountPrecision, Json, MaxAge, NowList, Selected, SizeOf, Weight,
};
use crate::product::listing::ProductListing;

/// The most values of a facet that can be asked for.
const MOST_VALUES: i32 = 50;

/// What connections of products have beside those of all.
pub struct ProductFacets(Arc<ProductListing>);

impl From<Arc<ProductListing>> for ProductFacets {
    fn from(listing: Arc<ProductListing>) -> Self {
        Self(listing)
    }
}

#[Object]
impl ProductFacets {
    /// What the whole list, over all pages, can be narrowed down by, with counts. Computed only when asked for, and only the kinds that are
    /// asked for.
    ///
    /// A facet is relaxed: it counts as if the conditions of `where` that are about it alone were not there, so the other sizes stay in
    /// sight once a size is chosen. All other conditions count, and so do conditions about several things in one `OR`. A facet without
    /// values is left out. Of options there is a facet for each name, of at most ten names.
    #[graphql(directive = Weight::apply(100), directive = SizeOf::apply("kinds"))]
    async fn facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default_with = "Kind::all()",
            desc = "Which facets, in this order. Each costs as much as one facet."
        )]
        kinds: Vec<Kind>,
        #[graphql(
            default = 10,
            desc = "The most values of each facet, from 1 to 50. Those that are selected are there in any case, and prices have at \
                    most six."
        )]
        first: i32,
    ) -> Result<NowList<ProductFacet>> {
        if !(1..=MOST_VALUES).contains(&first) {
            return Err(Error::bad_input(format!("facets first {first} is outside 1 to {MOST_VALUES}")));
        }
        let mut wanted: Vec<FacetKind> = Vec::new();
        for kind in kinds.into_iter().map(FacetKind::from) {
            if !wanted.contains(&kind) {
                wanted.push(kind);
            }
        }
        if wanted.is_empty() {
            return Ok(NowList(Vec::new()));
        }
        let key = FacetsKey { listing: (*self.0).clone(), kinds: wanted, first: first.unsigned_abs() };
        let found = ctx.request().load::<FacetsByListing>(key).await?.transpose()?.unwrap_or_default();
        let facets =
            (0..found.len()).map(|place| ProductFacet { listing: self.0.clone(), found: found.clone(), place });
        Ok(NowList(facets.collect()))
    }
}

/// What a facet is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProductFacetKind", remote = "FacetKind")]
pub enum Kind {
    /// The category that a product itself is filed under. A condition on a category with all below it is a value too while it is
    /// selected, and those below it come first.
    Category,
    /// The store that sells it.
    Store,
    /// Its lowest price: up to six ranges between round prices, each with about as many products as the others. All are in one currency:
    /// that of the price condition, or else the one that most products have.
    Price,
    /// Whether any of its skus has stock.
    Stock,
    /// Its tags.
    Tag,
    /// What can be chosen, such as the size: a facet for each option.
    Option,
}

impl Kind {
    fn all() -> Vec<Self> {
        FacetKind::ALL.map(Self::from).to_vec()
    }
}

/// One thing that a list of products can be narrowed down by.
pub struct ProductFacet {
    listing: Arc<ProductListing>,
    found: Arc<Vec<Facet>>,
    place: usize,
}

impl ProductFacet {
    fn facet(&self) -> &Facet {
        &self.found[self.place]
    }
}

/// One thing that a list of products can be narrowed down by.
#[Object(directive = Weight::apply(25), directive = MaxAge::apply(60))]
impl ProductFacet {
    /// What it is about.
    async fn kind(&self) -> Kind {
        self.facet().kind.into()
    }

    /// Its name: for an option that of the option, such as `Size`; else in English, such as `Category`.
    async fn label(&self) -> &str {
        &self.facet().label
    }

    /// Its values: prices in ascending order, of the others those first that most products have.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn values(&self) -> NowList<ProductFacetValue> {
        let values = (0..self.facet().values.len()).map(|place| ProductFacetValue {
            listing: self.listing.clone(),
            found: self.found.clone(),
            places: (self.place, place),
        });
        NowList(values.collect())
    }

    /// `AT_LEAST` when the list has over 100,000 products: the counts are then of the first 100,000 that were found.
    async fn precision(&self) -> CountPrecision {
        if self.facet().is_exact { CountPrecision::Exact } else { CountPrecision::AtLeast }
    }
}

/// One value of a facet.
pub struct ProductFacetValue {
    listing: Arc<ProductListing>,
    found: Arc<Vec<Facet>>,
    places: (usize, usize),
}

impl ProductFacetValue {
    fn value(&self) -> &FacetValue {
        &self.found[self.places.0].values[self.places.1]
    }
}

/// One value of a facet.
#[Object(directive = Weight::apply(0), directive = MaxAge::apply(60))]
impl ProductFacetValue {
    /// What to show for it: the name of a category or a store, a tag, a value of an option, a range of prices such as
    /// `10.00 – 19.99 EUR`, or `In stock` and `Sold out`.
    async fn label(&self) -> &str {
        &self.value().label
    }

    /// How many products the list would have with this value alone chosen of its facet.
    async fn count(&self) -> i32 {
        i32::try_from(self.value().count).unwrap_or(i32::MAX)
    }

    /// Whether `where` names this value in a condition about this facet alone.
    async fn selected(&self) -> bool {
        self.value().is_selected
    }

    /// A `ProductWhere` that stands for this value and nothing else: give it back as it is.
    async fn input(&self) -> Json {
        Json(written([&self.value().choice.filter()]))
    }

    /// The whole `where` of this list with this value chosen as well, beside those that are chosen of its facet; when it is selected,
    /// without it. A category takes the place of a selected one that it lies below. Give it back as it is. Null when that would be over
    /// the limits on a `where`, such as 50 conditions.
    async fn toggled(&self, ctx: &Context<'_>) -> Option<Json> {
        let FacetValue { choice, within, .. } = self.value();
        let toggled = Narrowing::of(&self.listing.filter).toggled(choice, within);
        is_accepted(&toggled, ctx.request().shared.conditions).then_some(Json(toggled))
    }
}

impl AtHand for ProductFacet {
    fn is_at_hand(_: &str, _: Selected<'_>) -> bool {
        true
    }
}

impl AtHand for ProductFacetValue {
    fn is_at_hand(_: &str, _: Selected<'_>) -> bool {
        true
    }
}
