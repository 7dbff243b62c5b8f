//! The arguments `where` and `orderBy` of a list of products, and how they become a filter and an order.

use async_graphql::{Enum, ID, InputObject};

use super::filter::{Comparison, ProductFilter};
use super::listing::ProductSort;
use super::object::Status;
use super::search::Search;
use crate::error::{Error, Result};
use crate::graphql::{CurrencyCode, DateTime, Decimal, Direction, IdCodec, Kind, Weight, minor_units};

/// Which products. All conditions of one object must hold; `OR` and `AND` join further ones. A condition that is left out or
/// null does not count.
#[derive(InputObject, Default)]
pub struct ProductWhere {
    /// All of these must hold.
    #[graphql(name = "AND", directive = Weight::apply(1))]
    and: Option<Vec<ProductWhere>>,
    /// At least one of these must hold. An empty list holds for no product.
    #[graphql(name = "OR", directive = Weight::apply(1))]
    or: Option<Vec<ProductWhere>>,
    /// By store.
    store: Option<StoreCondition>,
    /// By category.
    category: Option<CategoryCondition>,
    /// By status. Without staff rights only active products are listed, whatever is asked for here.
    status: Option<StatusCondition>,
    /// By price.
    price: Option<PriceCondition>,
    /// By whether any sku has stock.
    in_stock: Option<BooleanCondition>,
    /// By the time of creation.
    created_at: Option<TimeCondition>,
}

/// A condition on the store of a product.
#[derive(InputObject)]
pub struct StoreCondition {
    /// This store.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<ID>,
    /// One of these stores, at most 100. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<ID>>,
}

/// A condition on the category of a product.
#[derive(InputObject)]
pub struct CategoryCondition {
    /// This category.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<ID>,
    /// One of these categories, at most 100. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<ID>>,
    /// Whether products of the categories below count as well.
    #[graphql(default = true)]
    include_descendants: bool,
}

/// A condition on the status of a product.
#[derive(InputObject)]
pub struct StatusCondition {
    /// This status.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<Status>,
    /// One of these statuses. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<Status>>,
}

/// A range of prices in one currency. A product is compared by its lowest price; one without skus has none and is never found.
#[derive(InputObject)]
pub struct PriceCondition {
    /// The currency of the bounds; products of stores with another currency are not found.
    #[graphql(directive = Weight::apply(1))]
    currency_code: CurrencyCode,
    /// At least this much.
    #[graphql(directive = Weight::apply(1))]
    gte: Option<Decimal>,
    /// At most this much.
    #[graphql(directive = Weight::apply(1))]
    lte: Option<Decimal>,
}

/// A condition on a yes or no.
#[derive(InputObject)]
pub struct BooleanCondition {
    /// This answer.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<bool>,
}

/// A range of times.
#[derive(InputObject)]
pub struct TimeCondition {
    /// Later than this.
    #[graphql(directive = Weight::apply(1))]
    gt: Option<DateTime>,
    /// At this time or later.
    #[graphql(directive = Weight::apply(1))]
    gte: Option<DateTime>,
    /// Earlier than this.
    #[graphql(directive = Weight::apply(1))]
    lt: Option<DateTime>,
    /// At this time or earlier.
    #[graphql(directive = Weight::apply(1))]
    lte: Option<DateTime>,
}

/// By what products are ordered, and which way.
#[derive(InputObject)]
pub struct ProductOrder {
    /// By what.
    field: ProductOrderField,
    /// Which way. Left out: newest first for `CREATED_AT`, best first for `RELEVANCE`, ascending for the others.
    direction: Option<Direction>,
}

/// What products can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ProductOrderField {
    /// The time of creation: newest first, unless told otherwise. This is the order when none is asked for and nothing is searched for.
    CreatedAt,
    /// The name, in the order of Unicode characters, with A to Z taken as a to z.
    Name,
    /// The lowest price, compared as a number in minor units whatever the currency; products without skus count as the dearest.
    Price,
    /// How well they match the text that is searched for: best first, unless told otherwise. Each word counts by where it is: most as a whole
    /// word of the name, then as the beginning of one, then in the tags, least in the description; of equals the newest come first. Only
    /// with a text to search for, and then the order when none is asked for.
    Relevance,
}

impl ProductOrder {
    /// The column of the order, and whether it runs downwards.
    pub fn resolve(order: Option<&Self>, search: Option<&Search>) -> Result<(ProductSort, bool)> {
        let Some(order) = order else {
            return Ok((if search.is_some() { ProductSort::Relevance } else { ProductSort::CreatedAt }, true));
        };
        let (sort, usually_descending) = match order.field {
            ProductOrderField::CreatedAt => (ProductSort::CreatedAt, true),
            ProductOrderField::Name => (ProductSort::Name, false),
            ProductOrderField::Price => (ProductSort::Price, false),
            ProductOrderField::Relevance if search.is_none() => {
                return Err(Error::bad_input("orderBy RELEVANCE needs a text in search"));
            }
            ProductOrderField::Relevance => (ProductSort::Relevance, true),
        };
        Ok((sort, order.direction.map_or(usually_descending, |direction| direction == Direction::Desc)))
    }
}

impl ProductWhere {
    /// The filter; a condition that makes no sense is BAD_USER_INPUT.
    pub fn resolve(condition: Option<&Self>, ids: &IdCodec) -> Result<ProductFilter> {
        condition.map_or_else(|| Ok(ProductFilter::All(Vec::new())), |condition| condition.filter(ids))
    }

    fn filter(&self, ids: &IdCodec) -> Result<ProductFilter> {
        let mut all = Vec::new();
        if let Some(store) = &self.store {
            all.extend(keys(ids, Kind::Store, &store.eq, &store.one_of)?.into_iter().map(ProductFilter::Store));
        }
        if let Some(category) = &self.category {
            let found = keys(ids, Kind::Category, &category.eq, &category.one_of)?;
            let with_descendants = category.include_descendants;
            all.extend(found.into_iter().map(|ids| ProductFilter::Category { ids, with_descendants }));
        }
        if let Some(status) = &self.status {
            all.extend(status.eq.map(|status| ProductFilter::Status(vec![status.into()])));
            if let Some(statuses) = &status.one_of {
                all.push(ProductFilter::Status(statuses.iter().map(|status| (*status).into()).collect()));
            }
        }
        if let Some(price) = &self.price {
            all.extend(price.filters()?);
        }
        if let Some(in_stock) = &self.in_stock {
            all.extend(in_stock.eq.map(ProductFilter::InStock));
        }
        if let Some(created_at) = &self.created_at {
            all.extend(created_at.filters()?);
        }
        for (joined, any) in [(&self.and, false), (&self.or, true)] {
            let Some(joined) = joined else { continue };
            let parts = joined.iter().map(|part| part.filter(ids)).collect::<Result<Vec<_>>>()?;
            all.push(if any { ProductFilter::Any(parts) } else { ProductFilter::All(parts) });
        }
        Ok(ProductFilter::All(all))
    }
}

impl PriceCondition {
    fn filters(&self) -> Result<Vec<ProductFilter>> {
        let currency = self.currency_code.0;
        let bound = |name: &str, amount: Option<Decimal>| {
            amount
                .map(|amount| {
                    minor_units(amount.0, currency).map_err(|text| Error::bad_input(format!("price {name} {text}")))
                })
                .transpose()
        };
        let (from, to) = (bound("gte", self.gte)?, bound("lte", self.lte)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
            && let (Some(gte), Some(lte)) = (self.gte, self.lte)
        {
            return Err(Error::bad_input(format!("price range is turned round: gte {} is over lte {}", gte.0, lte.0)));
        }
        let mut filters = vec![ProductFilter::Currency(currency.code().to_owned())];
        filters.extend(from.map(|from| ProductFilter::Price(Comparison::AtLeast, from)));
        filters.extend(to.map(|to| ProductFilter::Price(Comparison::AtMost, to)));
        Ok(filters)
    }
}

impl TimeCondition {
    fn filters(&self) -> Result<Vec<ProductFilter>> {
        let (from, to) = (self.gt.max(self.gte), self.lt.into_iter().chain(self.lte).min());
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Error::bad_input(format!(
                "createdAt range is turned round: {} is later than {}",
                from.0, to.0
            )));
        }
        let bounds = [
            (Comparison::Greater, self.gt),
            (Comparison::AtLeast, self.gte),
            (Comparison::Less, self.lt),
            (Comparison::AtMost, self.lte),
        ];
        Ok(bounds
            .into_iter()
            .filter_map(|(comparison, time)| Some(ProductFilter::Created(comparison, time?.0)))
            .collect())
    }
}

fn keys(ids: &IdCodec, kind: Kind, eq: &Option<ID>, one_of: &Option<Vec<ID>>) -> Result<Vec<Vec<uuid::Uuid>>> {
    let mut found = Vec::new();
    if let Some(id) = eq {
        found.push(vec![ids.expect(kind, id)?]);
    }
    if let Some(list) = one_of {
        found.push(list.iter().map(|id| ids.expect(kind, id)).collect::<Result<_>>()?);
    }
    Ok(found)
}
